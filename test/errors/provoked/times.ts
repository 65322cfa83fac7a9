import type { ErrorCode } from '../../../src/index.js';
import { specOf, ROLLOUT_ID } from '../../helpers/crash.js';
import { ofRelease, ofResult, scene, whenBegins, type Provocation, type Provoked } from './provocation.js';

const MINUTE = 60_000;
const READY = { deploymentGroup: { readyWaitMinutes: 60 } } as const;
const GATE = { name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT' } as const;

/** A time that was up. */
export const TIMES = {
  STEP_TIMED_OUT: {
    sends: 'something',
    says: /await-green|green/,
    provoke: () => ofRelease({ options: { timeouts: { steps: { 'await-green': '5s' } } } }),
  },
  STAGE_TIMED_OUT: {
    sends: 'something',
    says: /the 25000 ms of SCALE_UP/,
    provoke: () => ofRelease({ options: { timeouts: { stages: { SCALE_UP: '25s' } } } }),
  },
  ROLLOUT_TIMED_OUT: {
    sends: 'something',
    provoke: () => ofRelease({ options: { timeouts: { rollout: '1m' } } }),
  },
  GATE_EXPIRED: {
    sends: 'something',
    says: /go/,
    provoke: () => ofRelease({ cloud: READY, spec: { gates: [{ ...GATE, expiresIn: '20m' }] } }),
  },
  HOOK_EXPIRED: {
    sends: 'something',
    says: /smoke/,
    provoke: () =>
      ofRelease({
        cloud: READY,
        options: { hooks: { POST_SCALE_UP: { name: 'smoke', run: () => new Promise<void>(() => {}) } } },
      }),
  },
  BAKE_EXPIRED: {
    sends: 'something',
    async provoke(): Promise<Provoked> {
      await using stage = scene({ deploymentGroup: { terminationWaitMinutes: 60 } });
      const baking = whenBegins('await-bake');
      const spec = specOf(stage.cloud, { bake: '30m' });
      const rollout = await stage.process({ onEvent: baking.onEvent }).start(spec, { id: ROLLOUT_ID });
      await baking.seen;
      await stage.cloud.clock.sleep(MINUTE);
      await rollout[Symbol.asyncDispose]();
      const sent = stage.watch();
      stage.cloud.advance(45 * MINUTE);
      return ofResult(await (await stage.process().resume(ROLLOUT_ID)).result(), sent());
    },
  },
} as const satisfies Partial<Record<ErrorCode, Provocation>>;
