import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { http, HttpResponse, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AlarmsGateway } from '../../src/aws/alarms-gateway.js';
import { CodeDeployGateway } from '../../src/aws/code-deploy-gateway.js';
import { InstancesGateway } from '../../src/aws/instances-gateway.js';
import { TargetGroupsGateway } from '../../src/aws/target-groups-gateway.js';
import type { CloudCallEnvironment } from '../../src/policies/cloud-call.js';
import { allPages } from '../../src/aws/aws-call.js';
import type { AwsClients } from '../../src/aws/aws-clients.js';
import { TestClock } from '../spot/test-clock.js';
import { answerAws, aws, ENDPOINT, failureOf, json, xml } from './aws-helpers.js';

const server = setupServer();
const ends: Array<() => Promise<unknown>> = [];
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(async () => {
  server.resetHandlers();
  for (const end of ends.splice(0)) await end();
});
afterAll(() => server.close());

type Ask = (clients: AwsClients, environment: CloudCallEnvironment) => Promise<unknown>;
const GROUP = { applicationName: 'a', deploymentGroupName: 'b' };
const READS: ReadonlyArray<readonly [service: string, ask: Ask]> = [
  ['codedeploy', (...of) => new CodeDeployGateway(...of).listActiveDeployments(GROUP)],
  ['ec2', (...of) => new InstancesGateway(...of).findByTags([{ key: 'Colour', values: ['green'] }])],
  ['elbv2', (...of) => new TargetGroupsGateway(...of).targetHealth('arn:x')],
  ['cloudwatch', (...of) => new AlarmsGateway(...of).describeAlarms(['errors'])],
];

async function realServer(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const real = createServer(answer);
  await new Promise<void>((resolve) => real.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(real.address() as AddressInfo).port}`;
  server.use(http.all(`${endpoint}/*`, () => passthrough()));
  ends.push(() => {
    real.closeAllConnections();
    return new Promise((closed) => real.close(closed));
  });
  return endpoint;
}

describe.each(READS)('%s', (_service, ask) => {
  test.each([
    ['an HTML page', '<!doctype html><html><body><h1>Sign in</h1></body></html>', 'text/html'],
    ['JSON that is no object', '[1,2,3]', 'application/json'],
    ['XML of somebody else', '<?xml version="1.0"?><feed><entry/></feed>', 'text/xml'],
    ['text', 'ok', 'text/plain'],
    ['half an answer', '{"deployments":["d-1"', 'application/x-amz-json-1.1'],
    ['XML that expands itself', '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>', 'text/xml'],
  ])('%s instead of its answer is an error', async (_title, body, type) => {
    const { clients, environment } = aws();
    server.use(
      http.post(`${ENDPOINT}/*`, () => new HttpResponse(body, { status: 200, headers: { 'content-type': type } })),
    );
    expect(await failureOf(ask(clients, environment))).toMatchObject({ kind: 'malformed', acted: 'no', status: 200 });
  });

  test('an answer beyond all measure is cut off', async () => {
    let sent = 0;
    const endpoint = await realServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/xml' });
      const chunk = Buffer.alloc(1_000_000, 32);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const { clients, environment } = aws({ endpoint });
    expect(await failureOf(ask(clients, environment))).toMatchObject({
      kind: 'malformed',
      message: 'the answer is too large to be one of the service’s',
    });
    expect(sent).toBeLessThan(100_000_000);
    clients.close();
  });

  test('a peer that falls silent in the middle of its answer is given up', async () => {
    const clock = new TestClock();
    let begun = (): void => {};
    clock.hold = new Promise<void>((resolve) => (begun = resolve));
    const endpoint = await realServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/xml', 'content-length': '1000' });
      response.write('<Answer>', () => begun());
    });
    const { clients, environment } = aws({ endpoint });
    const asked = ask(clients, { ...environment, clock, timeout: () => 5_000 });
    expect(await failureOf(asked)).toMatchObject({ kind: 'timed-out', acted: 'no' });
    clients.close();
  });

  test('a peer that goes away in the middle of its answer has not answered', async () => {
    const endpoint = await realServer((request, response) => {
      response.writeHead(200, { 'content-type': 'text/xml', 'content-length': '1000' });
      response.write('<Answer>', () => request.socket.destroy());
    });
    const { clients, environment } = aws({ endpoint });
    expect(await failureOf(ask(clients, environment))).toMatchObject({ kind: 'no-answer', acted: 'no' });
    const stop = new CodeDeployGateway(clients, environment).stopDeployment('d-1', { rollBack: false });
    expect(await failureOf(stop)).toMatchObject({ kind: 'no-answer', acted: 'unknown' });
    clients.close();
  });
});

describe('a list', () => {
  const ids = (from: number, count: number): string[] => Array.from({ length: count }, (_, n) => `d-${from + n}`);
  const page = (deployments: string[], nextToken?: string) => json({ deployments, ...(nextToken && { nextToken }) });

  test('whose pages lead back is an error', async () => {
    const { clients, environment } = aws();
    const requests = answerAws(server, ({ json: { nextToken } }) => page(ids(0, 1), nextToken === 'a' ? 'b' : 'a'));
    expect(await failureOf(new CodeDeployGateway(clients, environment).listActiveDeployments(GROUP))).toMatchObject({
      kind: 'malformed',
      message: 'the list has no end: a page leads back to an earlier one',
    });
    expect(requests).toHaveLength(3);
  });

  test('that never ends is an error', async () => {
    const request = { service: 'ec2', operation: 'findByTags', mutates: false } as const;
    let pages = 0;
    const endless = allPages(request, async () => ({ items: [1], next: String((pages += 1)) }));
    expect(await failureOf(endless)).toMatchObject({
      kind: 'malformed',
      message: 'the list has no end: 10000 pages were read',
    });
    expect(pages).toBe(10_000);
  });

  test('of a hundred thousand on one page is read', async () => {
    const { clients, environment } = aws();
    const instance = (n: number) =>
      `<item><instanceId>i-${n}</instanceId><instanceState><code>16</code><name>running</name></instanceState></item>`;
    const all = Array.from({ length: 100_000 }, (_, n) => instance(n)).join('');
    answerAws(server, () =>
      xml(
        `<DescribeInstancesResponse><reservationSet><item><instancesSet>${all}</instancesSet></item></reservationSet></DescribeInstancesResponse>`,
      ),
    );
    const found = await new InstancesGateway(clients, environment).findByTags([{ key: 'Colour', values: ['green'] }]);
    expect(found).toHaveLength(100_000);
  });
});
