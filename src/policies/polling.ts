/**
 * How far work has come that is done in stretches, one after another, such as CodeDeploy's lifecycle events. As few as they
 * may be: where instances go side by side, the slowest one's.
 */
export interface PollingProgress {
  /** How many are over, and how many are not, on all instances together. */
  readonly done: number;
  readonly toDo: number;
  /** How many have to begin yet, one after another, at the least: with none the end may come at any moment. */
  readonly ahead: number;
  /** How long what is under way has taken so far, in milliseconds; 0 where nothing is. */
  readonly presentMs: number;
  /** What a short stretch has taken here: the lower quartile of those that are over. Absent while none is. */
  readonly typicalMs?: number | undefined;
  /** What is left of a wait whose length a setting tells, such as a deregistration delay, under way or ahead; else 0. */
  readonly waitLeftMs: number;
}

/** What is known when the next look at a cloud is to be planned. */
export interface PollingQuestion {
  readonly stepId: string;
  /** Number of looks so far, at least 1. */
  readonly looks: number;
  readonly elapsedMs: number;
  /** Since the last look that saw something new. */
  readonly sinceChangeMs: number;
  readonly remainingMs: number;
  /** The end, or a failure, may be near: a late look costs users. */
  readonly urgent: boolean;
  /** Nothing is under way: somebody's answer, or time itself, is waited for. Answers are noticed without a look. */
  readonly holding: boolean;
  /** Absent where nothing tells how far away the end is. */
  readonly progress?: PollingProgress | undefined;
}

/** How long to wait before looking again, in milliseconds. Pure: chance comes in as `random` (0 ≤ x < 1). */
export type PollingPolicy = (question: PollingQuestion, random: () => number) => number;
