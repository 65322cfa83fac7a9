import { isPassingTrouble } from '../engine/passing-trouble.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import { CloudError } from '../errors/cloud-error.js';
import type { Refusal } from './stray-release.js';

const ABOUT_THE_CALL: ReadonlySet<string> = new Set(['STRAYS_FOUND', 'OPERATION_UNCLEAR']);

/**
 * What a call onto strays ran into. The release is out and everything that serves is green: whatever a service refuses
 * here costs the strays, which are detached then, and not the rollout. Anything else is thrown on.
 */
export function refusalOf(error: unknown): Refusal {
  const refused = CloudError.is(error) && !isPassingTrouble(error);
  if (refused || (BlueGreenError.is(error) && ABOUT_THE_CALL.has(error.code))) return { because: error.message };
  throw error;
}
