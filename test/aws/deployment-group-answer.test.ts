import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { CodeDeployGateway } from '../../src/aws/code-deploy-gateway.js';
import { answerAws, aws, failureOf, json } from './aws-helpers.js';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const GROUP = { applicationName: 'shop', deploymentGroupName: 'prod' };

function read(more: object) {
  answerAws(server, () =>
    json({ deploymentGroupInfo: { ...GROUP, deploymentGroupId: 'dg-1', computePlatform: 'Server', ...more } }),
  );
  const { clients, environment } = aws();
  return new CodeDeployGateway(clients, environment).readDeploymentGroup(GROUP);
}

test('a blue/green group with everything in it', async () => {
  const group = await read({
    deploymentConfigName: 'CodeDeployDefault.HalfAtATime',
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
    ec2TagSet: {
      ec2TagSetList: [
        [
          { Key: 'Colour', Value: 'blue', Type: 'KEY_AND_VALUE' },
          { Key: 'Colour', Value: 'old', Type: 'KEY_AND_VALUE' },
        ],
        [{ Key: 'Shop', Type: 'KEY_ONLY' }],
      ],
    },
    loadBalancerInfo: {
      targetGroupInfoList: [{ name: 'tg-1' }, { name: 'tg-1' }],
      elbInfoList: [{ name: 'classic' }],
      targetGroupPairInfoList: [{ targetGroups: [{ name: 'tg-a' }, { name: 'tg-b' }] }],
    },
    blueGreenDeploymentConfiguration: {
      deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 60 },
      terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 5 },
      greenFleetProvisioningOption: { action: 'DISCOVER_EXISTING' },
    },
    alarmConfiguration: { enabled: true, alarms: [{ name: '5xx' }] },
    autoScalingGroups: [{ name: 'asg', hook: 'h' }],
    lastSuccessfulDeployment: { deploymentId: 'd-LAST', status: 'Succeeded' },
  });
  expect(group).toEqual({
    ...GROUP,
    deploymentGroupId: 'dg-1',
    computePlatform: 'Server',
    deploymentConfigName: 'CodeDeployDefault.HalfAtATime',
    deploymentType: 'BLUE_GREEN',
    trafficControl: true,
    greenFleetProvisioning: 'DISCOVER_EXISTING',
    autoScalingGroups: ['asg'],
    targetGroupNames: ['tg-1', 'tg-a', 'tg-b'],
    classicLoadBalancers: ['classic'],
    filter: [
      [
        { key: 'Colour', values: ['blue'] },
        { key: 'Colour', values: ['old'] },
      ],
      [{ key: 'Shop' }],
    ],
    readyWaitMs: 3_600_000,
    terminationWaitMs: 300_000,
    alarmNames: ['5xx'],
    alarmsEnabled: true,
    lastSuccessfulDeploymentId: 'd-LAST',
  });
});

test('a bare group: in place, without traffic control, selecting nothing', async () => {
  expect(await read({})).toEqual({
    ...GROUP,
    deploymentGroupId: 'dg-1',
    computePlatform: 'Server',
    deploymentConfigName: 'CodeDeployDefault.OneAtATime',
    deploymentType: 'IN_PLACE',
    trafficControl: false,
    autoScalingGroups: [],
    targetGroupNames: [],
    classicLoadBalancers: [],
    filter: [],
    alarmNames: [],
    alarmsEnabled: false,
  });
});

test('the old form of the filter is one list of which any entry may match', async () => {
  const ec2TagFilters = [{ Key: 'A', Value: '1', Type: 'KEY_AND_VALUE' }, { Key: 'B' }, { Key: 'C', Value: '' }];
  expect(await read({ ec2TagFilters, ec2TagSet: { ec2TagSetList: [] } })).toMatchObject({
    filter: [[{ key: 'A', values: ['1'] }, { key: 'B' }, { key: 'C', values: [''] }]],
  });
});

test('a group that continues at once and keeps blue has neither wait', async () => {
  const group = await read({
    blueGreenDeploymentConfiguration: {
      deploymentReadyOption: { actionOnTimeout: 'CONTINUE_DEPLOYMENT', waitTimeInMinutes: 0 },
      terminateBlueInstancesOnDeploymentSuccess: { action: 'KEEP_ALIVE', terminationWaitTimeInMinutes: 0 },
    },
  });
  expect(group).not.toHaveProperty('readyWaitMs');
  expect(group).not.toHaveProperty('terminationWaitMs');
});

test('blue that is terminated at once is a wait of nothing, not no wait', async () => {
  const terminateBlueInstancesOnDeploymentSuccess = { action: 'TERMINATE' };
  expect(await read({ blueGreenDeploymentConfiguration: { terminateBlueInstancesOnDeploymentSuccess } })).toMatchObject(
    {
      terminationWaitMs: 0,
    },
  );
});

test('a filter by value alone is refused by name, not read as something else', async () => {
  const failure = await failureOf(read({ ec2TagFilters: [{ Value: 'blue', Type: 'VALUE_ONLY' }] }));
  expect(failure).toMatchObject({ kind: 'refused', acted: 'no', service: 'codedeploy' });
  expect(failure.message).toContain('shop/prod selects instances by VALUE_ONLY ("blue"), which is not supported');
});
