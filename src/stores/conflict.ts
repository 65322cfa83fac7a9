import { BlueGreenError } from '../errors/blue-green-error.js';

/** What an append is refused with when the journal is not as long as its writer thinks. */
export function conflict(rolloutId: string, expectedLength: number, length: number): BlueGreenError {
  return new BlueGreenError(
    'ROLLOUT_CONFLICT',
    `The journal of ${rolloutId} has ${length} entries, not ${expectedLength}: somebody else wrote to it`,
    { details: { rolloutId, expectedLength, length } },
  );
}
