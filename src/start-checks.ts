import { BlueGreenError } from './errors/blue-green-error.js';

const ROLLOUT_ID = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** An id stands in tag values, in descriptions and in file names. */
export function checkRolloutId(id: string): string {
  if (typeof id === 'string' && ROLLOUT_ID.test(id)) return id;
  const found = JSON.stringify(id) ?? typeof id;
  throw new BlueGreenError(
    'OPTIONS_INVALID',
    `id: found ${found.slice(0, 100)}; allowed are up to 64 letters, digits, dots, dashes and underscores`,
  );
}

export function startRefusal(id: string): BlueGreenError {
  return new BlueGreenError('ROLLOUT_ID_TAKEN', `rollout ${id} exists, and was started with another spec`);
}
