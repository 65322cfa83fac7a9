import type { BlueGreen, BlueGreenError, ErrorCode, OpenGate } from '../../../src/index.js';
import { began } from '../../helpers/bake.js';
import { ROLLOUT_ID, specOf } from '../../helpers/crash.js';
import { rejection } from '../../helpers/release.js';
import { ofRelease, scene, whenBegins, type Provocation, type Provoked } from './provocation.js';

const MINUTE = 60_000;
const READY = { deploymentGroup: { readyWaitMinutes: 60 } } as const;
const KEEPS_BLUE = { deploymentGroup: { terminationWaitMinutes: 60 } } as const;

/** Somebody answers the open gate `go`, and is told that they cannot. */
async function answered(answer: (person: BlueGreen, gate: OpenGate) => Promise<unknown>): Promise<Provoked> {
  await using stage = scene();
  const open = whenBegins('gate/go');
  const spec = specOf(stage.cloud, { gates: [{ name: 'go', before: 'PRE_SCALE_UP', evidence: 'required' }] });
  const rollout = await stage.process({ onEvent: open.onEvent }).start(spec, { id: ROLLOUT_ID });
  await open.seen;
  const person = stage.process();
  // Evidence is gathered once the gate is open.
  let gate: OpenGate | undefined;
  while (gate?.hash === undefined) {
    await stage.cloud.clock.sleep(1_000);
    [gate] = (await person.status(ROLLOUT_ID)).gates;
  }
  const sent = stage.watch();
  const error: BlueGreenError = await rejection(answer(person, gate));
  const told = { error: error.toJSON(), sent: sent() };
  await rollout[Symbol.asyncDispose]();
  return told;
}

/** Somebody, or something of the user's, said no; or an answer does not count. */
export const VETOES = {
  HOOK_FAILED: {
    sends: 'something',
    says: /no route to green/,
    provoke: () =>
      ofRelease({
        cloud: READY,
        options: {
          hooks: { POST_SCALE_UP: { name: 'smoke', run: () => Promise.reject(new Error('no route to green')) } },
        },
      }),
  },
  ALARM_FIRED: {
    sends: 'something',
    says: /shop-5xx/,
    provoke: () =>
      ofRelease({
        spec: { alarms: ['shop-5xx'] },
        faults: [{ fault: 'alarm-fires', alarm: 'shop-5xx', during: 'AllowTraffic' }],
      }),
  },
  CHECK_FAILED: {
    sends: 'something',
    says: /"errors"/,
    provoke: () =>
      ofRelease({
        cloud: KEEPS_BLUE,
        spec: { bake: '10m' },
        options: { checks: [{ name: 'errors', run: () => 'fail' }] },
      }),
  },
  GATE_REJECTED: {
    sends: 'something',
    says: /Ada.*orders fail/,
    provoke: () =>
      ofRelease({
        cloud: READY,
        spec: { gates: [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT' }] },
        call: { id: ROLLOUT_ID },
        onEvent: (event, _cloud, blueGreen) => {
          if (began(event, 'gate/go')) void blueGreen.reject(ROLLOUT_ID, 'go', { by: 'Ada', reason: 'orders fail' });
        },
      }),
  },
  HOLD_BYPASSED: {
    sends: 'something',
    provoke: () =>
      ofRelease({
        cloud: KEEPS_BLUE,
        spec: { gates: [{ name: 'looked', before: 'BAKE_TIME' }] },
        onEvent: (event, cloud) => {
          if (!began(event, 'gate/looked')) return;
          const [ours] = cloud.snapshot().codeDeployDeployments.filter(({ status }) => status === 'InProgress');
          const goesOn = (): void => cloud.codeDeploy.continueDeployment(ours?.deploymentId ?? '', 'TERMINATION_WAIT');
          cloud.clock.schedule(MINUTE, goesOn);
        },
      }),
  },
  GATE_UNKNOWN: {
    sends: 'nothing',
    says: /"?stop"?/,
    provoke: () => answered((person) => person.approve(ROLLOUT_ID, 'stop', { by: 'Ada' })),
  },
  EVIDENCE_REQUIRED: {
    sends: 'nothing',
    provoke: () => answered((person) => person.approve(ROLLOUT_ID, 'go', { by: 'Ada' })),
  },
  EVIDENCE_STALE: {
    sends: 'nothing',
    provoke: () => answered((person) => person.approve(ROLLOUT_ID, 'go', { by: 'Ada', evidence: '0123456789ab' })),
  },
} as const satisfies Partial<Record<ErrorCode, Provocation>>;
