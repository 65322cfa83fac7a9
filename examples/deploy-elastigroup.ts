/**
 * A release as a pipeline would run it: ask for it, watch it, and let the exit code tell how it ended.
 *
 *   npx tsx examples/deploy-elastigroup.ts           on a simulated cloud; nothing leaves this machine
 *   npx tsx examples/deploy-elastigroup.ts --real    on the account that the environment names
 *
 * `--real` needs SPOTINST_TOKEN, SPOTINST_ACCOUNT, AWS_REGION, ELASTIGROUP_ID, CODEDEPLOY_APPLICATION, CODEDEPLOY_GROUP,
 * S3_BUCKET, S3_KEY (ends in .zip, .tgz or .tar), GREEN_TAG_KEY, and AWS credentials where AWS's tools look for them. It
 * keeps the rollout in `.rollouts`.
 *
 * Exit code: 0 when the release went out, 1 when it did not.
 */
import './shared/quiet-aws.js';
import './shared/preload.js';
import assert from 'node:assert/strict';
import { BlueGreen, BlueGreenError, MemoryStore } from 'elastigroup-bluegreen';
import type { RolloutEvent } from 'elastigroup-bluegreen';
import { SimulatedCloud } from 'elastigroup-bluegreen/testing';
import { realAccount } from './shared/real-account.js';

const cloud = process.argv.includes('--real') ? undefined : new SimulatedCloud();
const { options, spec } = cloud
  ? { options: { ...cloud.options(), store: new MemoryStore() }, spec: cloud.spec() }
  : realAccount();

const blueGreen = new BlueGreen({ ...options, onEvent: tell });
try {
  const result = await blueGreen.deploy(spec);
  console.log(`${result.id}: ${result.green?.instanceIds.join(', ')} serve; blue is gone`);
  for (const line of result.receipt.lines) if (line.verdict === 'differs') console.log(`to do: ${line.fix}`);
} catch (error) {
  if (!BlueGreenError.is(error)) throw error;
  console.error(`${error.code} (${error.blame} must act): ${error.message}\n${error.hint}`);
  process.exitCode = 1;
} finally {
  await blueGreen.close();
}

if (cloud) {
  assert.notEqual(process.exitCode, 1, 'the release should have gone out');
  assert.deepEqual(cloud.snapshot().serving, { blue: 0, green: 3, other: 0 });
  assert.equal(cloud.traffic.failed, 0, 'no request of a user should have failed');
  await cloud.close();
}

function tell({ at, level, name, text }: RolloutEvent): void {
  if (level !== 'debug') console.log(`${at.slice(11, 19)}  ${name}  ${text}`);
}
