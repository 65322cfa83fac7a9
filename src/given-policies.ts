import { BlueGreenError } from './errors/blue-green-error.js';
import type { Json } from './internal/json.js';
import { refuseUnknown } from './option-checks.js';
import type { BlueGreenOptions } from './options.js';
import { adaptivePolling } from './policies/adaptive-polling.js';
import { exponentialBackoff, type ExponentialBackoffOptions } from './policies/exponential-backoff.js';
import { fixedPolling, type FixedPollingOptions } from './policies/fixed-polling.js';
import { fixedTimeouts, type FixedTimeoutsOptions } from './policies/fixed-timeouts.js';
import type { PollingPolicy } from './policies/polling.js';
import type { RetryPolicy } from './policies/retry.js';
import type { TimeoutPolicy } from './policies/timeout.js';

const TIMEOUTS = ['call', 'steps', 'step', 'stages', 'rollout'] as const satisfies (keyof FixedTimeoutsOptions)[];
const POLLING = ['every', 'urgent', 'holding'] as const satisfies (keyof FixedPollingOptions)[];
const RETRY = [
  'attempts',
  'firstDelay',
  'factor',
  'maxDelay',
  'jitter',
  'rules',
] as const satisfies (keyof ExponentialBackoffOptions)[];

/** @throws OPTIONS_INVALID, naming the member of `timeouts` */
export function givenTimeouts({ timeouts: given }: BlueGreenOptions): TimeoutPolicy {
  if (typeof given === 'function') return given;
  return inItsWords('timeouts', 'fixedTimeouts', TIMEOUTS, given, () => fixedTimeouts(given));
}

/** @throws OPTIONS_INVALID, naming the member of `retry` */
export function givenRetry({ retry: given }: BlueGreenOptions): RetryPolicy {
  if (typeof given === 'function') return given;
  return inItsWords('retry', 'exponentialBackoff', RETRY, given, () => exponentialBackoff(given));
}

/** @throws OPTIONS_INVALID, naming the member of `polling` */
export function givenPolling({ polling: given }: BlueGreenOptions): PollingPolicy {
  if (typeof given === 'function') return given;
  if (given === undefined) return adaptivePolling();
  return inItsWords('polling', 'fixedPolling', POLLING, given, () => fixedPolling(given));
}

/** Whoever wrote plain options has never heard of the function that reads them. */
function inItsWords<T>(
  option: string,
  reader: string,
  known: readonly string[],
  given: object | undefined,
  read: () => T,
): T {
  if (given !== undefined) refuseUnknown(option, given, known);
  try {
    return read();
  } catch (error) {
    if (!BlueGreenError.is(error)) throw error;
    const named = (text: string): string => text.replaceAll(reader, option);
    const details = JSON.parse(named(JSON.stringify(error.details ?? null))) as Json;
    throw new BlueGreenError(error.code, named(error.message), { details });
  }
}
