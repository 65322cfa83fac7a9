import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { SdkAwsPlace } from '../../src/aws/aws-place.js';
import { CodeDeployGateway } from '../../src/aws/code-deploy-gateway.js';
import { rejection } from '../spot/test-clock.js';
import { answerAws, aws, ENDPOINT, failureOf, json } from './aws-helpers.js';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  server.resetHandlers();
  vi.unstubAllEnvs();
});
afterAll(() => server.close());

describe('the region', () => {
  test('is the one that was given', async () => {
    expect(await new SdkAwsPlace(new AwsClients({ region: 'eu-west-1' })).region()).toBe('eu-west-1');
  });

  test('comes from the environment otherwise', async () => {
    vi.stubEnv('AWS_REGION', 'ap-south-1');
    expect(await new SdkAwsPlace(new AwsClients()).region()).toBe('ap-south-1');
  });

  test('when there is none, the place and the calls say so, and nothing is sent', async () => {
    const empty = join(mkdtempSync(join(tmpdir(), 'aws-')), 'config');
    writeFileSync(empty, '');
    vi.stubEnv('AWS_REGION', undefined);
    vi.stubEnv('AWS_CONFIG_FILE', empty);
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', empty);
    const { environment } = aws();
    const clients = new AwsClients({ endpoint: ENDPOINT, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
    expect(await rejection(new SdkAwsPlace(clients).region())).toMatchObject({ code: 'OPTIONS_INVALID' });
    const read = new CodeDeployGateway(clients, environment).readDeployment('d-1');
    expect(await rejection(read)).toMatchObject({ code: 'OPTIONS_INVALID' });
  });
});

describe('the clients', () => {
  test('each is made once', async () => {
    const clients = new AwsClients({ region: 'eu-west-1' });
    expect(await clients.codeDeploy()).toBe(await clients.codeDeploy());
    expect(await clients.ec2()).toBe(await clients.ec2());
    expect(await clients.elasticLoadBalancingV2()).toBe(await clients.elasticLoadBalancingV2());
  });

  test('a client that is given is used, and left open', async () => {
    const { CodeDeployClient } = await import('@aws-sdk/client-codedeploy');
    const own = new CodeDeployClient({ region: 'us-east-1' });
    const destroy = vi.spyOn(own, 'destroy');
    const clients = new AwsClients({ region: 'eu-west-1', clients: { codeDeploy: own } });
    expect(await clients.codeDeploy()).toBe(own);
    expect(await new SdkAwsPlace(clients).region()).toBe('us-east-1');
    clients.close();
    expect(destroy).not.toHaveBeenCalled();
  });

  test('say who calls', async () => {
    const agents: string[] = [];
    server.use(
      http.post(`${ENDPOINT}/*`, ({ request }) => {
        agents.push(request.headers.get('user-agent') ?? '');
        return HttpResponse.json({ deployments: [] });
      }),
    );
    const { clients, environment } = aws();
    await new CodeDeployGateway(clients, environment).listActiveDeployments({
      applicationName: 'a',
      deploymentGroupName: 'b',
    });
    expect(agents[0]).toMatch(/^aws-sdk-js\/.*elastigroup-bluegreen\/\d+\.\d+\.\d+/);
  });

  test('credentials from a function are asked for again when they are about to end', async () => {
    let asked = 0;
    const keys: string[] = [];
    server.use(
      http.post(`${ENDPOINT}/*`, ({ request }) => {
        keys.push(/Credential=(\w+)\//.exec(request.headers.get('authorization') ?? '')?.[1] ?? '');
        return HttpResponse.json({ deployments: [] });
      }),
    );
    const { clients, environment } = aws({
      credentials: async () => ({
        accessKeyId: `KEY${(asked += 1)}`,
        secretAccessKey: 's',
        expiration: new Date(Date.now() + 1_000),
      }),
    });
    const gateway = new CodeDeployGateway(clients, environment);
    const group = { applicationName: 'a', deploymentGroupName: 'b' };
    await gateway.listActiveDeployments(group);
    await gateway.listActiveDeployments(group);
    expect(keys[0]).not.toBe(keys[1]);
  });

  test('credentials from a function that does not say when they end are asked for again every minute', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      let asked = 0;
      answerAws(server, () => json({ deployments: [] }));
      const { clients, environment } = aws({
        credentials: async () => ({ accessKeyId: `KEY${(asked += 1)}`, secretAccessKey: 's', sessionToken: 't' }),
      });
      const gateway = new CodeDeployGateway(clients, environment);
      const look = () => gateway.listActiveDeployments({ applicationName: 'a', deploymentGroupName: 'b' });
      await look();
      await look();
      expect(asked).toBe(1);
      vi.setSystemTime(Date.now() + 61_000);
      await look();
      expect(asked).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a function for credentials that fails means that nothing was sent', async () => {
    const requests = answerAws(server, () => json({}));
    const { clients, environment } = aws({ credentials: () => Promise.reject(new Error('vault is sealed')) });
    const stop = new CodeDeployGateway(clients, environment).stopDeployment('d-1', { rollBack: false });
    expect(await failureOf(stop)).toMatchObject({
      kind: 'denied',
      acted: 'no',
      message: 'aws.credentials is a function, and it failed: vault is sealed',
    });
    expect(requests).toEqual([]);
  });
});
