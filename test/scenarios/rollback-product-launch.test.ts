import { afterEach, describe, it } from 'vitest';
import type { SimulatedCloudOptions } from '../../src/testing/simulated-cloud-options.js';
import { SHOP } from '../../src/testing/shop.js';
import { at, ourDeployment } from '../helpers/moments.js';
import { closeClouds } from '../helpers/release.js';
import { abortAt, rollsBack, type Cause } from '../helpers/rollback.js';

afterEach(closeClouds);

/** The Elastigroup has the production target group as its own: Spot registers what it launches, and deregisters what it takes. */
const AT_LAUNCH: SimulatedCloudOptions = { elastigroup: { registerAtLaunch: true } };
/** Green is in the target group from its launch, and takes users as soon as it is healthy: during the release, say. */
const NOTICED: readonly Cause[] = ['restarted-blue', 'green-taken-by-spot', 'released-in-traffic'];

describe('where Spot registers instances at launch, production is as it was under every answer to the open questions', () => {
  it('after a script has failed on green that serves', async () => {
    await rollsBack({
      cloud: AT_LAUNCH,
      faults: [{ fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' }],
      usersMayNotice: NOTICED,
    });
  });

  it('after a green instance was reclaimed while it entered traffic', async () => {
    await rollsBack({
      cloud: AT_LAUNCH,
      faults: [{ fault: 'interruption', colour: 'green', event: 'AllowTraffic' }],
      code: 'INSTANCE_LOST',
      usersMayNotice: [...NOTICED, 'reclaimed-instance'],
    });
  });

  it('after an order to abort while blue leaves traffic', async () => {
    await rollsBack({ ...abortAt('blocking'), cloud: AT_LAUNCH, code: 'ABORTED', usersMayNotice: NOTICED });
  });

  it('after somebody has stopped the deployment without a rollback while blue leaves traffic', async () => {
    await rollsBack({
      cloud: { ...AT_LAUNCH, deploymentGroup: { hasLastDeployment: false } },
      prepare: (cloud) =>
        at(cloud, 'blocking', () => {
          cloud.codeDeploy.stopDeployment(ourDeployment(cloud)?.deploymentId ?? '', false);
        }),
      code: 'RELEASE_STOPPED',
      usersMayNotice: NOTICED,
    });
  });

  it('after green never launched', async () => {
    await rollsBack({ cloud: AT_LAUNCH, faults: [{ fault: 'green-never-launches' }], code: 'STEP_TIMED_OUT' });
  });
});

describe('what a person had set stays set under every answer to the open questions', () => {
  it('a suspension of processes', async () => {
    await rollsBack({
      prepare: (cloud) => {
        cloud.elastigroups.suspend(SHOP.elastigroupId, 'AUTO_HEALING');
        cloud.elastigroups.suspend(SHOP.elastigroupId, 'AUTO_SCALE');
      },
      faults: [{ fault: 'script-fails', event: 'BeforeInstall', instance: 0 }],
      code: 'RELEASE_FAILED',
    });
  });

  it('a maximum that leaves no room for all of green', async () => {
    await rollsBack({
      cloud: { elastigroup: { maximum: 3 } },
      faults: [{ fault: 'script-fails', event: 'BeforeInstall', instance: 0 }],
      code: ['GREEN_LOST', 'RELEASE_FAILED'],
    });
  });
});
