import { BlueGreenError } from './errors/blue-green-error.js';
import type { BlueGreenOptions } from './options.js';

/** Never shows what was found where that could be a secret: only what kind of thing it is. */
export function invalid(field: string, found: string, allowed: string): BlueGreenError {
  return new BlueGreenError('OPTIONS_INVALID', `${field}: found ${found}; allowed is ${allowed}`, {
    details: { field },
  });
}

/** Anything but an object is refused, and so is a member that would be ignored: most of them are slips of the pen. */
export function refuseUnknown(field: string, found: unknown, known: Iterable<string>): void {
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    throw invalid(field, kindOf(found), 'an object');
  const allowed = [...known];
  const unknown = Object.keys(found).filter((name) => !allowed.includes(name));
  if (unknown.length > 0) throw invalid(field, unknown.join(', '), `one of ${allowed.join(', ')}`);
}

const MEMBERS = {
  spot: ['token', 'accountId', 'baseUrl', 'modeTimeoutUnit'],
  aws: ['region', 'credentials', 'endpoint', 'clients'],
  limits: ['aws', 'spot'],
} as const satisfies { [K in 'spot' | 'aws' | 'limits']: readonly (keyof NonNullable<BlueGreenOptions[K]>)[] };

const METHODS = {
  store: ['append', 'read', 'list', 'readRecord', 'writeRecord'],
  clock: ['now', 'sleep'],
  logger: ['debug', 'info', 'warn', 'error'],
} as const satisfies {
  [K in 'store' | 'clock' | 'logger']: readonly (keyof Exclude<BlueGreenOptions[K], false | undefined>)[];
};

/** @throws OPTIONS_INVALID, naming the field */
export function checkOptions(given: BlueGreenOptions, known: Iterable<keyof BlueGreenOptions>): void {
  refuseUnknown('options', given, known);
  for (const name of ['onEvent', 'random', 'newId'] as const)
    if (given[name] !== undefined && typeof given[name] !== 'function')
      throw invalid(name, kindOf(given[name]), 'a function');
  for (const name of ['spot', 'aws', 'limits'] as const)
    if (given[name] !== undefined) refuseUnknown(name, given[name], MEMBERS[name]);
  for (const name of ['store', 'clock', 'logger'] as const) {
    const found: unknown = given[name];
    if (found !== undefined && !(name === 'logger' && found === false)) mustHave(name, found, METHODS[name]);
  }
  const { aws, spot } = given.limits ?? {};
  if (aws !== undefined) mustHave('limits.aws', aws, ['turn', 'throttled']);
  if (spot !== undefined) mustHave('limits.spot', spot, ['through', 'knock', 'answered']);
}

function mustHave(field: string, found: unknown, methods: readonly string[]): void {
  if (typeof found !== 'object' || found === null) throw invalid(field, kindOf(found), 'an object');
  const missing = methods.filter((name) => typeof (found as Record<string, unknown>)[name] !== 'function');
  if (missing.length > 0) throw invalid(field, `none of the methods ${missing.join(', ')}`, methods.join(', '));
}

function kindOf(found: unknown): string {
  if (found === null) return 'null';
  return Array.isArray(found) ? 'an array' : typeof found;
}
