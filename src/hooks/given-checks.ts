import type { Check, GivenCheck } from '../engine/checks.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import { parseDuration } from '../policies/duration.js';

const NAME = /^[\w.-]{1,64}$/;
const MEMBERS: readonly string[] = [
  'name',
  'run',
  'interval',
  'failureLimit',
  'timeout',
] satisfies readonly (keyof Check)[];
const DEFAULTS = Object.freeze({ interval: '30s', failureLimit: 1, timeout: '30s' } as const);
const SHORTEST_INTERVAL_MS = 1_000;
const LONGEST_TIMEOUT_MS = 120_000;

/**
 * Checks with their defaults in place.
 *
 * @throws OPTIONS_INVALID naming the member that is wrong
 */
export function givenChecks(checks: unknown = []): readonly GivenCheck[] {
  if (!Array.isArray(checks)) throw invalid('checks', typeof checks, 'a list of { name, run, … }');
  const given = checks.map((check: unknown, index) => givenCheck(check, `checks[${index}]`));
  if (new Set(given.map(({ name }) => name)).size < given.length)
    throw invalid('checks', 'two checks of the same name', 'names that differ');
  return given;
}

function givenCheck(check: unknown, field: string): GivenCheck {
  if (typeof check !== 'object' || check === null) throw invalid(field, typeof check, `{ ${MEMBERS.join(', ')} }`);
  const unknown = Object.keys(check).filter((member) => !MEMBERS.includes(member));
  if (unknown.length > 0) throw invalid(field, unknown.join(', '), `one of ${MEMBERS.join(', ')}`);
  const { name, run, interval, failureLimit = DEFAULTS.failureLimit, timeout } = check as Partial<Check>;
  if (typeof name !== 'string' || !NAME.test(name))
    throw invalid(
      `${field}.name`,
      JSON.stringify(name) ?? 'nothing',
      'up to 64 letters, digits, dots, dashes and underscores',
    );
  if (typeof run !== 'function') throw invalid(`${field}.run`, typeof run, 'a function');
  if (!Number.isInteger(failureLimit) || failureLimit < 1)
    throw invalid(`${field}.failureLimit`, JSON.stringify(failureLimit), 'a whole number of at least 1');
  const intervalMs = parseDuration(interval ?? DEFAULTS.interval, `${field}.interval`);
  if (intervalMs < SHORTEST_INTERVAL_MS) throw invalid(`${field}.interval`, `${intervalMs} ms`, 'at least a second');
  const timeoutMs = parseDuration(timeout ?? DEFAULTS.timeout, `${field}.timeout`);
  if (timeoutMs < 1 || timeoutMs > LONGEST_TIMEOUT_MS)
    throw invalid(`${field}.timeout`, `${timeoutMs} ms`, 'a duration from 1 ms to two minutes');
  return { name, run, intervalMs, failureLimit, timeoutMs };
}

function invalid(field: string, found: string, allowed: string): BlueGreenError {
  return new BlueGreenError('OPTIONS_INVALID', `${field}: found ${found}; allowed is ${allowed}`, {
    details: { field },
  });
}
