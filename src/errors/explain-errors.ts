import type { ErrorEntry } from './error-catalogue.js';
import type { ErrorCode } from './error-codes.js';

/** What the library knows about each of its errors, by code. */
export type ErrorCatalogue = Readonly<Record<ErrorCode, ErrorEntry>>;

/**
 * The page about errors, `docs/errors.md`, for machines: of every code its meaning, who must act, what to do and to check,
 * what brings it about, what `details` holds, and how a rollout can end with it.
 *
 * It is loaded when it is asked for, and not with the library. Plain JSON.
 *
 * @example
 * ```ts
 * import { BlueGreenError, errorCatalogue } from 'elastigroup-bluegreen';
 * const error = new BlueGreenError('GATE_EXPIRED', 'nobody answered');
 * const { who, check } = (await errorCatalogue())[error.code];
 * console.log(who, check.join('\n'));
 * ```
 */
export async function errorCatalogue(): Promise<ErrorCatalogue> {
  const { ERROR_CATALOGUE } = await import('./error-catalogue.js');
  return ERROR_CATALOGUE;
}
