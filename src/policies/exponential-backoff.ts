import type { CloudFailure } from '../errors/cloud-error.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import { parseDuration, type Duration } from './duration.js';
import { checkRules, isNotSeenYet, ruleFor, type RetryPace, type RetryRule } from './retry-rules.js';
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
  /**
   * What holds for single services, operations and codes; the first rule that fits counts, before anything else. None of
   * them has a call made again after which the service may have acted.
   * @defaultValue none
   */
  readonly rules?: readonly RetryRule[] | undefined;
}

const DEFAULTS: Pace = Object.freeze({ attempts: 6, factor: 2, jitter: 'full', firstDelayMs: 500, maxDelayMs: 20_000 });

/** An answer that cannot be understood is seldom better the third time. */
const MALFORMED_ATTEMPTS = 3;

/**
 * Retries what may pass by itself (throttling, a service that fails or does not answer), with growing pauses.
 *
 * What is denied is never tried again; what is refused or not found only where `rules` name its code. A `Retry-After` of the
 * service is always respected.
 *
 * @throws OPTIONS_INVALID
 * @example
 * ```ts
 * import { BlueGreen, exponentialBackoff } from 'elastigroup-bluegreen';
 * const retry = exponentialBackoff({
 *   maxDelay: '30s',
 *   rules: [
 *     { service: 'spot', code: 'GROUP_IS_BUSY', retry: { attempts: 10, firstDelay: '5s' } },
 *     { service: 'cloudwatch', retry: false },
 *   ],
 * });
 * const blueGreen = new BlueGreen({ retry });
 * await blueGreen.close();
 * ```
 */
export function exponentialBackoff(options: ExponentialBackoffOptions = {}): RetryPolicy {
  const rules = checkRules(options.rules ?? [], 'exponentialBackoff.rules');
  const usual = paceOf(options, DEFAULTS, 'exponentialBackoff');
  const paces = rules.map(({ retry }, index) =>
    typeof retry === 'boolean' ? usual : paceOf(retry, usual, `exponentialBackoff.rules[${index}].retry`),
  );

  return (failure, attempt, random) => {
    const rule = failure.kind === 'denied' ? undefined : ruleFor(rules, failure);
    const pace = (rule === undefined ? undefined : paces[rule - 1]) ?? usual;
    const hope = rule === undefined ? hopeFor(failure, pace.attempts) : byRule(rules, rule, failure, pace.attempts);
    if (hope.attempts === 0) return { retry: false, because: hope.because };
    if (attempt >= hope.attempts) {
      return { retry: false, because: `${hope.attempts} of ${hope.attempts} attempts failed` };
    }
    const growth = pace.factor ** (attempt - 1);
    const pauseMs = pace.firstDelayMs === 0 ? 0 : Math.min(pace.maxDelayMs, pace.firstDelayMs * growth);
    const chosenMs = Math.round(pace.jitter === 'full' ? pauseMs * random() : pauseMs);
    const afterMs = Math.max(chosenMs, failure.retryAfterMs ?? 0);
    return { retry: true, afterMs, because: `${hope.because}${askedFor(failure)}` };
  };
}

interface Pace {
  readonly attempts: number;
  readonly factor: number;
  readonly jitter: (typeof JITTERS)[number];
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

function paceOf(given: RetryPace, usual: Pace, field: string): Pace {
  const { attempts = usual.attempts, factor = usual.factor, jitter = usual.jitter } = given;
  const maxDelayMs = parseDuration(given.maxDelay ?? usual.maxDelayMs, `${field}.maxDelay`);
  const firstDelayMs = parseDuration(given.firstDelay ?? usual.firstDelayMs, `${field}.firstDelay`);
  if (!Number.isSafeInteger(attempts) || attempts < 1)
    refuse(`${field}.attempts`, attempts, 'a whole number from 1 up');
  if (!Number.isFinite(factor) || factor < 1) refuse(`${field}.factor`, factor, 'a number from 1 up');
  if (!JITTERS.some((known) => known === jitter)) refuse(`${field}.jitter`, jitter, "'full' or 'none'");
  if (firstDelayMs > maxDelayMs)
    refuse(`${field}.firstDelay`, `${firstDelayMs} ms`, `at most ${field}.maxDelay, which is ${maxDelayMs} ms`);
  return { attempts, factor, jitter, firstDelayMs, maxDelayMs };
}

/** How many attempts a failure deserves, 0 for none, and why. */
interface Hope {
  readonly attempts: number;
  readonly because: string;
}

function byRule(rules: readonly RetryRule[], place: number, { kind }: CloudFailure, attempts: number): Hope {
  const retry = rules[place - 1]?.retry;
  if (retry === false) return { attempts: 0, because: `rule ${place} of exponentialBackoff says so` };
  const ownNumber = typeof retry === 'object' && retry.attempts !== undefined;
  const limit = kind === 'malformed' && !ownNumber ? Math.min(attempts, MALFORMED_ATTEMPTS) : attempts;
  return { attempts: limit, because: `rule ${place} of exponentialBackoff says so` };
}

function hopeFor(failure: CloudFailure, attempts: number): Hope {
  const { kind, service } = failure;
  if (isNotSeenYet(failure)) return { attempts, because: `${service} may not see yet what was just launched` };
  switch (kind) {
    case 'refused':
      return { attempts: 0, because: `${service} refused it, and would refuse it again` };
    case 'denied':
      if (failure.clockOffMs !== undefined) return { attempts: 0, because: 'this machine’s clock is off' };
      return { attempts: 0, because: `the credentials do not allow it, and ${service} would deny it again` };
    case 'not-found':
      return { attempts: 0, because: `${service} does not know what was named` };
    case 'malformed':
      return {
        attempts: Math.min(attempts, MALFORMED_ATTEMPTS),
        because: `the answer was not one that ${service} gives`,
      };
    case 'throttled':
      return { attempts, because: `${service} was asked too often` };
    case 'unavailable':
      return { attempts, because: `${service} failed, or could not be reached` };
    case 'no-answer':
      return { attempts, because: 'the connection was lost before an answer' };
    case 'timed-out':
      return { attempts, because: `${service} did not answer in time` };
    default:
      return kind satisfies never;
  }
}

const askedFor = ({ retryAfterMs }: CloudFailure): string =>
  retryAfterMs === undefined ? '' : `, and asks for ${retryAfterMs} ms`;

function refuse(field: string, found: unknown, allowed: string): never {
  throw new BlueGreenError('OPTIONS_INVALID', `${field} is ${String(found)}; allowed is ${allowed}`, {
    details: { field },
  });
}
