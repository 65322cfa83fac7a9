import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/index.js';
import { SimulatedClock } from '../../src/testing/index.js';
import { closeClouds, release, type ReleaseEnd } from '../helpers/release.js';

const BLUE = 600;
/** EC2 takes 200 values in a filter; the simulated CodeDeploy lists 10 targets on a page, and tells about 25. */
const DESCRIBED = 200;
const LISTED = 10;
const TOLD = 25;

describe('a release of many hundred instances', () => {
  const store = new MemoryStore();
  let end: ReleaseEnd;

  beforeAll(async () => {
    end = await release({
      wire: 'short',
      // Nothing leaves the process, but the library gives way while it goes through so many.
      cloud: { blue: BLUE, requestsPerSecond: 0, clock: new SimulatedClock({ quietTurns: 40 }) },
      options: { store },
      call: { id: 'large' },
    });
  }, 180_000);
  afterAll(closeClouds);

  it('succeeds', () => {
    expect(end.result.error).toBeUndefined();
    expect(end.result.outcome).toBe('succeeded');
    expect(end.result.green).toMatchObject({ instanceIds: { length: BLUE } });
  });

  it('looks at all of them with no more calls than their pages need', () => {
    const operations = end.cloud.requests.map(({ operation }) => operation);
    expect(mostInARow(operations, 'ListDeploymentTargets')).toBe((2 * BLUE) / LISTED);
    expect(mostInARow(operations, 'BatchGetDeploymentTargets')).toBe((2 * BLUE) / TOLD);
    // Preflight asks most at once: for blue by its ids, for whoever carries green's tags, and for what the filter selects.
    expect(mostInARow(operations, 'DescribeInstances')).toBe((2 * BLUE) / DESCRIBED + 1);
    expect(mostInARow(operations, 'listInstances')).toBe(1);
  });

  it('writes a journal that grows with the instances, and not with the looks at them', async () => {
    const entries = (await store.read('large')).map((entry) => JSON.stringify(entry));
    // Who blue was and how it stood, who green is, who is proven: a few times each id, whatever was seen on the way.
    expect(entries.join('\n').length).toBeLessThan(BLUE * 320);
    expect(entries.filter((entry) => entry.length > BLUE * 10).length).toBeLessThanOrEqual(6);
  });
});

function mostInARow(operations: readonly string[], operation: string): number {
  let most = 0;
  let inARow = 0;
  for (const each of operations) {
    inARow = each === operation ? inARow + 1 : 0;
    most = Math.max(most, inARow);
  }
  return most;
}
