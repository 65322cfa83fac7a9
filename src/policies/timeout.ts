import type { LifecycleStage } from '../engine/stages.js';
import type { BlueGreenErrorJson } from '../errors/blue-green-error.js';

/** What a timeout is asked for. `derivedMs` is what the library would choose; for a stage that is no limit, `Infinity`. */
export type TimeoutQuestion =
  | { readonly scope: 'call'; readonly service: string; readonly operation: string; readonly derivedMs: number }
  | { readonly scope: 'step'; readonly stepId: string; readonly derivedMs: number }
  /** All steps of a lifecycle stage together, from the start of the first one on. */
  | { readonly scope: 'stage'; readonly stage: LifecycleStage; readonly derivedMs: number }
  | { readonly scope: 'rollout'; readonly kind: string; readonly derivedMs: number };

/** How long something may take, in milliseconds. Pure. */
export type TimeoutPolicy = (question: TimeoutQuestion) => number;

/**
 * What becomes of a rollout whose time is up. `rollback` takes the release back; past the pivot, where that cannot be, it is
 * `fail`. `fail` stops, touches nothing, and ends `failed` with a receipt of what stands. `hold` suspends: `resume` goes on with
 * a new budget.
 */
export type TimeoutAction = 'rollback' | 'fail' | 'hold';

/** A time that was up: of a step, of a stage, or of the whole rollout. */
export interface TimedOut {
  readonly rolloutId: string;
  readonly kind: string;
  readonly scope: 'step' | 'stage' | 'rollout';
  /** The step that was waiting; absent where the time of the whole rollout is up. */
  readonly stepId?: string;
  /** Its stage. */
  readonly stage?: LifecycleStage;
  /** Whether blue can no longer carry the load: then nothing is taken back. */
  readonly pivotPassed: boolean;
  /** How often this rollout has been held before. */
  readonly timesHeld: number;
  /** What was seen until then, how often, and last. */
  readonly error: BlueGreenErrorJson;
}

/** Decides what becomes of a rollout whose time is up. It has half a minute; a throw, silence or another answer mean `rollback`. */
export type OnTimeout = (timedOut: TimedOut) => TimeoutAction | Promise<TimeoutAction>;
