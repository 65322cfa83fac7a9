import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { resolveUndocumented } from '../../src/testing/simulated-cloud-options.js';
import { closeClouds, release, type ReleaseStory } from '../helpers/release.js';
import { rollsBack } from '../helpers/rollback.js';

afterEach(closeClouds);

const { applicationName, deploymentGroupName, elastigroupId } = SHOP;
const POLLING = { every: '15s', urgent: '5s' } as const;
const THEIRS = [{ tagKey: 'Colour', tagValue: 'theirs' }];

/** The stranger's CodeDeploy deployment. */
function strangers(cloud: SimulatedCloud) {
  return cloud.snapshot().codeDeployDeployments.find(({ description }) => description === 'by hand');
}

describe('somebody else’s CodeDeploy deployment', () => {
  for (const busyWording of ['already-has', 'already-deploying'] as const) {
    it(`that is active when ours is to start: the error names it, and all is as it was (${busyWording})`, async () => {
      await rollsBack({
        cloud: {
          undocumented: resolveUndocumented({ busyWording }),
          timings: { eventMs: { Install: 5 * 60_000 } },
        },
        // Once CodeDeploy sees the green tags, so that theirs goes onto blue alone.
        faults: [{ fault: 'stranger-deploys', during: 'AWAITING_USER_DEPLOYMENT', onto: 'blue', afterMs: 30_000 }],
        code: 'ALREADY_DEPLOYING',
        // What their release does to blue is theirs.
        usersMayNotice: ['restarted-blue'],
        also: ({ cloud, result, mutations }) => {
          const theirs = strangers(cloud);
          return [
            ...(theirs?.status === 'Succeeded' ? [] : [`theirs is ${theirs?.status}`]),
            ...(theirs !== undefined && result.error?.message.includes(theirs.deploymentId) === true
              ? []
              : [`the error says ${result.error?.message}`]),
            ...(mutations.includes('codedeploy StopDeployment') ? ['theirs was stopped'] : []),
          ];
        },
      });
    });
  }

  // A mode that is stopped under a deployment which goes on would leave users with neither fleet.
  it.each(['10s', '30s', '90s', '150s', '240s'] as const)(
    'onto green, before ours, noticed by looks every %s: theirs is let go its way, and told',
    async (every) => {
      const { cloud, result, mutations } = await release({
        cloud: { blue: 2 },
        options: { polling: { every, urgent: '5s' } },
        faults: [{ fault: 'stranger-deploys', during: 'AWAITING_USER_DEPLOYMENT', onto: 'green' }],
      });
      expect(result.outcome).toBe('failed');
      expect(['DEPLOYMENT_MODE_FAILED', 'GREEN_IN_TRAFFIC_EARLY']).toContain(result.error?.code);
      expect(mutations).toEqual(['spot enterDeploymentMode']);
      const served = result.receipt.lines.find(({ what }) => what === 'served by proven green');
      expect(served?.verdict).toBe('differs');
      expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
      expect(cloud.traffic.failed).toBe(0);
    },
  );

  it('onto green while ours runs there: CodeDeploy refuses theirs, and ours goes out', async () => {
    const { cloud, result } = await release({
      options: { polling: POLLING },
      faults: [{ fault: 'stranger-deploys', during: 'AWAITING_DEPLOYMENT_TO_FINISH', onto: 'green' }],
    });
    expect(result.outcome).toBe('succeeded');
    expect(strangers(cloud)).toBeUndefined();
    expect(cloud.faults.remaining()).toEqual([]);
    expect(cloud.traffic.failed).toBe(0);
  });
});

describe('somebody else’s deployment mode', () => {
  const entered = (cloud: SimulatedCloud): void => {
    cloud.elastigroups.enterDeploymentMode(elastigroupId, {
      timeout: 7_200,
      tags: THEIRS,
      deploymentGroups: [{ applicationName, deploymentGroupName }],
    });
  };

  it('that runs at the start is found by preflight', async () => {
    const { result, mutations } = await release({
      prepare: (cloud) => {
        entered(cloud);
        cloud.advance(10_000);
      },
    });
    expect(result).toMatchObject({ outcome: 'refused', error: { code: 'PREFLIGHT_REFUSED' } });
    expect(result.error?.message).toMatch(/it is in deployment mode already \(cdbg-\w+, /);
    expect(mutations).toEqual([]);
  });

  it('that begins between our look and our own: ours is refused, and theirs is left alone', async () => {
    let done = false;
    const justBefore: ReleaseStory['onEvent'] = ({ name, data }, cloud) => {
      if (done || name !== 'step:run:started' || data.step !== 'enter-deployment-mode') return;
      done = true;
      entered(cloud);
    };
    const { cloud, result, mutations } = await release({
      cloud: { blue: 2 },
      onEvent: justBefore,
      options: { polling: POLLING },
    });
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'CLOUD_REFUSED' } });
    expect(result.error?.message).toMatch(/is in the deployment cdbg-/);
    expect(mutations).toEqual(['spot enterDeploymentMode']);
    cloud.advance(5 * 60_000);
    const { elastigroups, serving, instances } = cloud.snapshot();
    expect(elastigroups[0]?.deploymentModes.map(({ state }) => state)).toEqual(['AWAITING_USER_DEPLOYMENT']);
    expect(instances.filter(({ tags }) => tags['Colour'] === 'theirs').map(({ state }) => state)).toEqual([
      'running',
      'running',
    ]);
    expect(serving).toEqual({ blue: 2, green: 0, other: 0 });
    expect(cloud.traffic.failed).toBe(0);
  });
});
