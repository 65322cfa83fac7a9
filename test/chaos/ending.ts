import { createHash } from 'node:crypto';
import type { RolloutResult } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import type { Watch } from '../helpers/invariants.js';
import type { Story } from './story.js';

/** How a story came out. */
export interface Ending {
  readonly story: Story;
  readonly id: string;
  readonly cloud: SimulatedCloud;
  readonly watch: Watch;
  /** Undefined: it did not end. */
  readonly result: RolloutResult | undefined;
  readonly lives: number;
  /** Simulated. */
  readonly tookMs: number;
  readonly requests: number;
  /** The same for the same requests and the same end. */
  readonly digest: string;
}

export function writeDown(told: Omit<Ending, 'requests' | 'digest'>): Ending {
  const { cloud, result } = told;
  const requests = cloud.requests.map(({ atMs, service, operation, status }) => [atMs, service, operation, status]);
  const digest = createHash('sha256')
    .update(JSON.stringify([requests, result, cloud.snapshot()]))
    .digest('hex');
  return { ...told, requests: requests.length, digest };
}
