import { afterEach, describe, expect, it } from 'vitest';
import type { RolloutEvent } from '../../src/index.js';
import { SHOP } from '../../src/testing/shop.js';
import { closeClouds, release, type ReleaseEnd } from '../helpers/release.js';

afterEach(closeClouds);

const idOfGreen = ({ cloud }: ReleaseEnd, index: number): string =>
  cloud.elastigroups.coloured(SHOP.elastigroupId, 'green')[index]?.instanceId ?? '';

const timeOf = (events: readonly RolloutEvent[], name: RolloutEvent['name']): number =>
  Date.parse(events.find((event) => event.name === name)?.at ?? '');

describe('the error of a release that did not go out', () => {
  it('names the instance, the event, the script, what it said and the end of its log, and blames the release', async () => {
    const end = await release({
      faults: [
        {
          fault: 'script-fails',
          event: 'ValidateService',
          instance: 1,
          scriptName: 'ops/smoke-test.sh',
          errorCode: 'ScriptTimedOut',
          message: 'no answer on port 8080',
          logTail: 'curl: (7) Failed to connect to localhost port 8080',
        },
      ],
    });
    const { error } = end.result;
    expect(error).toMatchObject({
      code: 'RELEASE_FAILED',
      blame: 'release',
      details: {
        instanceId: idOfGreen(end, 1),
        event: 'ValidateService',
        script: 'ops/smoke-test.sh',
        errorCode: 'ScriptTimedOut',
        message: 'no answer on port 8080',
        logTail: 'curl: (7) Failed to connect to localhost port 8080',
      },
    });
    for (const said of [
      idOfGreen(end, 1),
      'ValidateService',
      'ops/smoke-test.sh',
      'no answer on port 8080',
      'curl: (7)',
    ])
      expect(error?.message).toContain(said);
  });

  it('tells of the first failure, not of the one that is listed first', async () => {
    const end = await release({
      faults: [
        { fault: 'script-fails', event: 'ApplicationStart', instance: 0 },
        { fault: 'script-fails', event: 'BeforeInstall', instance: 2 },
      ],
      spec: { minimumHealthyPercent: 50 },
    });
    expect(end.result.error).toMatchObject({
      blame: 'release',
      details: { instanceId: idOfGreen(end, 2), event: 'BeforeInstall', script: 'scripts/BeforeInstall.sh' },
    });
  });

  it('says so when traffic, and not a script, was what failed', async () => {
    const end = await release({
      faults: [{ fault: 'interruption', colour: 'blue', event: 'BlockTraffic' }],
    });
    expect(end.result.error).toMatchObject({
      code: 'TRAFFIC_FAILED',
      details: { event: 'BlockTraffic', colour: 'Blue' },
    });
  });

  it('says who took a reclaimed instance, and does not blame the release', async () => {
    const end = await release({ faults: [{ fault: 'interruption', colour: 'green', instance: 1, event: 'Install' }] });
    expect(end.result.error).toMatchObject({
      code: 'INSTANCE_LOST',
      blame: 'cloud',
      details: { instanceId: idOfGreen(end, 1), event: 'Install' },
    });
    expect(end.result.error?.message).toContain('Server.SpotInstanceTermination');
  });
});

describe('a failure is seen', () => {
  it('within a minute where an instance was reclaimed, although CodeDeploy would take an hour', async () => {
    let reclaimedAt = Number.NaN;
    const end = await release({
      faults: [{ fault: 'interruption', colour: 'green', event: 'Install' }],
      prepare: (cloud) => {
        cloud.ec2.onChange(({ stateReason }) => {
          if (stateReason?.code === 'Server.SpotInstanceTermination' && Number.isNaN(reclaimedAt))
            reclaimedAt = cloud.clock.now();
        });
      },
    });
    expect(end.result.outcome).toBe('rolled-back');
    expect(timeOf(end.events, 'rollout:unwind:started') - reclaimedAt).toBeLessThan(60_000);
  });

  it('every two seconds, from the first failed instance on', async () => {
    const end = await release({
      cloud: { blue: 3 },
      spec: { minimumHealthyPercent: 50 },
      faults: [{ fault: 'script-fails', event: 'BeforeInstall', instance: 0 }],
    });
    expect(end.result.outcome).toBe('succeeded');
    const looks = looksAt(end);
    const seenAt = timeOf(
      end.events.filter(({ text }) => text.includes('1 failed')),
      'step:run:observed',
    );
    const releasedAt = timeOf(
      end.events.filter(({ data }) => 'step' in data && data.step === 'await-codedeploy'),
      'step:run:completed',
    );
    const after = looks.filter((at) => at >= seenAt && at <= releasedAt);
    expect(after.length).toBeGreaterThan(20);
    expect(Math.max(...after.slice(1).map((at, index) => at - (after[index] ?? at)))).toBeLessThanOrEqual(2_000);
  });

  it('and the release is stopped as soon as the share that must carry it cannot be reached', async () => {
    const end = await release({
      cloud: { blue: 3 },
      spec: { minimumHealthyPercent: 50 },
      faults: [
        { fault: 'script-fails', event: 'BeforeInstall', instance: 0 },
        { fault: 'script-fails', event: 'ApplicationStart', instance: 1 },
      ],
    });
    expect(end.result.outcome).toBe('rolled-back');
    const { applicationName, deploymentGroupName } = SHOP;
    const [ours] = end.cloud.codeDeploy
      .deployments(applicationName, deploymentGroupName)
      .map(({ deploymentId }) => end.cloud.codeDeploy.find(deploymentId))
      .filter(({ description }) => /#1$/.test(description ?? ''));
    const failedAt = ours?.targets
      .flatMap(({ events }) => events)
      .filter(({ status }) => status === 'Failed')
      .map(({ endedAt }) => endedAt ?? Number.NaN);
    const startedAt = end.cloud.clock.now() - end.tookMs;
    const stop = end.cloud.requests.find(({ operation }) => operation === 'StopDeployment');
    expect(failedAt).toHaveLength(2);
    expect(startedAt + (stop?.atMs ?? Number.NaN) - Math.max(...(failedAt ?? []))).toBeLessThanOrEqual(2_500);
  });
});

/** Epoch milliseconds of every look at the instances of the release. */
function looksAt({ cloud, tookMs }: ReleaseEnd): readonly number[] {
  const startedAt = cloud.clock.now() - tookMs;
  return cloud.requests
    .filter(({ operation }) => operation === 'BatchGetDeploymentTargets')
    .map(({ atMs }) => startedAt + atMs);
}
