import { afterEach, describe, expect, it } from 'vitest';
import { STAGES, type LifecycleStage } from '../../src/index.js';
import { began } from '../helpers/bake.js';
import { closeClouds, release } from '../helpers/release.js';

afterEach(closeClouds);

const NOTHING_SENT: readonly LifecycleStage[] = ['RECONCILE_SERVICE', 'PRE_SCALE_UP'];
const IN_READY: readonly LifecycleStage[] = [
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
];
const WHILE_BLUE_IS_KEPT: readonly LifecycleStage[] = ['POST_PRODUCTION_TRAFFIC_SHIFT', 'BAKE_TIME'];
const NOWHERE: readonly LifecycleStage[] = ['SCALE_UP', 'CLEAN_UP'];

describe('somebody can say no', () => {
  it('at a stage that holds, or is refused at it: there is no third kind', () => {
    expect([...NOTHING_SENT, ...IN_READY, ...WHILE_BLUE_IS_KEPT, ...NOWHERE].sort()).toEqual([...STAGES].sort());
  });

  it.each([...NOTHING_SENT, ...IN_READY, ...WHILE_BLUE_IS_KEPT])(
    'before %s, and production is as it was',
    async (before) => {
      let greenServedBefore = -1;
      const { cloud, result } = await release({
        cloud: { blue: 2, requestsPerSecond: 2, deploymentGroup: { readyWaitMinutes: 60, terminationWaitMinutes: 60 } },
        options: { polling: { every: '15s', urgent: '10s' } },
        spec: { gates: [{ name: 'go', before }] },
        onEvent: (event, { traffic }, blueGreen) => {
          if (!began(event, 'gate/go')) return;
          greenServedBefore = traffic.green;
          void blueGreen.reject(event.rolloutId ?? '', 'go', { by: 'Ada', reason: 'no' });
        },
      });
      expect(result).toMatchObject({
        outcome: NOTHING_SENT.includes(before) ? 'refused' : 'rolled-back',
        error: { code: 'GATE_REJECTED', stepId: 'gate/go' },
      });
      expect(greenServedBefore > 0).toBe(WHILE_BLUE_IS_KEPT.includes(before));
      expect(cloud.snapshot().serving).toEqual({ blue: 2, green: 0, other: 0 });
      expect(cloud.traffic.failed).toBe(0);
    },
  );
});
