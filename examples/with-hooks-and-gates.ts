/**
 * Hooks and gates: a smoke test against green before any user reaches it, and a person who says yes.
 *
 *   npx tsx examples/with-hooks-and-gates.ts           on simulated clouds: one yes, one hook that says no
 *   npx tsx examples/with-hooks-and-gates.ts --real    on the account that the environment names
 *
 * `--real` needs a deployment group that waits in Ready, and somebody who answers the gate from another terminal:
 * `npx elastigroup-bluegreen approve ID change-window --by NAME`. Its variables are those of `deploy-elastigroup.ts`.
 */
import './shared/quiet-aws.js';
import './shared/preload.js';
import assert from 'node:assert/strict';
import { BlueGreen, MemoryStore } from 'elastigroup-bluegreen';
import type { BlueGreenOptions, ElastigroupSpec, Hook, RolloutEvent } from 'elastigroup-bluegreen';
import { SimulatedCloud } from 'elastigroup-bluegreen/testing';
import { realAccount } from './shared/real-account.js';

const GATES = [{ name: 'change-window', before: 'PRODUCTION_TRAFFIC_SHIFT', expiresIn: '45m' }] as const;

/**
 * Runs on this machine, once green is installed and before it takes traffic. Asks for more time while a report is not there
 * yet; may be called again after a crash, with the same key.
 */
const smokeTest =
  (passes: boolean): Hook =>
  ({ green, key, details }) => {
    const asked = typeof details === 'number' ? details : 0;
    if (asked < 2) return { status: 'IN_PROGRESS', callBackDelay: '20s', details: asked + 1 };
    console.log(`  ${key.split('/').at(-1)}: asked ${green.instanceIds.length} instances ${asked} times`);
    return passes ? { status: 'SUCCEEDED' } : { status: 'FAILED', reason: '/health says 500' };
  };

if (process.argv.includes('--real')) {
  const { options, spec } = realAccount();
  console.log(await rollOut(options, { ...spec, gates: GATES }, true));
} else {
  await simulate(true, { blue: 0, green: 3, other: 0 });
  await simulate(false, { blue: 3, green: 0, other: 0 });
}

async function simulate(passes: boolean, expected: object): Promise<void> {
  console.log(`--- the smoke test ${passes ? 'passes' : 'fails'}`);
  await using cloud = new SimulatedCloud({ deploymentGroup: { readyWaitMinutes: 60 } });
  const options = { ...cloud.options(), store: new MemoryStore() };
  const outcome = await rollOut(options, cloud.spec({ gates: GATES }), passes, 'Ada');
  assert.equal(outcome, passes ? 'succeeded' : 'rolled-back');
  assert.deepEqual(cloud.snapshot().serving, expected);
  assert.equal(cloud.traffic.failed, 0, 'no user should have noticed anything');
  console.log(`${outcome}\n`);
}

async function rollOut(
  options: BlueGreenOptions,
  spec: ElastigroupSpec,
  passes: boolean,
  approver?: string,
): Promise<string> {
  const hooks = { POST_SCALE_UP: { name: 'smoke-test', run: smokeTest(passes), veto: true, timeout: '15m' } } as const;
  const blueGreen = new BlueGreen({ ...options, hooks, onEvent: tell });
  try {
    const rollout = await blueGreen.start(spec);
    // In production this is somebody at another terminal; what is answered here could be answered by any process with the store.
    if (approver !== undefined) {
      for await (const event of rollout.events()) {
        if (event.name !== 'step:run:started' || event.data.step !== 'gate/change-window') continue;
        await blueGreen.approve(rollout.id, 'change-window', { by: approver, reason: 'the window is open' });
        break;
      }
    }
    return (await rollout.result()).outcome;
  } finally {
    await blueGreen.close();
  }
}

function tell({ at, level, name, text }: RolloutEvent): void {
  if (level !== 'debug') console.log(`${at.slice(11, 19)}  ${name}  ${text.split('\n', 1)[0]}`);
}
