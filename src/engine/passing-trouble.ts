import { CloudError, type CloudFailure } from '../errors/cloud-error.js';

const PASSING: ReadonlySet<CloudFailure['kind']> = new Set([
  'throttled',
  'unavailable',
  'no-answer',
  'timed-out',
  'malformed',
]);

/** Trouble with reaching a cloud, as opposed to what it answers: it says nothing about the rollout. */
export function isPassingTrouble(error: unknown): error is CloudError {
  return CloudError.is(error) && PASSING.has(error.failure.kind);
}
