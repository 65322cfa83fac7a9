import { afterEach, describe, expect, it } from 'vitest';
import { resolveUndocumented } from '../../src/testing/simulated-cloud-options.js';
import { closeClouds, release, type ReleaseEnd } from '../helpers/release.js';
import { rollsBack, spotRestartsBlue } from '../helpers/rollback.js';

afterEach(closeClouds);

const unstableWarnings = ({ events }: ReleaseEnd): number =>
  events.filter(({ name, data }) => name === 'rollout:check:warned' && data.code === 'DEPLOYMENT_UNSTABLE').length;

describe('Spot calls the deployment unstable', () => {
  for (const during of ['AWAITING_USER_DEPLOYMENT', 'AWAITING_DEPLOYMENT_TO_FINISH', 'WAIT_BEFORE_TERMINATION']) {
    it(`for a while in ${during}: the release goes on, with one warning`, async () => {
      const end = await release({
        cloud: { blue: 2 },
        faults: [{ fault: 'unstable-deployment', during, forMs: 25_000 }],
        options: { polling: { every: '5s' } },
      });
      expect(end.result.outcome).toBe('succeeded');
      expect(unstableWarnings(end)).toBe(1);
      expect(end.mutations).toEqual(['spot enterDeploymentMode', 'codedeploy CreateDeployment']);
      expect(end.cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
      expect(end.cloud.traffic.failed).toBe(0);
      expect(end.cloud.faults.remaining()).toEqual([]);
    });
  }

  it('for as long as it follows the release, and until it takes blue away: the release goes on', async () => {
    const end = await release({
      cloud: { blue: 2 },
      faults: [
        { fault: 'unstable-deployment', during: 'AWAITING_DEPLOYMENT_TO_FINISH' },
        { fault: 'unstable-deployment', during: 'WAIT_BEFORE_TERMINATION' },
      ],
      options: { polling: { every: '5s' } },
    });
    expect(end.result.outcome).toBe('succeeded');
    expect(unstableWarnings(end)).toBe(1);
    expect(end.cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
    expect(end.cloud.traffic.failed).toBe(0);
  });

  for (const whenDeploymentFails of ['rolls-back-itself', 'only-removes-green'] as const) {
    it(`and goes back by itself (${whenDeploymentFails}): production is as it was, and the warning was given`, async () => {
      await rollsBack({
        cloud: { undocumented: resolveUndocumented({ whenDeploymentFails }) },
        faults: [
          { fault: 'unstable-deployment', during: 'AWAITING_DEPLOYMENT_TO_FINISH', forMs: 60_000, goesBack: true },
        ],
        code: 'DEPLOYMENT_MODE_FAILED',
        usersMayNotice: spotRestartsBlue,
        also: (end) => (unstableWarnings(end) === 1 ? [] : [`${unstableWarnings(end)} warnings`]),
      });
    });
  }
});
