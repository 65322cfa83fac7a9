import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { afterEach, describe, expect, it } from 'vitest';
import { CodeDeployGateway } from '../../src/aws/code-deploy-gateway.js';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { BlueGreen } from '../../src/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { closeClouds, rejection, release } from '../helpers/release.js';
import { testEnvironment } from '../spot/test-clock.js';

afterEach(closeClouds);

const HOUR_MS = 3_600_000;
const POLLING = { every: '15s', urgent: '5s' } as const;
const OLD = /Signature expired|not yet current|Request has expired/;

describe('AWS takes no signature that is more than five minutes off', () => {
  it('a release goes out: what was refused for its time is signed again, changes too, and each is made once', async () => {
    const plain = await release({ options: { polling: POLLING }, cloud: { blue: 2 } });
    const { result, events, cloud } = await release({
      options: { polling: POLLING },
      // A signature's time is the machine's own: far from the simulated cloud's before the first answer.
      cloud: { blue: 2, refuseOldSignatures: true, clockSkewMs: 2 * HOUR_MS },
    });
    expect(result.outcome).toBe('succeeded');
    const taken = (requests: typeof cloud.requests): readonly string[] =>
      requests
        .filter(({ operation, status }) => /^(Create|Continue|Stop|Register)/.test(operation) && status === 200)
        .map(({ operation }) => operation);
    expect(taken(cloud.requests)).toEqual(taken(plain.cloud.requests));
    const told = events.flatMap((event) => (event.name === 'cloud:call:failed' ? [event.data] : []));
    const refused = told.filter(({ message }) => OLD.test(message));
    expect(new Set(refused.map(({ service }) => service))).toEqual(new Set(['codedeploy', 'ec2', 'elbv2']));
    for (const each of refused)
      expect(each).toMatchObject({ retryAfterMs: 0, because: expect.stringContaining('signed again') as string });
  });

  it('a client that does not correct its clock: one more attempt, and the error says by how much it is off', async () => {
    await using cloud = new SimulatedCloud({ refuseOldSignatures: true, clockSkewMs: -2 * HOUR_MS });
    const { aws, ...options } = cloud.options();
    const codeDeploy = new CodeDeployClient({ ...aws, maxAttempts: 1, disableClockSkewCorrection: true });
    const blueGreen = new BlueGreen({ ...options, aws: { ...aws, clients: { codeDeploy } } });
    const rollout = await blueGreen.start(cloud.spec());
    expect(await rollout.result()).toMatchObject({
      outcome: 'refused',
      error: {
        code: 'CLOUD_DENIED',
        blame: 'config',
        hint: expect.stringContaining('This machine’s clock is 120 minutes ahead of the service’s') as string,
        details: { clockOffMs: 2 * HOUR_MS, code: 'InvalidSignatureException' },
      },
    });
    await blueGreen.close();
    codeDeploy.destroy();
    const ofCodeDeploy = cloud.requests.filter(({ service }) => service === 'codedeploy');
    expect(ofCodeDeploy.map(({ operation }) => operation)).toEqual(['GetDeploymentGroup', 'GetDeploymentGroup']);
  });

  it('a signature that is wrong for another reason is not sent again', async () => {
    await using cloud = new SimulatedCloud();
    const { aws, clock } = cloud.options();
    cloud.inject({
      fault: 'refused',
      on: { service: 'codedeploy' },
      code: 'AccessDeniedException',
      message: 'you may not',
      status: 403,
    });
    const gateway = new CodeDeployGateway(new AwsClients(aws), { ...testEnvironment().environment, clock });
    expect(await rejection(gateway.readDeployment('d-1'))).toMatchObject({
      code: 'CLOUD_DENIED',
      hint: expect.not.stringContaining('clock') as string,
    });
    expect(cloud.requests).toHaveLength(1);
  });
});
