import type { Call } from './call.js';

/** Which AWS region calls are made in: pinned in the journal so that a resume elsewhere is refused. */
export interface AwsPlace {
  region(call?: Call): Promise<string>;
}
