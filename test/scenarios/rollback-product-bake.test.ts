import { afterEach, describe, it } from 'vitest';
import type { Undocumented } from '../../src/testing/options.js';
import { began } from '../helpers/bake.js';
import { closeClouds } from '../helpers/release.js';
import { rollsBack, type RollbackScenario } from '../helpers/rollback.js';

afterEach(closeClouds);

const MINUTE = 60_000;
const ALARM = 'errors';
/** Where CodeDeploy calls its wait Succeeded the pivot is passed: the rollout ends, and nothing is touched. */
const whereItHolds = ({ statusInTerminationWait }: Undocumented): 'rolled-back' | 'failed' =>
  statusInTerminationWait === 'InProgress' ? 'rolled-back' : 'failed';

const baking = (scenario: RollbackScenario): RollbackScenario => ({
  ...scenario,
  cloud: { requestsPerSecond: 2, deploymentGroup: { terminationWaitMinutes: 15 }, ...scenario.cloud },
  spec: { bake: '4m', alarms: [ALARM], ...scenario.spec },
  prepare: ({ alarms }) => void alarms.createAlarm({ name: ALARM }),
});

describe('what goes wrong while CodeDeploy keeps blue is taken back under every answer to the open questions', () => {
  it('an alarm fires in the bake’s last second', async () => {
    await rollsBack(
      baking({
        code: 'ALARM_FIRED',
        outcome: whereItHolds,
        // CodeDeploy stops by itself at the alarm, and Spot may act on that before anybody else can.
        usersMayNotice: ['green-taken-by-spot'],
        onEvent: (event, { alarms, clock }) => {
          if (began(event, 'await-bake')) clock.schedule(4 * MINUTE - 1000, () => alarms.setState(ALARM, 'ALARM'));
        },
      }),
    );
  });

  it('somebody says no at a gate', async () => {
    await rollsBack(
      baking({
        spec: { bake: undefined, gates: [{ name: 'looked', before: 'BAKE_TIME' }] },
        code: 'GATE_REJECTED',
        outcome: whereItHolds,
        onEvent: (event, _cloud, blueGreen) => {
          if (!began(event, 'gate/looked')) return;
          void blueGreen.reject(event.rolloutId ?? '', 'looked', { by: 'Ada', reason: 'slow' });
        },
      }),
    );
  });

  it('nobody answers a gate', async () => {
    await rollsBack(
      baking({
        spec: { bake: undefined, gates: [{ name: 'looked', before: 'POST_PRODUCTION_TRAFFIC_SHIFT' }] },
        code: 'GATE_EXPIRED',
        outcome: whereItHolds,
      }),
    );
  });
});
