import type { AwsOptions } from './aws/aws-clients.js';
import type { Check } from './engine/checks.js';
import type { RolloutEvent } from './events/events.js';
import type { Hooks } from './hooks/given-hooks.js';
import type { AwsLimits } from './policies/aws-limits.js';
import type { ExponentialBackoffOptions } from './policies/exponential-backoff.js';
import type { FixedPollingOptions } from './policies/fixed-polling.js';
import type { FixedTimeoutsOptions } from './policies/fixed-timeouts.js';
import type { PollingPolicy } from './policies/polling.js';
import type { RetryBudgetOptions } from './policies/retry-budget.js';
import type { RetryPolicy } from './policies/retry.js';
import type { OnTimeout, TimeoutAction, TimeoutPolicy } from './policies/timeout.js';
import type { Clock } from './ports/clock.js';
import type { Logger } from './ports/logger.js';
import type { RolloutStore } from './ports/rollout-store.js';
import type { RateGate as SpotLimits } from './spot/rate-gate.js';
import type { SpotClientOptions } from './spot/spot-client-options.js';

/** How the library works, whatever it releases. Everything may be left out. */
export interface BlueGreenOptions {
  /** How Spot is reached. @defaultValue its credentials from the environment, then `~/.spotinst/credentials` */
  readonly spot?: Pick<SpotClientOptions, 'token' | 'accountId' | 'baseUrl' | 'modeTimeoutUnit'> | undefined;
  /** How AWS is reached. @defaultValue the AWS SDK's own chain */
  readonly aws?: AwsOptions | undefined;
  /** Where rollouts are kept. @defaultValue a `MemoryStore`, with a warning event: nothing to resume from */
  readonly store?: RolloutStore | undefined;
  /** How long calls, steps, stages and the whole rollout may take. @defaultValue what the library derives from the spec and the clouds */
  readonly timeouts?: TimeoutPolicy | FixedTimeoutsOptions | undefined;
  /**
   * What becomes of a rollout when a time of the library's own is up: of a step, a stage, or the whole rollout. `rollback` takes the
   * release back. `fail` stops, touches nothing, and ends `failed` with a receipt of what stands. `hold` suspends, and `resume` goes on
   * with a new budget. A function is asked each time. Past the pivot nothing is taken back: there `rollback` is `fail`.
   * @defaultValue 'rollback'
   */
  readonly onTimeout?: TimeoutAction | OnTimeout | undefined;
  /** Whether, and when, a failed call is made again. @defaultValue `exponentialBackoff()` */
  readonly retry?: RetryPolicy | ExponentialBackoffOptions | undefined;
  /**
   * What all calls to a service together may spend on retries, whatever `retry` says; `false` for no limit.
   * @defaultValue 100 retries for each service, and a fifth of one for each answer
   */
  readonly retryBudget?: RetryBudgetOptions | false | undefined;
  /**
   * What the clouds allow, where several instances of a process share it: `aws` for all that call for the same account and
   * region, `spot` for all that call for the same organisation.
   * @defaultValue an `AwsLimits` and a `SpotLimits` of its own, shared by all rollouts of this instance
   */
  readonly limits?: { readonly aws?: AwsLimits | undefined; readonly spot?: SpotLimits | undefined } | undefined;
  /** How often a cloud is looked at while something is waited for. @defaultValue `adaptivePolling()` */
  readonly polling?: PollingPolicy | FixedPollingOptions | undefined;
  /**
   * Functions that are asked, or told, at a lifecycle stage. Each is called at least once, with the same `key`. One marked
   * `veto` is refused where the release could not be stopped.
   * @defaultValue none
   */
  readonly hooks?: Hooks | undefined;
  /**
   * Functions that guard a release like alarms: asked again and again from the first move of production traffic to the end
   * of the bake. One that fails takes the release back; the bake is not over before each says `pass`.
   * @defaultValue none
   */
  readonly checks?: readonly Check[] | undefined;
  /** Told of every event of every rollout of this instance. What it throws is logged, and changes nothing. */
  readonly onEvent?: ((event: RolloutEvent) => void) | undefined;
  /**
   * Gets the text and the facts of every event, at its level, through a child of its own for each rollout where it has
   * `child`; `false` for none. What it throws changes nothing.
   * @defaultValue the console, for warnings and errors alone; none where there is an `onEvent`
   */
  readonly logger?: Logger | false | undefined;
  /** Where time comes from. @defaultValue the system's */
  readonly clock?: Clock | undefined;
  /** Chance between 0 and 1. @defaultValue the system's */
  readonly random?: (() => number) | undefined;
  /** Makes ids of rollouts and of drivers. @defaultValue `bg-` and twelve letters and digits */
  readonly newId?: (() => string) | undefined;
}

/** What is said about a plan. */
export interface PlanOptions {
  /**
   * The id that the rollout is to have: green's tag may carry it.
   * @defaultValue a new one
   */
  readonly id?: string | undefined;
}

/** What is said about one rollout when it is started or resumed. */
export interface CallOptions {
  /**
   * The rollout's id, and an idempotency key: the same id with the same spec attaches to the rollout that exists.
   * Up to 64 letters, digits, dots, dashes and underscores.
   * @defaultValue a new one
   */
  readonly id?: string | undefined;
  /** Ends this process's part in the rollout; `onSignal` says how. */
  readonly signal?: AbortSignal | undefined;
  /**
   * What `signal` means: `suspend` stops this process's driving, `abort` takes the release back.
   * @defaultValue 'suspend', or 'abort' where the store keeps nothing beyond this process
   */
  readonly onSignal?: 'suspend' | 'abort' | undefined;
  /**
   * Told of every event of this rollout. What it throws is logged, and changes nothing. Whoever attaches to a rollout that this
   * instance drives already is told nothing: `events()` of what `start` answers tells it.
   */
  readonly onEvent?: ((event: RolloutEvent) => void) | undefined;
  /** Names of hooks, checks and policies that a resume may do without. @defaultValue none */
  readonly allowMissing?: readonly string[] | undefined;
}
