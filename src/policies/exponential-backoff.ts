import type { CloudFailure } from '../errors/cloud-error.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import { parseDuration, type Duration } from './duration.js';
import type { RetryPolicy } from './retry.js';

const JITTERS = ['full', 'none'] as const;

export interface ExponentialBackoffOptions {
  /**
   * How many times a call is made in all, the first one included; 1 or more.
   * @defaultValue 6
   */
  readonly attempts?: number | undefined;
  /**
   * The pause after the first failure.
   * @defaultValue '500ms'
   */
  readonly firstDelay?: Duration | undefined;
  /**
   * What each pause is multiplied by to give the next one; 1 or more.
   * @defaultValue 2
   */
  readonly factor?: number | undefined;
  /**
   * No pause is longer, unless the service itself asks for it.
   * @defaultValue '20s'
   */
  readonly maxDelay?: Duration | undefined;
  /**
   * `full` waits anything between nothing and the pause, so that many callers do not come back together; `none` waits
   * the pause exactly.
   * @defaultValue 'full'
   */
  readonly jitter?: (typeof JITTERS)[number] | undefined;
}

const DEFAULTS = Object.freeze({ attempts: 6, firstDelay: '500ms', factor: 2, maxDelay: '20s', jitter: 'full' });

/** An answer that cannot be understood is seldom better the third time. */
const MALFORMED_ATTEMPTS = 3;

/**
 * Retries what may pass by itself (throttling, a service that fails or does not answer), with growing pauses.
 *
 * What is refused, denied or not found is never tried again. A `Retry-After` of the service is always respected.
 *
 * @throws OPTIONS_INVALID
 * @example
 * ```ts
 * import { BlueGreen, exponentialBackoff } from 'elastigroup-bluegreen';
 * const blueGreen = new BlueGreen({ retry: exponentialBackoff({ attempts: 8, maxDelay: '30s' }) });
 * await blueGreen.close();
 * ```
 */
export function exponentialBackoff(options: ExponentialBackoffOptions = {}): RetryPolicy {
  const attempts = options.attempts ?? DEFAULTS.attempts;
  const factor = options.factor ?? DEFAULTS.factor;
  const jitter = options.jitter ?? DEFAULTS.jitter;
  const firstDelayMs = parseDuration(options.firstDelay ?? DEFAULTS.firstDelay, 'exponentialBackoff.firstDelay');
  const maxDelayMs = parseDuration(options.maxDelay ?? DEFAULTS.maxDelay, 'exponentialBackoff.maxDelay');
  if (!Number.isSafeInteger(attempts) || attempts < 1) refuse('attempts', attempts, 'a whole number from 1 up');
  if (!Number.isFinite(factor) || factor < 1) refuse('factor', factor, 'a number from 1 up');
  if (!JITTERS.some((known) => known === jitter)) refuse('jitter', jitter, "'full' or 'none'");
  if (firstDelayMs > maxDelayMs) {
    refuse('firstDelay', `${firstDelayMs} ms`, `at most exponentialBackoff.maxDelay, which is ${maxDelayMs} ms`);
  }

  return (failure, attempt, random) => {
    const limit = attemptsFor(failure, attempts);
    if (typeof limit === 'string') return { retry: false, because: limit };
    if (attempt >= limit) return { retry: false, because: `${limit} of ${limit} attempts failed` };
    const growth = factor ** (attempt - 1);
    const pauseMs = firstDelayMs === 0 ? 0 : Math.min(maxDelayMs, firstDelayMs * growth);
    const chosenMs = Math.round(jitter === 'full' ? pauseMs * random() : pauseMs);
    return { retry: true, afterMs: Math.max(chosenMs, failure.retryAfterMs ?? 0) };
  };
}

/** How many attempts a failure of this kind deserves, or why it deserves none. */
function attemptsFor({ kind, service }: CloudFailure, attempts: number): number | string {
  switch (kind) {
    case 'refused':
      return `${service} refused it, and would refuse it again`;
    case 'denied':
      return `the credentials do not allow it, and ${service} would deny it again`;
    case 'not-found':
      return `${service} does not know what was named`;
    case 'malformed':
      return Math.min(attempts, MALFORMED_ATTEMPTS);
    case 'throttled':
    case 'unavailable':
    case 'no-answer':
    case 'timed-out':
      return attempts;
    default:
      return kind satisfies never;
  }
}

function refuse(option: keyof ExponentialBackoffOptions, found: unknown, allowed: string): never {
  const field = `exponentialBackoff.${option}`;
  throw new BlueGreenError('OPTIONS_INVALID', `${field} is ${String(found)}; allowed is ${allowed}`, {
    details: { field },
  });
}
