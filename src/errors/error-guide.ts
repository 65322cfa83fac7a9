/**
 * How what was called may end with an error. `usage` and `error`: the call itself rejects, and there is no result; what was
 * given is wrong, or the work could not be done. The others are outcomes of a rollout that carries the error.
 */
export type ErrorEnding = 'usage' | 'error' | 'refused' | 'rolled-back' | 'failed' | 'suspended';

/** What somebody who meets an error for the first time has to know besides its meaning. */
export interface ErrorGuide {
  /** What brings it about, in one sentence. */
  readonly provokedBy: string;
  /** What to look at and which commands to run, in order; Markdown. */
  readonly check: readonly string[];
  /** What `details` holds, by the name of the field. */
  readonly facts: Readonly<Record<string, string>>;
  readonly endings: readonly ErrorEnding[];
  /** Who must act, where the blame alone would send nobody, or the wrong one. @defaultValue what the blame says */
  readonly who?: string;
  /**
   * `result`: by the call that rejects, or as the `error` of the result. `way-back`: by the event `step:run:failed` and the
   * report; the result keeps the error that the release was taken back for.
   * @defaultValue 'result'
   */
  readonly told?: 'result' | 'way-back';
}
