/**
 * Policies of your own: how failed calls are made again, how long things may take, and how often a cloud is looked at.
 * Each is one pure function. What it does not care about, it leaves to the library's own.
 *
 *   npx tsx examples/custom-policies.ts           on a simulated cloud in which EC2 throttles
 *   npx tsx examples/custom-policies.ts --real    on the account that the environment names
 *
 * `--real` needs SPOTINST_TOKEN, SPOTINST_ACCOUNT, AWS_REGION, ELASTIGROUP_ID, CODEDEPLOY_APPLICATION, CODEDEPLOY_GROUP,
 * S3_BUCKET, S3_KEY (ends in .zip, .tgz or .tar), GREEN_TAG_KEY, and AWS credentials where AWS's tools look for them. It
 * keeps the rollout in `.rollouts`.
 */
import './shared/quiet-aws.js';
import './shared/preload.js';
import assert from 'node:assert/strict';
import { BlueGreen, exponentialBackoff, MemoryStore } from 'elastigroup-bluegreen';
import type { PollingPolicy, RetryPolicy, RolloutEvent, TimeoutPolicy } from 'elastigroup-bluegreen';
import { SimulatedCloud } from 'elastigroup-bluegreen/testing';
import { realAccount } from './shared/real-account.js';

const MINUTE = 60_000;
const usual = exponentialBackoff({ attempts: 6 });

/** EC2 throttles this account often: there, wait longer and try for longer. Everything else as usual. */
const patientWithEc2: RetryPolicy = (failure, attempt, random) => {
  if (failure.service !== 'ec2' || failure.kind !== 'throttled') return usual(failure, attempt, random);
  if (attempt >= 12) return { retry: false, because: 'EC2 has throttled 12 times in a row' };
  return { retry: true, afterMs: Math.max(failure.retryAfterMs ?? 0, 2_000 * attempt + 500 * random()) };
};

/** Instances of this fleet boot slowly, and a call that takes longer than 20 s never ends well here. */
const slowBoots: TimeoutPolicy = (question) => {
  switch (question.scope) {
    case 'call':
      return Math.min(question.derivedMs, 20_000);
    case 'step':
      return question.stepId === 'await-green' ? 45 * MINUTE : question.derivedMs;
    case 'stage':
    case 'rollout':
      return question.derivedMs;
  }
};

/** Look every 2 s while something happens; the longer nothing does, the less often, up to every 30 s. */
const easesOff: PollingPolicy = ({ urgent, sinceChangeMs, remainingMs }) =>
  urgent ? 2_000 : Math.min(Math.max(2_000, sinceChangeMs / 4), 30_000, Math.max(remainingMs, 250));

const cloud = process.argv.includes('--real')
  ? undefined
  : new SimulatedCloud({
      faults: [{ fault: 'throttled', on: { service: 'ec2', operation: 'DescribeInstances', nth: 3, times: 8 } }],
    });
const { options, spec } = cloud
  ? { options: { ...cloud.options(), store: new MemoryStore() }, spec: cloud.spec() }
  : realAccount();
let throttled = 0;

const blueGreen = new BlueGreen({
  ...options,
  retry: patientWithEc2,
  timeouts: slowBoots,
  polling: easesOff,
  onEvent: tell,
});
const result = await blueGreen.deploy(spec).finally(() => blueGreen.close());
console.log(`${result.outcome}: ${result.green?.instanceIds.join(', ')} serve`);

if (cloud) {
  assert.equal(throttled, 8, 'the ninth attempt should have gone through: the usual policy gives up after six');
  assert.deepEqual(cloud.snapshot().serving, { blue: 0, green: 3, other: 0 });
  assert.equal(cloud.traffic.failed, 0, 'no request of a user should have failed');
  await cloud.close();
}

function tell({ at, level, name, text, data }: RolloutEvent): void {
  if (name === 'cloud:call:failed' && 'retryAfterMs' in data && text.startsWith('ec2')) throttled += 1;
  if (level !== 'debug') console.log(`${at.slice(11, 19)}  ${name}  ${text}`);
}
