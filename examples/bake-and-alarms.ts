/**
 * A bake: green carries the load for a while, watched by an alarm, before blue goes. When the alarm fires, everything is put
 * back; CodeDeploy is told of the alarm too, and watches when this process is dead.
 *
 *   npx tsx examples/bake-and-alarms.ts           on simulated clouds: a quiet bake, and an alarm in its last minute
 *   npx tsx examples/bake-and-alarms.ts --real    on the account that the environment names
 *
 * `--real` needs a deployment group that keeps blue for more than 15 minutes after traffic, and an alarm `shop-5xx`, or
 * whatever ALARM names. Its variables are those of `deploy-elastigroup.ts`.
 */
import './shared/quiet-aws.js';
import './shared/preload.js';
import assert from 'node:assert/strict';
import { BlueGreen, MemoryStore } from 'elastigroup-bluegreen';
import type { BlueGreenOptions, ElastigroupSpec, RolloutEvent, RolloutResult } from 'elastigroup-bluegreen';
import { SimulatedCloud } from 'elastigroup-bluegreen/testing';
import { realAccount } from './shared/real-account.js';

const ALARM = process.env['ALARM'] ?? 'shop-5xx';
const BAKED = { bake: '10m', alarms: [ALARM] } as const;

if (process.argv.includes('--real')) {
  const { options, spec } = realAccount();
  const { outcome, error } = await rollOut(options, { ...spec, ...BAKED });
  console.log(`${outcome}${error === undefined ? '' : `: ${error.message}`}`);
} else {
  const quiet = await simulate('a quiet bake');
  assert.equal(quiet.outcome, 'succeeded');
  const alarmed = await simulate('an alarm in the last minute of the bake', 9.5 * 60_000);
  assert.equal(alarmed.outcome, 'rolled-back');
  assert.equal(alarmed.error?.code, 'ALARM_FIRED');
}

async function simulate(story: string, firesAfterMs?: number): Promise<RolloutResult> {
  console.log(`--- ${story}`);
  await using cloud = new SimulatedCloud({ deploymentGroup: { terminationWaitMinutes: 30 } });
  cloud.alarms.createAlarm({ name: ALARM });
  if (firesAfterMs !== undefined)
    cloud.inject({ fault: 'alarm-fires', alarm: ALARM, during: 'TERMINATION_WAIT', afterMs: firesAfterMs });
  const result = await rollOut({ ...cloud.options(), store: new MemoryStore() }, cloud.spec(BAKED));
  const { serving } = cloud.snapshot();
  assert.deepEqual(
    serving,
    firesAfterMs === undefined ? { blue: 0, green: 3, other: 0 } : { blue: 3, green: 0, other: 0 },
  );
  assert.equal(cloud.traffic.failed, 0, 'no user should have noticed anything');
  console.log(
    `${result.outcome}: blue ${serving.blue}, green ${serving.green}; ${cloud.traffic.total} requests, none failed\n`,
  );
  return result;
}

async function rollOut(options: BlueGreenOptions, spec: ElastigroupSpec): Promise<RolloutResult> {
  const blueGreen = new BlueGreen({ ...options, onEvent: tell });
  try {
    return await (await blueGreen.start(spec)).result();
  } finally {
    await blueGreen.close();
  }
}

function tell({ at, level, name, text }: RolloutEvent): void {
  if (level !== 'debug') console.log(`${at.slice(11, 19)}  ${name}  ${text.split('\n', 1)[0]}`);
}
