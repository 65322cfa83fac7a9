import { afterEach, describe, it } from 'vitest';
import { SHOP } from '../../src/testing/shop.js';
import { ourDeployment } from '../helpers/moments.js';
import { closeClouds } from '../helpers/release.js';
import { rollsBack, spotRestartsBlue } from '../helpers/rollback.js';

afterEach(closeClouds);

describe('what becomes of instances is taken back under every answer to the open questions', () => {
  it('no green instance ever launches', async () => {
    await rollsBack({ faults: [{ fault: 'green-never-launches' }], code: 'STEP_TIMED_OUT' });
  });

  it('one of two green instances never launches', async () => {
    await rollsBack({
      faults: [{ fault: 'green-never-launches', count: 1 }],
      code: 'STEP_TIMED_OUT',
      // Spot leaves a request behind that has no instance, and so cannot be detached. To put the target back while it
      // stands would leave it to Spot which member goes, blue included: the receipt says so instead.
      outcome: ({ stopMode }) => (stopMode === 'leaves-green' ? 'failed' : 'rolled-back'),
    });
  });

  it('a green instance is reclaimed before anything is released onto it', async () => {
    await rollsBack({
      faults: [{ fault: 'interruption', colour: 'green', atMs: 100_000 }],
      code: ['GREEN_LOST', 'INSTANCE_LOST'],
    });
  });

  it('a green instance is reclaimed during Install', async () => {
    await rollsBack({
      faults: [{ fault: 'interruption', colour: 'green', event: 'Install' }],
      code: 'INSTANCE_LOST',
    });
  });

  it('every green instance is reclaimed during Install', async () => {
    await rollsBack({
      faults: [0, 1].map((instance) => ({ fault: 'interruption', colour: 'green', event: 'Install', instance })),
      code: 'INSTANCE_LOST',
    });
  });

  it('a green instance is reclaimed during AllowTraffic', async () => {
    await rollsBack({
      faults: [{ fault: 'interruption', colour: 'green', event: 'AllowTraffic' }],
      code: 'INSTANCE_LOST',
      usersMayNotice: (answers) => ['reclaimed-instance', ...spotRestartsBlue(answers)],
    });
  });

  it('a blue instance is reclaimed during Install', async () => {
    await rollsBack({
      faults: [
        { fault: 'interruption', colour: 'blue', atMs: 150_000 },
        { fault: 'script-fails', instance: 'all' },
      ],
      usersMayNotice: ['reclaimed-instance', 'restarted-blue'],
    });
  });

  for (const hasLastDeployment of [true, false]) {
    const group = hasLastDeployment ? '' : ', in a group that has never released anything';
    it(`a blue instance is reclaimed during BlockTraffic${group}`, async () => {
      await rollsBack({
        cloud: { blue: 3, deploymentGroup: { hasLastDeployment } },
        faults: [{ fault: 'interruption', colour: 'blue', event: 'BlockTraffic' }],
        code: ['TRAFFIC_FAILED', 'INSTANCE_LOST'],
        // Two of blue are left, and three of green serve. Where neither CodeDeploy nor Spot takes green out, we may not:
        // no action of ours leaves less than the larger fleet.
        outcome: ({ whenDeploymentFails }) =>
          whenDeploymentFails === 'does-nothing' && !hasLastDeployment ? 'failed' : 'rolled-back',
        usersMayNotice: (answers) => [
          'reclaimed-instance',
          ...spotRestartsBlue(answers),
          ...(answers.whenDeploymentFails === 'does-nothing' ? [] : (['green-taken-by-spot'] as const)),
        ],
      });
    });
  }

  it('CodeDeploy misses a green instance that has lost its tag', async () => {
    await rollsBack({
      cloud: { timings: { tagVisibleInCodeDeployMs: 1_000 } },
      prepare: (cloud) => {
        cloud.clock.schedule(1, function wait() {
          const first = cloud.elastigroups.coloured(SHOP.elastigroupId, 'green')[0];
          if (ourDeployment(cloud) === undefined || first === undefined) return void cloud.clock.schedule(500, wait);
          return cloud.ec2.deleteTags([first.instanceId], ['Colour']);
        });
      },
      code: 'TARGETS_MISSED',
    });
  });

  it('CodeDeploy takes a stranger that carries the green tags', async () => {
    await rollsBack({
      cloud: { timings: { tagVisibleInCodeDeployMs: 1_000 } },
      prepare: (cloud) => {
        cloud.clock.schedule(1, function wait() {
          const first = cloud.elastigroups.coloured(SHOP.elastigroupId, 'green')[0];
          if (ourDeployment(cloud) === undefined || first === undefined) return void cloud.clock.schedule(500, wait);
          return void cloud.ec2.launch({ tags: { Colour: first.tags.get('Colour') ?? '' }, launchMs: 0 });
        });
      },
      code: 'TARGETS_FOREIGN',
    });
  });

  it('green serves before anything was released onto it', async () => {
    await rollsBack({
      cloud: { elastigroup: { registerAtLaunch: true } },
      prepare: (cloud) => {
        // An image with an application of its own, which answers as soon as the instance runs.
        cloud.ec2.onChange((instance) => {
          if (instance.state !== 'running' || instance.application !== undefined) return;
          instance.application = { revision: 'in the image', healthy: true };
          cloud.ec2.changed(instance);
        });
      },
      faults: [{ fault: 'script-fails', instance: 'all' }],
      code: ['GREEN_IN_TRAFFIC_EARLY', 'RELEASE_FAILED'],
      usersMayNotice: ['restarted-blue'],
    });
  });
});
