import type { LifecycleStage } from './stages.js';

/** What a plan foresees once its first looks are done: for showing, never for driving. */
export interface Outlook {
  /** Empty where they are not known before the first looks are done. */
  readonly greenTags: Readonly<Record<string, string>>;
  /** The clouds' own limit for the whole, in milliseconds. */
  readonly modeTimeoutMs?: number;
  /** How many instances are to stand beside blue: from the end of one step, by its id, to the end of another. */
  readonly extraInstances?: { readonly count: number; readonly after: string; readonly until: string };
  /** Whether a no counts at a stage, and why not; undefined while the first looks are not done. */
  readonly holding: (
    stage: LifecycleStage,
  ) => { readonly holds: true } | { readonly holds: false; readonly because: string } | undefined;
  /** How long a stage can be held before a limit of a cloud's comes near, in milliseconds; undefined: without end. */
  readonly heldAtMostMs: (stage: LifecycleStage) => number | undefined;
}

/** Something in a cloud that a rollout set up and that still stands there. */
export interface Leftover {
  /** In words, such as `green instance` or `deployment mode`. */
  readonly what: string;
  /** Its id, or the id of what it belongs to. */
  readonly subject: string;
  /** Epoch milliseconds at which the rollout set it up, as far as its journal tells. */
  readonly since: number;
  /** Healthy in a production target group now. */
  readonly serving: boolean;
  readonly remedy: string;
}
