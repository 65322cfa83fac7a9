import {
  BatchGetDeploymentTargetsCommand,
  CodeDeployClient,
  ContinueDeploymentCommand,
  CreateDeploymentCommand,
  GetDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import { describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/shop.js';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.js';
import { ALL_AT_ONCE, codeDeployWorld, GREEN, idsOf, NEW, NEW_NAME } from './code-deploy-world.js';

const MINUTE = 60_000;
type World = ReturnType<typeof codeDeployWorld>;
const info = async ({ aws }: World, deploymentId: string) =>
  (await aws.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo!;
const target = async ({ aws }: World, deploymentId: string, targetId: string) =>
  (await aws.send(new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds: [targetId] }))).deploymentTargets![0]!
    .instanceTarget!;

describe('a release that goes well', () => {
  it('CD-3, CD-7: green gets the revision and the traffic, then blue leaves', async () => {
    const world = codeDeployWorld();
    const { clock, deploy, inService, blue, green, aws } = world;
    const deploymentId = deploy();
    expect((await info(world, deploymentId)).status).toBe('Created');
    clock.advance(2_000);
    expect((await info(world, deploymentId)).status).toBe('Queued');
    clock.advance(10_000);
    expect(await info(world, deploymentId)).toMatchObject({
      status: 'InProgress',
      deploymentOverview: { InProgress: 2, Pending: 2 },
    });
    clock.advance(10 * MINUTE);
    expect(await info(world, deploymentId)).toMatchObject({
      status: 'Succeeded',
      deploymentOverview: { Succeeded: 4 },
    });
    expect(inService()).toEqual(idsOf(green));
    expect(green.map((instance) => instance.application)).toEqual(
      green.map(() => ({ revision: NEW_NAME, healthy: true })),
    );
    const [first] = idsOf(blue);
    const seen = await target(world, deploymentId, first!);
    expect(seen).toMatchObject({ instanceLabel: 'Blue', status: 'Succeeded' });
    expect(seen.lifecycleEvents?.map((event) => event.lifecycleEventName)).toEqual([
      'BeforeBlockTraffic',
      'BlockTraffic',
      'AfterBlockTraffic',
    ]);
    const greenTarget = await target(world, deploymentId, green[0]!.instanceId);
    expect(greenTarget.lifecycleEvents?.map((event) => event.status)).toEqual(Array(10).fill('Succeeded'));
    await expect(
      aws.send(new ContinueDeploymentCommand({ deploymentId, deploymentWaitType: 'READY_WAIT' })),
    ).rejects.toMatchObject({ name: 'DeploymentAlreadyCompletedException' });
  });

  it('CD-9: a group with a Ready wait holds before traffic, and goes on when told to', async () => {
    const world = codeDeployWorld({ group: { readyWaitMinutes: 30 } });
    const { clock, deploy, inService, blue, green, aws } = world;
    const deploymentId = deploy();
    const ready = new ContinueDeploymentCommand({ deploymentId, deploymentWaitType: 'READY_WAIT' });
    await expect(aws.send(ready)).rejects.toMatchObject({ name: 'DeploymentIsNotInReadyStateException' });
    clock.advance(5 * MINUTE);
    expect(await info(world, deploymentId)).toMatchObject({ status: 'Ready', deploymentOverview: { Ready: 2 } });
    expect(inService()).toEqual(idsOf(blue));
    await aws.send(ready);
    clock.advance(5 * MINUTE);
    expect((await info(world, deploymentId)).status).toBe('Succeeded');
    expect(inService()).toEqual(idsOf(green));
  });

  it('CD-9: the Ready wait ends Stopped', async () => {
    const world = codeDeployWorld({ group: { readyWaitMinutes: 30 } });
    const deploymentId = world.deploy();
    world.clock.advance(40 * MINUTE);
    expect((await info(world, deploymentId)).status).toBe('Stopped');
    expect(world.inService()).toEqual(idsOf(world.blue));
  });

  it.each(['InProgress', 'Succeeded'] as const)('CD-16: the termination wait, told as %s', async (status) => {
    const world = codeDeployWorld({
      group: { terminateBlueAfterMinutes: 60 },
      undocumented: { statusInTerminationWait: status },
    });
    const { clock, deploy, aws, blue, codeDeploy } = world;
    const deploymentId = deploy();
    clock.advance(10 * MINUTE);
    const waiting = await info(world, deploymentId);
    expect(waiting).toMatchObject({ status, instanceTerminationWaitTimeStarted: true });
    expect(waiting.completeTime).toBeUndefined();
    expect(codeDeploy.deployment(deploymentId)?.status).toBe('InProgress');
    expect(blue.map((instance) => instance.state)).toEqual(['running', 'running']);
    await aws.send(new ContinueDeploymentCommand({ deploymentId, deploymentWaitType: 'TERMINATION_WAIT' }));
    expect((await info(world, deploymentId)).completeTime).toEqual(new Date(clock.now()));
    expect(codeDeploy.deployment(deploymentId)?.status).toBe('Succeeded');
    expect(blue.map((instance) => instance.stateReason?.code)).toEqual(blue.map(() => 'Client.UserInitiatedShutdown'));
  });

  it.each([
    ['unchanged', [{ Key: 'Colour', Value: 'blue', Type: 'KEY_AND_VALUE' }]],
    ['green', GREEN.tagFilters],
    ['cleared', undefined],
  ] as const)('CD-15: the filter of the group after success: %s', (filterAfterSuccess, expected) => {
    const { codeDeploy, deploy, clock } = codeDeployWorld({ undocumented: { filterAfterSuccess } });
    deploy();
    clock.advance(10 * MINUTE);
    expect(codeDeploy.groups.get('shop', 'shop-prod').filter.tagFilters).toEqual(expected);
  });
});

describe('in the simulated cloud', () => {
  it('a release through the network, and no request of a user is lost', async () => {
    await using cloud = new SimulatedCloud();
    const { region, endpoint, credentials } = cloud.options().aws;
    const aws = new CodeDeployClient({ region, endpoint, credentials, maxAttempts: 1 });
    const green = [1, 2].map(() => cloud.ec2.launch({ tags: { Colour: 'green' }, launchMs: 0 }));
    cloud.advance(MINUTE);
    const { deploymentId } = await aws.send(
      new CreateDeploymentCommand({
        applicationName: SHOP.applicationName,
        deploymentGroupName: SHOP.deploymentGroupName,
        revision: NEW,
        targetInstances: { ec2TagSet: { ec2TagSetList: [GREEN.tagFilters] } },
      }),
    );
    cloud.advance(10 * MINUTE);
    const { deploymentInfo } = await aws.send(new GetDeploymentCommand({ deploymentId }));
    expect(deploymentInfo).toMatchObject({ status: 'Succeeded', deploymentOverview: { Succeeded: 5 } });
    const serving = cloud.loadBalancing.health(SHOP.targetGroupName).map((target) => target.instanceId);
    expect(serving.sort()).toEqual(idsOf(green));
    expect(cloud.trafficFailures).toEqual([]);
    aws.destroy();
  });
});

describe('instances that fail', () => {
  it('CD-10, CD-11: the failing script is in the diagnostics, and the failed green gets no traffic', async () => {
    const world = codeDeployWorld({ green: 3 });
    world.faults.add({ fault: 'script-fails', event: 'ValidateService', instance: 1, logTail: 'boom' });
    const deploymentId = world.deploy();
    world.clock.advance(10 * MINUTE);
    const bad = world.green[1]!.instanceId;
    expect(await info(world, deploymentId)).toMatchObject({
      status: 'Succeeded',
      deploymentOverview: { Failed: 1, Succeeded: 4 },
    });
    const seen = await target(world, deploymentId, bad);
    expect(seen.status).toBe('Failed');
    expect(seen.lifecycleEvents?.find((event) => event.status === 'Failed')).toMatchObject({
      lifecycleEventName: 'ValidateService',
      diagnostics: { errorCode: 'ScriptFailed', scriptName: 'scripts/ValidateService.sh', logTail: 'boom' },
    });
    expect(world.inService()).toEqual(idsOf(world.green.filter((instance) => instance.instanceId !== bad)));
  });

  it.each([
    ['CodeDeployDefault.OneAtATime', 3, 1, 'Succeeded'],
    ['CodeDeployDefault.OneAtATime', 3, 2, 'Failed'],
    ['CodeDeployDefault.HalfAtATime', 4, 2, 'Succeeded'],
    ['CodeDeployDefault.HalfAtATime', 4, 3, 'Failed'],
    [ALL_AT_ONCE, 3, 2, 'Succeeded'],
    [ALL_AT_ONCE, 3, 3, 'Failed'],
  ])('CD-10: %s, %d green of which %d fail: %s', async (deploymentConfigName, green, failing, status) => {
    const world = codeDeployWorld({ green });
    for (let instance = 0; instance < failing; instance += 1) world.faults.add({ fault: 'script-fails', instance });
    const deploymentId = world.deploy({ deploymentConfigName });
    world.clock.advance(20 * MINUTE);
    const ended = await info(world, deploymentId);
    expect(ended.status).toBe(status);
    if (status === 'Failed') {
      expect(ended.errorInformation?.code).toBe('HEALTH_CONSTRAINTS');
      expect(world.inService()).toEqual(idsOf(world.blue));
    }
  });

  it('CD-10: a minimum that leaves no instance to work on fails at once', async () => {
    const world = codeDeployWorld();
    world.codeDeploy.createDeploymentConfig({
      deploymentConfigName: 'all',
      minimumHealthyHosts: { type: 'FLEET_PERCENT', value: 100 },
    });
    const deploymentId = world.deploy({ deploymentConfigName: 'all' });
    world.clock.advance(5_000);
    expect(await info(world, deploymentId)).toMatchObject({
      status: 'Failed',
      errorInformation: { code: 'HEALTH_CONSTRAINTS_INVALID' },
    });
  });

  it.each([true, false])('CD-11: a failed ApplicationStop is forgiven if the release says so: %s', async (forgiven) => {
    const world = codeDeployWorld();
    world.faults.add({ fault: 'script-fails', event: 'ApplicationStop', instance: 'all' });
    const deploymentId = world.deploy({ ignoreApplicationStopFailures: forgiven });
    world.clock.advance(10 * MINUTE);
    expect((await info(world, deploymentId)).status).toBe(forgiven ? 'Succeeded' : 'Failed');
    const seen = await target(world, deploymentId, world.green[0]!.instanceId);
    expect(seen.lifecycleEvents?.[0]?.status).toBe('Failed');
  });

  it('CD-4: a stopped instance is a target, and fails', async () => {
    const world = codeDeployWorld();
    world.ec2.stop(world.green[0]!.instanceId);
    const deploymentId = world.deploy();
    world.clock.advance(6 * MINUTE);
    expect((await target(world, deploymentId, world.green[0]!.instanceId)).status).toBe('Failed');
  });

  it.each(['InProgress', 'Pending'] as const)(
    'CD-12: an agent that is dead costs five minutes, its target %s',
    async (shown) => {
      const world = codeDeployWorld({ undocumented: { targetOfSilentAgent: shown } });
      world.green[0]!.agentAlive = false;
      const deploymentId = world.deploy();
      world.clock.advance(4 * MINUTE);
      expect((await target(world, deploymentId, world.green[0]!.instanceId)).status).toBe(shown);
      world.clock.advance(1.5 * MINUTE);
      expect((await target(world, deploymentId, world.green[0]!.instanceId)).status).toBe('Failed');
    },
  );

  it('CD-12: an instance lost in the middle of an event costs an hour', async () => {
    const world = codeDeployWorld();
    world.faults.add({ fault: 'interruption', colour: 'green', instance: 0, event: 'Install' });
    const deploymentId = world.deploy();
    world.clock.advance(55 * MINUTE);
    expect(world.green[0]!.stateReason?.code).toBe('Server.SpotInstanceTermination');
    expect((await info(world, deploymentId)).status).toBe('InProgress');
    world.clock.advance(20 * MINUTE);
    expect((await info(world, deploymentId)).status).toBe('Succeeded');
    expect(world.inService()).toEqual([world.green[1]!.instanceId]);
  });

  it('CD-13: one blue instance lost in BlockTraffic fails the deployment, with traffic on green', async () => {
    const world = codeDeployWorld();
    world.faults.add({ fault: 'interruption', colour: 'blue', event: 'BlockTraffic' });
    const deploymentId = world.deploy();
    world.clock.advance(10 * MINUTE);
    expect(await info(world, deploymentId)).toMatchObject({
      status: 'Failed',
      errorInformation: { code: 'HEALTH_CONSTRAINTS' },
    });
    expect(world.inService()).toEqual(idsOf(world.green));
  });
});
