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
}

/** How long to wait before looking again, in milliseconds. Pure: chance comes in as `random` (0 ≤ x < 1). */
export type PollingPolicy = (question: PollingQuestion, random: () => number) => number;
