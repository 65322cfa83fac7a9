/**
 * What becomes of production when a release fails: three releases, each with another thing going wrong, each taken back.
 *
 *   npx tsx examples/simulate-failures.ts           on simulated clouds; nothing leaves this machine
 *   npx tsx examples/simulate-failures.ts --real    the one failure that can be had without breaking anything: an order
 *                                                   to abort as soon as green stands, before any traffic moves
 *
 * `--real` rehearses the way back on the account that the environment names: Spot launches green there and removes it
 * again. It needs SPOTINST_TOKEN, SPOTINST_ACCOUNT, AWS_REGION, ELASTIGROUP_ID, CODEDEPLOY_APPLICATION, CODEDEPLOY_GROUP,
 * S3_BUCKET, S3_KEY (ends in .zip, .tgz or .tar), GREEN_TAG_KEY, and AWS credentials where AWS's tools look for them. It
 * keeps the rollout in `.rollouts`.
 */
import './shared/quiet-aws.js';
import './shared/preload.js';
import assert from 'node:assert/strict';
import { BlueGreen, MemoryStore } from 'elastigroup-bluegreen';
import type { BlueGreenOptions, ElastigroupSpec, ErrorCode, RolloutEvent } from 'elastigroup-bluegreen';
import { SimulatedCloud } from 'elastigroup-bluegreen/testing';
import type { Fault } from 'elastigroup-bluegreen/testing';
import { realAccount } from './shared/real-account.js';

if (process.argv.includes('--real')) {
  const { options, spec } = realAccount();
  await rehearse('somebody aborts', options, spec, { aborting: true, code: 'ABORTED' });
} else {
  await simulate(
    'AWS reclaims green while the new version is installed',
    [{ fault: 'interruption', colour: 'green', event: 'Install' }],
    { code: 'INSTANCE_LOST' },
  );
  await simulate(
    'a script fails when users already reach green',
    [{ fault: 'script-fails', event: 'AfterAllowTraffic' }],
    { code: 'RELEASE_FAILED' },
  );
  await simulate('somebody aborts', [], { aborting: true, code: 'ABORTED' });
}

interface Expected {
  readonly code: ErrorCode;
  readonly aborting?: boolean;
}

async function simulate(story: string, faults: readonly Fault[], expected: Expected): Promise<void> {
  await using cloud = new SimulatedCloud({ faults });
  await rehearse(story, { ...cloud.options(), store: new MemoryStore() }, cloud.spec(), expected);
  // The cloud's own truth: version 411 serves from the same three instances, and nothing of version 412 is left.
  const { serving, instances } = cloud.snapshot();
  assert.deepEqual(serving, { blue: 3, green: 0, other: 0 });
  assert.deepEqual(
    instances.filter(({ colour, state }) => colour === 'green' && state === 'running'),
    [],
  );
  console.log(`users: ${cloud.traffic.total} requests, ${cloud.traffic.failed} failed\n`);
}

async function rehearse(
  story: string,
  options: BlueGreenOptions,
  spec: ElastigroupSpec,
  { code, aborting = false }: Expected,
): Promise<void> {
  console.log(`--- ${story}`);
  const blueGreen = new BlueGreen({ ...options, onEvent: tell });
  try {
    const rollout = await blueGreen.start(spec);
    if (aborting)
      await abortOnceGreenStands(rollout.events(), () => rollout.abort({ by: 'Ada', reason: 'a rehearsal' }));
    const { outcome, error, receipt } = await rollout.result();
    assert.equal(outcome, 'rolled-back', `the release should have been taken back: ${error?.message}`);
    assert.equal(error?.code, code);
    const differs = receipt.lines.filter(({ verdict }) => verdict === 'differs' || verdict === 'not-checked');
    assert.deepEqual(differs, [], 'production should be as it was');
    console.log(`${outcome}, because of ${error.code}: ${receipt.lines.length} things compared, none differs`);
  } finally {
    await blueGreen.close();
  }
}

async function abortOnceGreenStands(events: AsyncIterable<RolloutEvent>, abort: () => Promise<string>): Promise<void> {
  for await (const event of events) {
    if (event.name === 'rollout:finish:recorded') return;
    if (event.name !== 'step:run:completed' || event.data.step !== 'await-green') continue;
    assert.equal(await abort(), 'unwinding');
    return;
  }
}

function tell({ at, level, name, text }: RolloutEvent): void {
  if (level !== 'debug') console.log(`${at.slice(11, 19)}  ${name}  ${text.split('\n', 1)[0]}`);
}
