import type { FailedAttempt } from '../policies/cloud-call.js';
import type { RetryBudgetOptions } from '../policies/retry-budget.js';
import type { RetryPolicy } from '../policies/retry.js';
import type { TimeoutPolicy } from '../policies/timeout.js';
import type { Clock } from '../ports/clock.js';
import type { RateGate as SpotLimits } from './rate-gate.js';

/** How Spot is reached. Everything may be left out. */
export interface SpotClientOptions {
  /**
   * Spot API token. A function is asked afresh for every call, and once more when Spot refuses what it
   * gave, so that the token may rotate.
   * @defaultValue `SPOTINST_TOKEN`, then `token` in `~/.spotinst/credentials`
   */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /**
   * Spot account, `act-…`. Without one Spot takes the oldest account of the organisation.
   * @defaultValue `SPOTINST_ACCOUNT`, then `account` in `~/.spotinst/credentials`
   */
  readonly accountId?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
  /** Another address than Spot's, for tests and gateways. @defaultValue `SPOTINST_BASE_URL`, then `https://api.spotinst.io` */
  readonly baseUrl?: string | undefined;
  /**
   * Unit in which Spot takes the timeout of a deployment mode: its guide says seconds, its examples look like minutes.
   * @defaultValue `seconds`
   */
  readonly modeTimeoutUnit?: 'seconds' | 'minutes' | undefined;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock | undefined;
  /** Chance between 0 and 1, for the pauses between attempts. @defaultValue the system's */
  readonly random?: (() => number) | undefined;
  /** Whether, and when, a failed call is made again. @defaultValue `exponentialBackoff()` */
  readonly retry?: RetryPolicy | undefined;
  /** What all calls together may spend on retries; `false` for no limit. @defaultValue 100 retries, and a fifth of one for each answer */
  readonly retryBudget?: RetryBudgetOptions | false | undefined;
  /** What Spot allows: the same for all that call for one organisation. @defaultValue one of its own */
  readonly limits?: SpotLimits | undefined;
  /** How long one attempt may take. @defaultValue `fixedTimeouts()` */
  readonly timeouts?: TimeoutPolicy | undefined;
  /** Told of every failed attempt, with the reason why it is, or is not, made again. */
  readonly onFailedAttempt?: ((attempt: FailedAttempt) => void) | undefined;
}
