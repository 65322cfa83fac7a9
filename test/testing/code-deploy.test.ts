import {
  BatchGetDeploymentTargetsCommand,
  BatchGetDeploymentsCommand,
  CreateDeploymentCommand,
  type CreateDeploymentCommandInput,
  GetDeploymentCommand,
  GetDeploymentConfigCommand,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  ListDeploymentTargetsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import { describe, expect, it } from 'vitest';
import { ALL_AT_ONCE, codeDeployWorld, GREEN, idsOf, NEW, OLD, SHOP } from './code-deploy-world.js';

describe('what CodeDeploy refuses', () => {
  const create = (input: Partial<CreateDeploymentCommandInput>) =>
    new CreateDeploymentCommand({ ...SHOP, revision: NEW, targetInstances: GREEN, ...input });
  const tag = (value: string) => ({ Key: 'Colour', Value: value, Type: 'KEY_AND_VALUE' as const });

  it.each([
    ['ApplicationDoesNotExistException', { applicationName: 'none' }],
    ['DeploymentGroupDoesNotExistException', { deploymentGroupName: 'none' }],
    ['DeploymentConfigDoesNotExistException', { deploymentConfigName: 'none' }],
    ['RevisionRequiredException', { revision: undefined }],
    ['InvalidRevisionException', { revision: { revisionType: 'S3' as const, s3Location: { bucket: 'releases' } } }],
    ['DescriptionTooLongException', { description: 'x'.repeat(257) }],
    ['InvalidTargetInstancesException', { targetInstances: { tagFilters: [tag('red')] } }],
    ['InvalidTargetInstancesException', { targetInstances: undefined }],
    [
      'InvalidEC2TagCombinationException',
      { targetInstances: { tagFilters: [tag('green')], ec2TagSet: { ec2TagSetList: [[tag('green')]] } } },
    ],
    [
      'InvalidTargetInstancesException',
      { targetInstances: { ec2TagSet: { ec2TagSetList: [1, 2, 3, 4].map(() => [tag('green')]) } } },
    ],
    [
      'InvalidTargetInstancesException',
      { targetInstances: { tagFilters: Array.from({ length: 11 }, () => tag('green')) } },
    ],
    ['InvalidAutoRollbackConfigException', { autoRollbackConfiguration: { enabled: true, events: [] } }],
  ])('CD-6: %s, case %#', async (name, input) => {
    const { aws, codeDeploy } = codeDeployWorld();
    await expect(aws.send(create(input))).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
    expect(codeDeploy.deployments('shop', 'shop-prod')).toHaveLength(1);
  });

  it.each([
    ['already-has', "already has an active Deployment '"],
    ['already-deploying', "is already deploying deployment '"],
  ] as const)(
    'CD-5: one deployment at a time in a deployment group, and the refusal names it: %s',
    async (busyWording, words) => {
      const { aws, deploy } = codeDeployWorld({ undocumented: { busyWording } });
      const running = deploy();
      await expect(aws.send(create({}))).rejects.toMatchObject({
        name: 'DeploymentLimitExceededException',
        message: expect.stringContaining(`${words}${running}'`) as string,
      });
    },
  );

  it('CD-6: target instances are not for an in-place group', async () => {
    const { aws } = codeDeployWorld({ group: { deploymentType: 'IN_PLACE' } });
    await expect(aws.send(create({}))).rejects.toMatchObject({ name: 'InvalidTargetInstancesException' });
  });

  it('CD-24: what is not simulated', async () => {
    const { aws, codeDeploy } = codeDeployWorld();
    codeDeploy.createDeploymentGroup({ ...SHOP, deploymentGroupName: 'ecs', computePlatform: 'ECS' });
    await expect(aws.send(create({ deploymentGroupName: 'ecs' }))).rejects.toMatchObject({
      name: 'InvalidComputePlatformException',
    });
    codeDeploy.updateDeploymentGroup('shop', 'shop-prod', { greenFleetProvisioning: 'COPY_AUTO_SCALING_GROUP' });
    await expect(aws.send(create({ targetInstances: undefined }))).rejects.toMatchObject({
      name: 'InvalidInputException',
    });
  });

  it('CD-2: a tag of a moment ago is not seen yet', async () => {
    const { aws, ec2, clock, blue } = codeDeployWorld({ green: 0 });
    ec2.createTags([blue[0]!.instanceId], { Colour: 'green' });
    await expect(aws.send(create({}))).rejects.toMatchObject({ name: 'InvalidTargetInstancesException' });
    clock.advance(20_000);
    await expect(aws.send(create({}))).resolves.toMatchObject({
      deploymentId: expect.stringMatching(/^d-[A-Z0-9]{9}$/) as string,
    });
  });

  it('CD-18: ids that are malformed, unknown or too many', async () => {
    const { aws, deploy, clock } = codeDeployWorld();
    await expect(aws.send(new GetDeploymentCommand({ deploymentId: 'x' }))).rejects.toMatchObject({
      name: 'InvalidDeploymentIdException',
    });
    await expect(aws.send(new GetDeploymentCommand({ deploymentId: 'd-ABSENT000' }))).rejects.toMatchObject({
      name: 'DeploymentDoesNotExistException',
    });
    const many = Array.from({ length: 26 }, (_, index) => `d-ABSENT0${index}`);
    await expect(aws.send(new BatchGetDeploymentsCommand({ deploymentIds: many }))).rejects.toMatchObject({
      name: 'BatchLimitExceededException',
    });
    const deploymentId = deploy();
    await expect(aws.send(new ListDeploymentTargetsCommand({ deploymentId }))).rejects.toMatchObject({
      name: 'DeploymentNotStartedException',
    });
    clock.advance(10_000);
    await expect(
      aws.send(new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds: ['i-none'] })),
    ).rejects.toMatchObject({ name: 'DeploymentTargetDoesNotExistException' });
  });
});

describe('what CodeDeploy answers', () => {
  it('CD-1: a deployment group with all that a preflight reads', async () => {
    const { aws } = codeDeployWorld({
      group: {
        readyWaitMinutes: 30,
        terminateBlueAfterMinutes: 5,
        autoRollback: { enabled: true, events: ['DEPLOYMENT_FAILURE'] },
        alarms: { enabled: true, names: ['5xx'] },
      },
    });
    const { deploymentGroupInfo } = await aws.send(new GetDeploymentGroupCommand(SHOP));
    expect(deploymentGroupInfo).toMatchObject({
      computePlatform: 'Server',
      deploymentConfigName: ALL_AT_ONCE,
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
      ec2TagFilters: [{ Key: 'Colour', Value: 'blue', Type: 'KEY_AND_VALUE' }],
      loadBalancerInfo: { targetGroupInfoList: [{ name: 'shop' }] },
      autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE'] },
      alarmConfiguration: { enabled: true, alarms: [{ name: '5xx' }] },
      blueGreenDeploymentConfiguration: {
        deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 30 },
        terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 5 },
        greenFleetProvisioningOption: { action: 'DISCOVER_EXISTING' },
      },
      lastSuccessfulDeployment: { status: 'Succeeded' },
    });
  });

  it('CD-8: the predefined configurations and one of the account', async () => {
    const { aws, codeDeploy } = codeDeployWorld();
    codeDeploy.createDeploymentConfig({
      deploymentConfigName: 'two',
      minimumHealthyHosts: { type: 'HOST_COUNT', value: 2 },
    });
    const answers = await Promise.all(
      ['CodeDeployDefault.OneAtATime', 'CodeDeployDefault.HalfAtATime', ALL_AT_ONCE, 'two'].map(async (name) => {
        const { deploymentConfigInfo } = await aws.send(new GetDeploymentConfigCommand({ deploymentConfigName: name }));
        return deploymentConfigInfo?.minimumHealthyHosts;
      }),
    );
    expect(answers).toEqual([
      { type: 'MOST_CONCURRENCY', value: 1 },
      { type: 'FLEET_PERCENT', value: 50 },
      { type: 'HOST_COUNT', value: 0 },
      { type: 'HOST_COUNT', value: 2 },
    ]);
  });

  it('CD-19: a list of deployments: newest first, filtered, in pages, and without the one of a moment ago', async () => {
    const { aws, codeDeploy, clock } = codeDeployWorld({ firstRelease: true });
    const start = clock.now();
    const ids: string[] = [];
    for (let n = 0; n < 12; n += 1)
      ids.unshift(codeDeploy.recordSuccess({ ...SHOP, revision: OLD, at: start - 100_000 + n }));
    const list = (more: object = {}) => aws.send(new ListDeploymentsCommand({ ...SHOP, ...more }));
    const first = await list();
    const second = await list({ nextToken: first.nextToken });
    expect([...first.deployments!, ...second.deployments!]).toEqual(ids);
    expect(second.nextToken).toBeUndefined();
    expect((await list({ includeOnlyStatuses: ['Failed'] })).deployments).toEqual([]);
    const since = new Date(start - 100_000 + 10);
    expect((await list({ createTimeRange: { start: since } })).deployments).toEqual(ids.slice(0, 2));

    const fresh = codeDeploy.createDeployment({ ...SHOP, revision: NEW, targetInstances: GREEN });
    expect((await list()).deployments).not.toContain(fresh);
    clock.advance(2_000);
    expect((await list({ includeOnlyStatuses: ['Created', 'Queued', 'InProgress'] })).deployments).toEqual([fresh]);
    await expect(list({ nextToken: 'nonsense' })).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
  });

  it('CD-20: targets in pages, filtered by label and status', async () => {
    const { aws, deploy, clock, blue, green } = codeDeployWorld({ blue: 3, green: 12 });
    const deploymentId = deploy();
    clock.advance(10_000);
    const list = (more: object = {}) => aws.send(new ListDeploymentTargetsCommand({ deploymentId, ...more }));
    const first = await list();
    const second = await list({ nextToken: first.nextToken });
    expect([...first.targetIds!, ...second.targetIds!].sort()).toEqual([...idsOf(blue), ...idsOf(green)].sort());
    const labelled = await list({ targetFilters: { ServerInstanceLabel: ['Blue'] } });
    expect(labelled.targetIds?.sort()).toEqual(idsOf(blue));
    expect((await list({ targetFilters: { TargetStatus: ['Failed'] } })).targetIds).toEqual([]);
  });

  it('CD-17: a stop is Pending while instances are at work, and effective a little later', async () => {
    const { aws, deploy, clock, codeDeploy } = codeDeployWorld();
    const deploymentId = deploy();
    clock.advance(15_000);
    const stop = new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: false });
    expect(await aws.send(stop)).toMatchObject({ status: 'Pending' });
    expect(codeDeploy.deployment(deploymentId)?.status).toBe('InProgress');
    clock.advance(3_000);
    const { deploymentInfo } = await aws.send(new GetDeploymentCommand({ deploymentId }));
    expect(deploymentInfo?.status).toBe('Stopped');
    expect(deploymentInfo?.completeTime).toEqual(new Date(clock.now()));
    await expect(aws.send(stop)).rejects.toMatchObject({ name: 'DeploymentAlreadyCompletedException' });
    clock.advance(60_000);
    expect(codeDeploy.deployments('shop', 'shop-prod')).toHaveLength(2);
  });
});
