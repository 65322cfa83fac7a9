import { afterEach, describe, it } from 'vitest';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { at, ourDeployment } from '../helpers/moments.js';
import { closeClouds, type ReleaseStory } from '../helpers/release.js';
import { abortAt, rollsBack, spotRestartsBlue } from '../helpers/rollback.js';

afterEach(closeClouds);

describe('what people order is obeyed, and production as it was, under every answer to the open questions', () => {
  for (const moment of ['installing', 'allowing', 'blocking'] as const) {
    for (const rollBack of [true, false]) {
      it(`somebody stops the deployment ${rollBack ? 'with' : 'without'} a rollback while it is ${moment}`, async () => {
        await rollsBack({
          prepare: (cloud) => at(cloud, moment, () => stopByHand(cloud, rollBack)),
          code: 'RELEASE_STOPPED',
          usersMayNotice: ['restarted-blue', 'green-taken-by-spot'],
        });
      });
    }
  }

  for (const moment of ['installing', 'allowing', 'blocking', 'blue-out'] as const) {
    it(`an order to abort comes in at the moment "${moment}"`, async () => {
      await rollsBack({
        ...abortAt(moment),
        cloud: { deploymentGroup: { terminationWaitMinutes: 10 } },
        code: 'ABORTED',
        outcome: ({ statusInTerminationWait }) =>
          moment === 'blue-out' && statusInTerminationWait === 'Succeeded' ? 'succeeded' : 'rolled-back',
        usersMayNotice: spotRestartsBlue,
      });
    });
  }

  for (const step of ['enter-deployment-mode', 'await-green', 'release-green/1', 'await-codedeploy']) {
    it(`an order to abort comes in as ${step} begins`, async () => {
      await rollsBack({
        onEvent: (event, _cloud, blueGreen) => {
          if (event.name !== 'step:run:started' || (event.data as { step: string }).step !== step) return;
          void blueGreen.abort(event.rolloutId ?? '', { by: 'me', reason: 'changed my mind' });
        },
        code: 'ABORTED',
      });
    });
  }

  it('the gate in Ready is answered with no', async () => {
    await rollsBack({
      ...gateInReady,
      onEvent: (event, _cloud, blueGreen) => {
        if (event.name !== 'step:run:started' || (event.data as { step: string }).step !== 'gate/go') return;
        void blueGreen.reject(event.rolloutId ?? '', 'go', { by: 'me', reason: 'not today' });
      },
      code: 'GATE_REJECTED',
    });
  });

  it('nobody answers the gate in Ready', async () => {
    await rollsBack({ ...gateInReady, code: 'GATE_EXPIRED' });
  });

  it('the time for the whole rollout is up while green enters traffic', async () => {
    await rollsBack({
      options: { timeouts: { rollout: '220s' } },
      code: 'ROLLOUT_TIMED_OUT',
      usersMayNotice: spotRestartsBlue,
    });
  });

  it('the time for a step is up while blue leaves traffic', async () => {
    await rollsBack({
      options: { timeouts: { steps: { 'await-codedeploy': '100s' } } },
      code: 'STEP_TIMED_OUT',
      usersMayNotice: spotRestartsBlue,
    });
  });
});

const gateInReady: ReleaseStory = {
  cloud: { deploymentGroup: { readyWaitMinutes: 60 } },
  spec: { gates: [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT', expiresIn: '10m' }] },
};

function stopByHand(cloud: SimulatedCloud, rollBack: boolean): void {
  const { deploymentId } = ourDeployment(cloud) ?? {};
  if (deploymentId !== undefined) cloud.codeDeploy.stopDeployment(deploymentId, rollBack);
}
