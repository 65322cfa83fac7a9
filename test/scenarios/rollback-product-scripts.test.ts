import { afterEach, describe, it } from 'vitest';
import { closeClouds } from '../helpers/release.js';
import { rollsBack, spotRestartsBlue } from '../helpers/rollback.js';

afterEach(closeClouds);

const BEFORE_TRAFFIC = ['BeforeInstall', 'ApplicationStart', 'ValidateService'] as const;

describe('a script that fails on one green instance is taken back under every answer to the open questions', () => {
  for (const event of [...BEFORE_TRAFFIC, 'AfterAllowTraffic'] as const) {
    it(`in ${event}`, async () => {
      await rollsBack({
        faults: [{ fault: 'script-fails', event, instance: 0 }],
        code: 'RELEASE_FAILED',
        // The others may be in traffic by the time of the next look: then Spot’s own rollback is in time to redeploy blue.
        usersMayNotice: event === 'BeforeInstall' ? [] : spotRestartsBlue,
      });
    });
  }
});

describe('a script that fails on all green instances is taken back under every answer to the open questions', () => {
  for (const event of BEFORE_TRAFFIC) {
    it(`in ${event}`, async () => {
      await rollsBack({
        faults: [{ fault: 'script-fails', event, instance: 'all' }],
        code: 'RELEASE_FAILED',
        // Failed at once, before anybody could stop it: CodeDeploy redeploys the last revision onto blue.
        usersMayNotice: ['restarted-blue'],
      });
    });
  }

  it('in AfterAllowTraffic', async () => {
    await rollsBack({
      faults: [{ fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' }],
      code: 'RELEASE_FAILED',
      usersMayNotice: spotRestartsBlue,
    });
  });

  it('in AfterAllowTraffic, in a group that has never released anything', async () => {
    await rollsBack({
      cloud: { deploymentGroup: { hasLastDeployment: false } },
      faults: [{ fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' }],
      code: 'RELEASE_FAILED',
    });
  });

  it('in ValidateService, where Spot registers instances at launch', async () => {
    await rollsBack({
      cloud: { elastigroup: { registerAtLaunch: true } },
      faults: [{ fault: 'script-fails', event: 'ValidateService', instance: 'all' }],
      usersMayNotice: ['restarted-blue'],
    });
  });
});
