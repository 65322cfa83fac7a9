import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CodeDeployGateway } from '../../src/aws/code-deploy-gateway.js';
import { answerAws, aws, failureOf, json, jsonError } from './aws-helpers.js';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const GROUP = { applicationName: 'shop', deploymentGroupName: 'prod' };

function gateway() {
  const { clients, environment } = aws();
  return new CodeDeployGateway(clients, environment);
}

const deploymentInfo = (deploymentId: string, createTime: number, more: object = {}) => ({
  deploymentId,
  applicationName: 'shop',
  deploymentGroupName: 'prod',
  status: 'InProgress',
  createTime,
  ...more,
});

describe('creating a deployment', () => {
  test('sends exactly this: one AND-ed tag list for each tag, and always a rollback configuration', async () => {
    const requests = answerAws(server, () => json({ deploymentId: 'd-ABC' }));
    const created = await gateway().createDeployment({
      ...GROUP,
      revision: { s3: { bucket: 'b', key: 'k.zip', bundleType: 'zip', eTag: 'e' } },
      description: 'bg-1#1',
      targetTags: [
        { key: 'Colour', value: 'green' },
        { key: 'Rollout', value: 'bg-1' },
      ],
      deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
      fileExistsBehavior: 'OVERWRITE',
      ignoreApplicationStopFailures: true,
      rollBackOn: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'],
      alarmNames: ['5xx'],
    });
    expect(created).toEqual({ codeDeployDeploymentId: 'd-ABC' });
    expect(requests).toHaveLength(1);
    expect(requests[0]!.operation).toBe('CreateDeployment');
    expect(requests[0]!.json).toEqual({
      ...GROUP,
      revision: { revisionType: 'S3', s3Location: { bucket: 'b', key: 'k.zip', bundleType: 'zip', eTag: 'e' } },
      description: 'bg-1#1',
      targetInstances: {
        ec2TagSet: {
          ec2TagSetList: [
            [{ Key: 'Colour', Value: 'green', Type: 'KEY_AND_VALUE' }],
            [{ Key: 'Rollout', Value: 'bg-1', Type: 'KEY_AND_VALUE' }],
          ],
        },
      },
      deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
      fileExistsBehavior: 'OVERWRITE',
      ignoreApplicationStopFailures: true,
      autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'] },
      overrideAlarmConfiguration: { alarms: [{ name: '5xx' }], enabled: true, ignorePollAlarmFailure: false },
    });
  });

  test('what is not given is not sent', async () => {
    const requests = answerAws(server, () => json({ deploymentId: 'd-ABC' }));
    await gateway().createDeployment({
      ...GROUP,
      revision: { github: { repository: 'o/r', commitId: 'c0ffee' } },
      description: 'x',
      targetTags: [{ key: 'Colour', value: 'green' }],
      rollBackOn: [],
    });
    // What is not rolled back is said all the same: left out, the deployment group's own configuration would hold.
    expect(requests[0]!.json['autoRollbackConfiguration']).toEqual({ enabled: false, events: [] });
    expect(Object.keys(requests[0]!.json).sort()).toEqual([
      'applicationName',
      'autoRollbackConfiguration',
      'deploymentGroupName',
      'description',
      'revision',
      'targetInstances',
    ]);
    expect(requests[0]!.json['revision']).toEqual({
      revisionType: 'GitHub',
      gitHubLocation: { repository: 'o/r', commitId: 'c0ffee' },
    });
  });

  test('an answer without an id leaves open whether there is a deployment', async () => {
    answerAws(server, () => json({}));
    const create = gateway().createDeployment({
      ...GROUP,
      revision: { github: { repository: 'o/r', commitId: 'c' } },
      description: 'x',
      targetTags: [],
      rollBackOn: [],
    });
    expect(await failureOf(create)).toMatchObject({ kind: 'malformed', acted: 'unknown', requestId: 'req-7' });
  });
});

describe('continuing and stopping', () => {
  test('continue names the wait that it ends', async () => {
    const requests = answerAws(server, () => json({}));
    await gateway().continueDeployment('d-1', 'TERMINATION_WAIT');
    expect(requests[0]).toMatchObject({
      operation: 'ContinueDeployment',
      json: { deploymentId: 'd-1', deploymentWaitType: 'TERMINATION_WAIT' },
    });
  });

  test.each([true, false])('stop says whether to roll back: %s', async (rollBack) => {
    const requests = answerAws(server, () => json({ status: 'Pending' }));
    expect(await gateway().stopDeployment('d-1', { rollBack })).toBe('stopping');
    expect(requests[0]!.json).toEqual({ deploymentId: 'd-1', autoRollbackEnabled: rollBack });
  });

  test('stopping what has already ended is no failure', async () => {
    answerAws(server, () => jsonError('DeploymentAlreadyCompletedException'));
    expect(await gateway().stopDeployment('d-1', { rollBack: true })).toBe('already-completed');
  });

  test('any other refusal is one', async () => {
    answerAws(server, () => jsonError('DeploymentDoesNotExistException'));
    expect(await failureOf(gateway().stopDeployment('d-1', { rollBack: true }))).toMatchObject({ kind: 'not-found' });
  });
});

describe('listing deployments', () => {
  test('active means Created, Queued, InProgress, Baking or Ready', async () => {
    const requests = answerAws(server, () => json({ deployments: [] }));
    expect(await gateway().listActiveDeployments(GROUP)).toEqual([]);
    expect(requests).toHaveLength(1);
    expect(requests[0]!.json).toEqual({
      ...GROUP,
      includeOnlyStatuses: ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'],
    });
  });

  test('all pages are read, in batches of 25, latest first', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `d-${String(n).padStart(2, '0')}`);
    const requests = answerAws(server, ({ operation, json: body }) => {
      if (operation === 'ListDeployments') {
        return body['nextToken'] === undefined
          ? json({ deployments: ids.slice(0, 40), nextToken: 'more' })
          : json({ deployments: ids.slice(40) });
      }
      const asked = body['deploymentIds'] as string[];
      return json({ deploymentsInfo: asked.map((id) => deploymentInfo(id, 1_700_000_000 + Number(id.slice(2)))) });
    });
    const found = await gateway().listDeploymentsSince(GROUP, 1_700_000_000_999);
    expect(found.map(({ codeDeployDeploymentId }) => codeDeployDeploymentId)).toEqual([...ids].reverse());
    expect(requests[0]!.json).toEqual({ ...GROUP, createTimeRange: { start: 1_700_000_000 } });
    const batches = requests.filter(({ operation }) => operation === 'BatchGetDeployments');
    expect(batches.map(({ json: body }) => (body['deploymentIds'] as string[]).length)).toEqual([25, 25, 10]);
  });

  test('a deployment that is listed but not told about is not taken for absent', async () => {
    answerAws(server, ({ operation }) =>
      operation === 'ListDeployments' ? json({ deployments: ['d-1'] }) : json({ deploymentsInfo: [] }),
    );
    expect(await failureOf(gateway().listActiveDeployments(GROUP))).toMatchObject({ kind: 'malformed' });
  });

  test('an answer without the list does not mean that nothing is active', async () => {
    answerAws(server, () => json({}));
    expect(await failureOf(gateway().listActiveDeployments(GROUP))).toMatchObject({ kind: 'malformed' });
  });
});

describe('reading a deployment', () => {
  test('everything is read under our names', async () => {
    answerAws(server, () =>
      json({
        deploymentInfo: deploymentInfo('d-1', 1_700_000_000.5, {
          status: 'Failed',
          completeTime: 1_700_000_060,
          description: 'bg-1#1',
          creator: 'user',
          errorInformation: { code: 'HEALTH_CONSTRAINTS', message: 'too few' },
          instanceTerminationWaitTimeStarted: true,
          rollbackInfo: { rollbackDeploymentId: 'd-2', rollbackTriggeringDeploymentId: 'd-0' },
          revision: { revisionType: 'S3', s3Location: { bucket: 'b', key: 'k', bundleType: 'zip', version: '3' } },
        }),
      }),
    );
    expect(await gateway().readDeployment('d-1')).toEqual({
      ...GROUP,
      codeDeployDeploymentId: 'd-1',
      status: 'Failed',
      description: 'bg-1#1',
      creator: 'user',
      createdAt: '2023-11-14T22:13:20.500Z',
      completedAt: '2023-11-14T22:14:20.000Z',
      error: { code: 'HEALTH_CONSTRAINTS', message: 'too few' },
      instanceTerminationWaitStarted: true,
      rollbackDeploymentId: 'd-2',
      rollbackTriggeredBy: 'd-0',
      revision: { s3: { bucket: 'b', key: 'k', bundleType: 'zip', version: '3' } },
    });
  });

  test('a revision of another kind is left out', async () => {
    const revision = { revisionType: 'String', string: { sha256: 'x' } };
    answerAws(server, () => json({ deploymentInfo: deploymentInfo('d-1', 1_700_000_000, { revision }) }));
    expect(await gateway().readDeployment('d-1')).not.toHaveProperty('revision');
  });

  test('an answer of another shape is malformed', async () => {
    answerAws(server, () => json({ deploymentInfo: 3 }));
    expect(await failureOf(gateway().readDeployment('d-1'))).toMatchObject({
      kind: 'malformed',
      acted: 'no',
      message: 'the answer is not what the contract says: deploymentInfo is not Object',
    });
  });
});

describe('listing targets', () => {
  test('all pages are read, in batches of 25', async () => {
    const ids = Array.from({ length: 30 }, (_, n) => `i-${n}`);
    const requests = answerAws(server, ({ operation, json: body }) => {
      if (operation === 'ListDeploymentTargets') {
        return body['nextToken'] === undefined
          ? json({ targetIds: ids.slice(0, 20), nextToken: 'more' })
          : json({ targetIds: ids.slice(20) });
      }
      return json({
        deploymentTargets: (body['targetIds'] as string[]).map((targetId) => ({
          deploymentTargetType: 'InstanceTarget',
          instanceTarget: { targetId, status: 'Failed', instanceLabel: 'Green', lastUpdatedAt: 1_700_000_000 },
        })),
      });
    });
    const targets = await gateway().listTargets('d-1');
    expect(targets.map(({ instanceId }) => instanceId)).toEqual(ids);
    const batches = requests.filter(({ operation }) => operation === 'BatchGetDeploymentTargets');
    expect(batches.map(({ json: body }) => (body['targetIds'] as string[]).length)).toEqual([25, 5]);
  });

  test('events keep the script, the message and the end of the log', async () => {
    const diagnostics = { errorCode: 'ScriptFailed', scriptName: 'start.sh', message: 'exit 1', logTail: 'boom' };
    answerAws(server, ({ operation }) =>
      operation === 'ListDeploymentTargets'
        ? json({ targetIds: ['i-1'] })
        : json({
            deploymentTargets: [
              {
                instanceTarget: {
                  targetId: 'i-1',
                  status: 'Failed',
                  instanceLabel: 'Green',
                  lifecycleEvents: [
                    { lifecycleEventName: 'ApplicationStart', status: 'Failed', startTime: 1_700_000_000, diagnostics },
                    { lifecycleEventName: 'ValidateService', status: 'Skipped' },
                  ],
                },
              },
            ],
          }),
    );
    expect(await gateway().listTargets('d-1')).toEqual([
      {
        instanceId: 'i-1',
        colour: 'Green',
        status: 'Failed',
        events: [
          { name: 'ApplicationStart', status: 'Failed', startedAt: '2023-11-14T22:13:20.000Z', diagnostics },
          { name: 'ValidateService', status: 'Skipped' },
        ],
      },
    ]);
  });

  test('a deployment that has not started has no targets yet', async () => {
    answerAws(server, () => jsonError('DeploymentNotStartedException'));
    expect(await gateway().listTargets('d-1')).toEqual([]);
  });
});

describe('reading a configuration', () => {
  test('minimum healthy hosts, or nothing where the configuration has none', async () => {
    answerAws(server, () =>
      json({ deploymentConfigInfo: { minimumHealthyHosts: { type: 'FLEET_PERCENT', value: 50 } } }),
    );
    expect(await gateway().readMinimumHealthyHosts('half')).toEqual({ type: 'FLEET_PERCENT', value: 50 });
    answerAws(server, () => json({ deploymentConfigInfo: { computePlatform: 'ECS' } }));
    expect(await gateway().readMinimumHealthyHosts('ecs')).toBeUndefined();
  });
});
