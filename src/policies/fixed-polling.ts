import { BlueGreenError } from '../errors/blue-green-error.js';
import { parseDuration, type Duration } from './duration.js';
import type { PollingPolicy } from './polling.js';

export interface FixedPollingOptions {
  /**
   * The time from one look to the next.
   * @defaultValue '10s'
   */
  readonly every?: Duration | undefined;
  /**
   * The same while a late look would cost users; at most `every`.
   * @defaultValue '2s', or `every` where that is shorter
   */
  readonly urgent?: Duration | undefined;
  /**
   * The same while nothing is under way and an answer, or the end of a bake, is waited for; at least `every`.
   * @defaultValue '30s', or `every` where that is longer
   */
  readonly holding?: Duration | undefined;
}

const DEFAULTS = Object.freeze({ every: '10s', urgent: '2s', holding: '30s' });

/**
 * Looks again after the same time, always; and once more at the deadline, so that nothing is given up unseen.
 *
 * @throws OPTIONS_INVALID
 * @example
 * ```ts
 * import { BlueGreen, fixedPolling } from 'elastigroup-bluegreen';
 * const blueGreen = new BlueGreen({ polling: fixedPolling({ every: '15s' }) });
 * await blueGreen.close();
 * ```
 */
export function fixedPolling(options: FixedPollingOptions = {}): PollingPolicy {
  const everyMs = parseDuration(options.every ?? DEFAULTS.every, 'fixedPolling.every');
  if (everyMs < 1) refuse('every', everyMs, 'a duration of at least 1 ms');
  const urgentMs =
    options.urgent === undefined
      ? Math.min(everyMs, parseDuration(DEFAULTS.urgent, 'fixedPolling.urgent'))
      : parseDuration(options.urgent, 'fixedPolling.urgent');
  if (urgentMs < 1) refuse('urgent', urgentMs, 'a duration of at least 1 ms');
  if (urgentMs > everyMs) refuse('urgent', urgentMs, `at most fixedPolling.every, which is ${everyMs} ms`);
  const holdingMs =
    options.holding === undefined
      ? Math.max(everyMs, parseDuration(DEFAULTS.holding, 'fixedPolling.holding'))
      : parseDuration(options.holding, 'fixedPolling.holding');
  if (holdingMs < everyMs) refuse('holding', holdingMs, `at least fixedPolling.every, which is ${everyMs} ms`);

  return ({ urgent, holding, remainingMs }) =>
    Math.max(0, Math.min(urgent ? urgentMs : holding ? holdingMs : everyMs, remainingMs));
}

function refuse(option: keyof FixedPollingOptions, foundMs: number, allowed: string): never {
  const field = `fixedPolling.${option}`;
  throw new BlueGreenError('OPTIONS_INVALID', `${field} is ${foundMs} ms; allowed is ${allowed}`, {
    details: { field },
  });
}
