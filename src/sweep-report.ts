import type { BlueGreenErrorJson } from './errors/blue-green-error.js';
import type { Outcome } from './engine/journal.js';
import type { Receipt } from './engine/receipt.js';

/** What `sweep` may do. */
export interface SweepOptions {
  /**
   * True: only looks. False: takes every unfinished rollout that nobody drives back, by its own rules, and frees what
   * ended rollouts still hold in the store.
   * @defaultValue true
   */
  readonly dryRun?: boolean | undefined;
}

/** Something that a rollout left behind. */
export interface SweepLeftover {
  /**
   * `rollout`: one that has not ended and that nobody drives. Else what stands in a cloud, such as `green instance`,
   * `deployment mode`, `CodeDeploy deployment` or `suspended process`; or in the store, `target lock` or `lease`.
   */
  readonly what: string;
  /** Its id, or the id of what it belongs to. */
  readonly subject: string;
  readonly rolloutId: string;
  /** ISO time since which it has stood there, as far as the journal tells. */
  readonly since?: string;
  readonly ageMs?: number;
  /** The driver that drove the rollout last; absent where there never was one. */
  readonly owner?: string;
  /** Healthy in a production target group now: users are served by it. */
  readonly serving: boolean;
  /** What to do about it. */
  readonly remedy: string;
}

/** A rollout that the sweep drove to its end, or as far as it got. */
export interface SweptRollout {
  readonly rolloutId: string;
  readonly outcome: Outcome;
  readonly receipt: Receipt;
  readonly error?: BlueGreenErrorJson;
}

/** What dead rollouts left, as plain JSON. */
export interface SweepReport {
  readonly dryRun: boolean;
  /** ISO time at which the sweep began. */
  readonly at: string;
  /** What was found, before anything was done about it: oldest rollout first. */
  readonly leftovers: readonly SweepLeftover[];
  /** Ids of rollouts that somebody drives: they were left alone. */
  readonly alive: readonly string[];
  /** Rollouts that were taken back, or driven forward where the pivot was passed. Empty in a dry run. */
  readonly swept: readonly SweptRollout[];
  /** Locks and leases that were freed. Empty in a dry run. */
  readonly freed: ReadonlyArray<{
    readonly what: 'target lock' | 'lease';
    readonly subject: string;
    readonly rolloutId: string;
  }>;
}
