import { describe, expect, test } from 'vitest';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { SdkAwsPlace } from '../../src/aws/aws-place.js';
import { CodeDeployGateway } from '../../src/aws/code-deploy-gateway.js';
import { InstancesGateway } from '../../src/aws/instances-gateway.js';
import { TargetGroupsGateway } from '../../src/aws/target-groups-gateway.js';
import { exponentialBackoff } from '../../src/policies/exponential-backoff.js';
import { fixedTimeouts } from '../../src/policies/fixed-timeouts.js';
import { SpotClient } from '../../src/spot/spot-client.js';
import type { Fault } from '../../src/testing/faults.js';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.js';
import { failureOf } from './aws-helpers.js';

function reach(cloud: SimulatedCloud) {
  const access = cloud.options();
  const { clock, random } = access;
  const environment = { clock, random, retry: exponentialBackoff(), timeout: fixedTimeouts() };
  const clients = new AwsClients(access.aws);
  const spec = cloud.spec();
  const { applicationName, deploymentGroupName } = spec.codeDeploy;
  return {
    clock,
    elastigroupId: spec.elastigroupId,
    deploymentGroup: { applicationName, deploymentGroupName },
    spot: new SpotClient({ ...access.spot, clock, random }),
    place: new SdkAwsPlace(clients),
    codeDeploy: new CodeDeployGateway(clients, environment),
    instances: new InstancesGateway(clients, environment),
    targetGroups: new TargetGroupsGateway(clients, environment),
  };
}

const GREEN = { key: 'Colour', value: 'green-1' };

test('a release can be made by hand with the gateways alone', async () => {
  await using cloud = new SimulatedCloud();
  const { clock, elastigroupId, deploymentGroup, spot, place, codeDeploy, instances, targetGroups } = reach(cloud);
  const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
    for (let looks = 0; looks < 400; looks += 1) {
      const seen = await look();
      if (seen !== undefined) return seen;
      await clock.sleep(15_000);
    }
    throw new Error('It never came about.');
  };

  expect(await place.region()).toBe('eu-west-1');
  const elastigroup = await spot.readElastigroup(elastigroupId);
  const blue = (await spot.listInstances(elastigroupId)).map(({ instanceId }) => instanceId);
  expect(elastigroup.capacity.target).toBe(blue.length);
  expect(await spot.listRolls(elastigroupId)).toEqual([]);
  expect(await spot.listSuspensions(elastigroupId)).toEqual([]);
  const group = await codeDeploy.readDeploymentGroup(deploymentGroup);
  const [targetGroup] = await targetGroups.describeTargetGroups(group.targetGroupNames);
  const healthy = async () =>
    (await targetGroups.targetHealth(targetGroup!.arn))
      .filter(({ state }) => state === 'healthy')
      .map(({ targetId }) => targetId)
      .sort();
  expect(await healthy()).toEqual([...blue].sort());

  const mode = await spot.enterDeploymentMode(elastigroupId, {
    timeoutMs: 7_200_000,
    tags: [GREEN],
    deploymentGroups: [deploymentGroup],
  });
  await until(async () => {
    const modes = await spot.listDeploymentModes(elastigroupId);
    const found = modes.find(({ deploymentModeId }) => deploymentModeId === mode.deploymentModeId);
    return found?.state === 'AWAITING_USER_DEPLOYMENT' ? found : undefined;
  });
  const green = await instances.findByTags([{ key: GREEN.key, values: [GREEN.value] }]);
  expect(green).toHaveLength(blue.length);
  await clock.sleep(300_000);

  const { codeDeployDeploymentId } = await codeDeploy.createDeployment({
    ...deploymentGroup,
    revision: cloud.spec().codeDeploy.revision,
    description: 'by-hand#1',
    targetTags: [GREEN],
    rollBackOn: ['DEPLOYMENT_FAILURE'],
  });
  const listed = await until(async () => (await codeDeploy.listActiveDeployments(deploymentGroup))[0]);
  expect(listed).toMatchObject({ codeDeployDeploymentId, description: 'by-hand#1' });
  const ended = await until(async () => {
    const one = await codeDeploy.readDeployment(codeDeployDeploymentId);
    return one.completedAt === undefined ? undefined : one;
  });
  expect(ended.status).toBe('Succeeded');
  const targets = await codeDeploy.listTargets(codeDeployDeploymentId);
  const greenTargets = targets.filter(({ colour }) => colour === 'Green').map(({ instanceId }) => instanceId);
  expect(greenTargets.sort()).toEqual(green.map(({ instanceId }) => instanceId).sort());
  expect(await codeDeploy.stopDeployment(codeDeployDeploymentId, { rollBack: false })).toBe('already-completed');

  await until(async () => {
    const left = await spot.listInstances(elastigroupId);
    return left.some(({ instanceId }) => blue.includes(instanceId)) ? undefined : left;
  });
  expect(await healthy()).toEqual(green.map(({ instanceId }) => instanceId).sort());
});

test('suspensions come and go with their end', async () => {
  await using cloud = new SimulatedCloud();
  const { clock, elastigroupId, spot } = reach(cloud);
  await spot.suspendProcesses(elastigroupId, [{ process: 'AUTO_SCALE', ttlMs: 90_000 }, { process: 'SCHEDULING' }]);
  const suspended = await spot.listSuspensions(elastigroupId);
  expect(suspended).toHaveLength(2);
  expect(suspended).toContainEqual({ process: 'SCHEDULING' });
  const autoScale = suspended.find(({ process }) => process === 'AUTO_SCALE');
  const endsInMs = Date.parse(autoScale?.expiresAt ?? '') - clock.now();
  expect(endsInMs).toBeGreaterThan(100_000);
  expect(endsInMs).toBeLessThanOrEqual(120_000);
  await spot.resumeProcesses(elastigroupId, ['AUTO_SCALE', 'SCHEDULING']);
  expect(await spot.listSuspensions(elastigroupId)).toEqual([]);
});

describe('faults on the way', () => {
  const onSpot = { service: 'spot', operation: 'enterDeploymentMode' } as const;
  const onCodeDeploy = { service: 'codedeploy', operation: 'CreateDeployment' } as const;

  test.each<[Fault['fault'], (on: typeof onSpot | typeof onCodeDeploy) => Fault, string]>([
    ['lost-answer', (on) => ({ fault: 'lost-answer', on }), 'no-answer'],
    ['no-answer', (on) => ({ fault: 'no-answer', on, acted: true }), 'timed-out'],
    ['server-error', (on) => ({ fault: 'server-error', on, acted: true }), 'unavailable'],
    ['malformed', (on) => ({ fault: 'malformed', on, body: '<html>' }), 'malformed'],
  ])('after "%s" nobody can say whether a change was made', async (_name, fault, kind) => {
    await using cloud = new SimulatedCloud({ faults: [fault(onSpot), fault(onCodeDeploy)] });
    const { elastigroupId, deploymentGroup, spot, codeDeploy } = reach(cloud);
    const mode = { timeoutMs: 7_200_000, tags: [GREEN], deploymentGroups: [deploymentGroup] };
    expect(await failureOf(spot.enterDeploymentMode(elastigroupId, mode))).toMatchObject({ kind, acted: 'unknown' });
    const create = codeDeploy.createDeployment({
      ...deploymentGroup,
      revision: cloud.spec().codeDeploy.revision,
      description: 'x',
      targetTags: [{ key: 'Colour', value: 'blue' }],
      rollBackOn: ['DEPLOYMENT_FAILURE'],
    });
    expect(await failureOf(create)).toMatchObject({ kind, acted: 'unknown' });
  });

  test.each<[Fault['fault'], (service: 'spot' | 'ec2' | 'elbv2' | 'codedeploy') => Fault]>([
    ['lost-answer', (service) => ({ fault: 'lost-answer', on: { service } })],
    ['no-answer', (service) => ({ fault: 'no-answer', on: { service } })],
    ['server-error', (service) => ({ fault: 'server-error', on: { service } })],
    ['malformed', (service) => ({ fault: 'malformed', on: { service } })],
    ['throttled', (service) => ({ fault: 'throttled', on: { service } })],
  ])('a read survives "%s"', async (_name, fault) => {
    const faults = (['spot', 'ec2', 'elbv2', 'codedeploy'] as const).map(fault);
    await using cloud = new SimulatedCloud({ faults });
    const { elastigroupId, deploymentGroup, spot, codeDeploy, instances, targetGroups } = reach(cloud);
    const ids = (await spot.listInstances(elastigroupId)).flatMap(({ instanceId }) => instanceId ?? []);
    expect(ids).toHaveLength(3);
    expect(await instances.describeInstances(ids)).toHaveLength(3);
    const { targetGroupNames } = await codeDeploy.readDeploymentGroup(deploymentGroup);
    expect(await targetGroups.describeTargetGroups(targetGroupNames)).toHaveLength(1);
  });

  test('many readers at once never knock on Spot’s closed door', async () => {
    await using cloud = new SimulatedCloud({ rateLimits: { spotPerMinute: 10 } });
    const { elastigroupId, spot } = reach(cloud);
    const all = await Promise.all(Array.from({ length: 25 }, () => spot.listInstances(elastigroupId)));
    expect(all).toHaveLength(25);
    expect(cloud.requests).toHaveLength(25);
  });
});
