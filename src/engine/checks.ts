import type { Duration } from '../policies/duration.js';
import type { HookContext, HookFacts } from './hooks.js';

/** `fail` may take the release back, `wait` only holds up the end of a bake. */
export type CheckAnswer = 'pass' | 'fail' | 'wait';

/** What a check is told. */
export interface CheckContext extends HookFacts, Pick<HookContext, 'rolloutId' | 'signal' | 'logger'> {
  /** The same at every call of this check in this rollout. */
  readonly key: string;
  readonly name: string;
}

/** A question that is asked again and again while green takes over the traffic. */
export interface Check {
  /** Stands in the journal; unique among the checks. */
  readonly name: string;
  /** A throw is a failure, with its message; so is no answer in time. Asked again after a resume: it must only look. */
  readonly run: (context: CheckContext) => CheckAnswer | Promise<CheckAnswer>;
  /**
   * The time from an answer to the next question, at least a second.
   * @defaultValue '30s'
   */
  readonly interval?: Duration | undefined;
  /**
   * So many failures without a `pass` between them take the release back.
   * @defaultValue 1
   */
  readonly failureLimit?: number | undefined;
  /**
   * How long one answer is waited for, from a millisecond to two minutes: nothing else is looked at meanwhile.
   * @defaultValue '30s'
   */
  readonly timeout?: Duration | undefined;
}

/** A check with every default in place. */
export interface GivenCheck {
  readonly name: string;
  readonly run: Check['run'];
  readonly intervalMs: number;
  readonly failureLimit: number;
  readonly timeoutMs: number;
}

/** What a check has said so far. */
export interface CheckOutcome {
  readonly name: string;
  readonly latest: CheckAnswer;
  /** Why the latest answer is a failure, where that is known. */
  readonly because?: string | undefined;
  /** Failures since the last `pass`. */
  readonly failures: number;
  /** The most of them that there ever were. */
  readonly mostFailures: number;
  readonly failureLimit: number;
  /** Engine time. */
  readonly nextAt: number;
}
