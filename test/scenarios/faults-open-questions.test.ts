import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { resolveUndocumented } from '../../src/testing/simulated-cloud-options.js';
import { closeClouds, release } from '../helpers/release.js';
import { rollsBack, spotRestartsBlue } from '../helpers/rollback.js';

afterEach(closeClouds);

const POLLING = { every: '15s', urgent: '5s' } as const;
const { applicationName, deploymentGroupName, elastigroupId } = SHOP;

describe('suspensions that somebody had set are there again after a release', () => {
  for (const [suspensionsAfterMode, sent] of [
    ['lifted', ['spot suspendProcesses']],
    ['left', []],
  ] as const) {
    it(`where Spot has ${suspensionsAfterMode} them`, async () => {
      const { cloud, result, mutations } = await release({
        cloud: { blue: 2, undocumented: { suspensionsAfterMode } },
        options: { polling: POLLING },
        prepare: (each) => each.elastigroups.suspend(elastigroupId, 'AUTO_SCALE'),
      });
      expect(result.outcome).toBe('succeeded');
      expect(mutations.slice(2)).toEqual(sent);
      expect(cloud.snapshot().elastigroups[0]?.suspensions.map(({ name }) => name)).toEqual(['AUTO_SCALE']);
      expect(result.receipt.lines.find(({ what }) => what === 'suspended processes')?.verdict).not.toBe('differs');
    });
  }
});

describe('a CodeDeploy deployment that was over before Spot looked', () => {
  for (const failedBeforeSpotLooks of ['ignored', 'counts'] as const)
    for (const whenDeploymentFails of ['rolls-back-itself', 'does-nothing'] as const) {
      it(`because it failed is taken back; ${failedBeforeSpotLooks}, and Spot ${whenDeploymentFails}`, async () => {
        await rollsBack({
          cloud: {
            timings: { spotPollMs: 60_000 },
            undocumented: resolveUndocumented({ failedBeforeSpotLooks, whenDeploymentFails }),
          },
          faults: [{ fault: 'script-fails', event: 'ApplicationStop', instance: 'all' }],
          code: 'RELEASE_FAILED',
          // CodeDeploy's own rollback redeploys blue as well.
          usersMayNotice: (answers) => ['restarted-blue', ...spotRestartsBlue(answers)],
        });
      });
    }

  /** CodeDeploy takes one green instance fewer than there are, the first time. */
  function missesOne(cloud: SimulatedCloud): void {
    cloud.clock.schedule(500, function look() {
      const [first] = cloud.elastigroups.coloured(elastigroupId, 'green');
      const started = cloud.codeDeploy.deployments(applicationName, deploymentGroupName).length > 1;
      if (first === undefined || !started) return void cloud.clock.schedule(500, look);
      const colour = first.tags.get('Colour') ?? '';
      cloud.ec2.deleteTags([first.instanceId], ['Colour']);
      return void cloud.clock.schedule(20_000, () => cloud.ec2.createTags([first.instanceId], { Colour: colour }));
    });
  }
  const slowSpot = { spotPollMs: 90_000, tagVisibleInCodeDeployMs: 1_000 };

  it('because we stopped it is followed by another, where Spot goes on waiting', async () => {
    const { cloud, result, mutations } = await release({
      cloud: { blue: 2, timings: slowSpot, undocumented: { failedBeforeSpotLooks: 'ignored' } },
      options: { polling: POLLING },
      prepare: missesOne,
    });
    expect(result.outcome).toBe('succeeded');
    expect(mutations.filter((each) => each === 'codedeploy CreateDeployment')).toHaveLength(2);
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
    expect(cloud.traffic.failed).toBe(0);
  });

  it('because we stopped it is the end, where Spot takes it for the release: all is as it was', async () => {
    await rollsBack({
      cloud: { timings: slowSpot, undocumented: resolveUndocumented({ failedBeforeSpotLooks: 'counts' }) },
      prepare: missesOne,
      code: ['TARGETS_MISSED', 'DEPLOYMENT_MODE_FAILED'],
      usersMayNotice: spotRestartsBlue,
    });
  });
});
