import type { CloudFailure } from '../errors/cloud-error.js';

export type RetryVerdict =
  | { readonly retry: false; readonly because: string }
  /** `because` says what is hoped to have passed by then. */
  | { readonly retry: true; readonly afterMs: number; readonly because?: string | undefined };

/**
 * Whether, and when, a failed call is made again. Pure: chance comes in as `random` (0 ≤ x < 1).
 *
 * `attempt` is 1 for the first failure. A call that changes something is never simply made again when the service may
 * have acted on it: the library then looks for what it did first, and the policy decides about the looking.
 */
export type RetryPolicy = (failure: CloudFailure, attempt: number, random: () => number) => RetryVerdict;
