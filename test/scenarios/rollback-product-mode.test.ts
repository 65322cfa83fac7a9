import { afterEach, describe, it } from 'vitest';
import { closeClouds } from '../helpers/release.js';
import { rollsBack } from '../helpers/rollback.js';

afterEach(closeClouds);

describe('a deployment mode that goes wrong is taken back under every answer to the open questions', () => {
  for (const during of [
    'STARTING',
    'AWAITING_INSTANCES_LAUNCH',
    'AWAITING_USER_DEPLOYMENT',
    'AWAITING_DEPLOYMENT_TO_FINISH',
  ]) {
    it(`it says ERROR in ${during}`, async () => {
      await rollsBack({
        faults: [
          { fault: 'mode-error', during },
          { fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' },
        ],
        usersMayNotice: ['restarted-blue'],
      });
    });
  }

  for (const during of ['STARTING', 'AWAITING_INSTANCES_LAUNCH', 'AWAITING_USER_DEPLOYMENT']) {
    it(`its timeout fires in ${during}`, async () => {
      await rollsBack({ faults: [{ fault: 'mode-timeout', during }], code: 'DEPLOYMENT_MODE_FAILED' });
    });
  }

  for (const [when, afterMs] of [
    ['while green is installed', 20_000],
    ['while green enters traffic', 60_000],
    ['while blue leaves traffic', 100_000],
  ] as const) {
    it(`its timeout fires ${when}`, async () => {
      await rollsBack({
        faults: [{ fault: 'mode-timeout', during: 'AWAITING_DEPLOYMENT_TO_FINISH', afterMs }],
        // A mode that ends without a word and vanishes before the next look leaves the release as it is.
        outcome: ({ whenDeploymentFails, finishedMode }) =>
          whenDeploymentFails === 'does-nothing' && finishedMode === 'vanishes'
            ? ['rolled-back', 'succeeded']
            : 'rolled-back',
        usersMayNotice: ['restarted-blue', 'green-taken-by-spot'],
      });
    });
  }

  it('its timeout fires in the termination wait', async () => {
    await rollsBack({
      cloud: { deploymentGroup: { terminationWaitMinutes: 10 } },
      faults: [{ fault: 'mode-timeout', during: 'AWAITING_DEPLOYMENT_TO_FINISH', afterMs: 240_000 }],
      // Where CodeDeploy calls that wait Succeeded the pivot is passed, and what Spot does with green cannot be undone.
      outcome: ({ statusInTerminationWait, whenDeploymentFails }) => {
        if (statusInTerminationWait === 'InProgress') return 'rolled-back';
        return whenDeploymentFails === 'does-nothing' ? 'succeeded' : 'failed';
      },
      usersMayNotice: ['restarted-blue', 'green-taken-by-spot'],
    });
  });
});
