import type { OperationState } from './rollout-state.js';

/** By how much an intent, and what a guard has seen, may be older than the request that goes out for them. */
export const FRESH_MS = 5_000;

/**
 * Engine time from which on *absent* means that the call was not acted upon: what it made may be listed late, and a former
 * sender may still have had a request under way.
 */
export function absenceCountsAt(
  { intendedAt, settleMs, driver: sender }: Pick<OperationState, 'intendedAt' | 'settleMs' | 'driver'>,
  driver: string | undefined,
  formerSenderMs: number,
): number {
  return intendedAt + FRESH_MS + settleMs + (sender === driver ? 0 : formerSenderMs);
}
