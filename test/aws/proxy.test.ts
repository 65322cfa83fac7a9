import { readFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttps, request } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { CodeDeployGateway } from '../../src/aws/code-deploy-gateway.js';
import { proxyFromEnvironment } from '../../src/aws/proxy-from-environment.js';
import { TunnelAgent } from '../../src/aws/tunnel-agent.js';
import { SpotClient } from '../../src/index.js';
import { exponentialBackoff } from '../../src/policies/exponential-backoff.js';
import { testEnvironment } from '../spot/test-clock.js';
import { failureOf, SECRET } from './aws-helpers.js';

const TOKEN = 'spot-token-very-secret';
const fixture = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
const open: Array<Pick<Server, 'close' | 'closeAllConnections'>> = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

/** A proxy that writes down what it is asked, and answers with a status or with a connection to `port`. */
async function proxy(answer: { readonly status: number } | { readonly port: number }) {
  const asked: IncomingMessage[] = [];
  const server = createHttp((message, response) => {
    asked.push(message);
    response.writeHead(500).end();
  });
  server.on('connect', (message: IncomingMessage, client: Socket) => {
    asked.push(message);
    client.on('error', () => {});
    if ('status' in answer) {
      client.end(`HTTP/1.1 ${answer.status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const there = connect(answer.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      there.pipe(client).pipe(there);
    });
    there.on('error', () => client.destroy());
  });
  return { asked, url: await listening(server) };
}

async function listening(server: Server): Promise<string> {
  open.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Only the proxies of the test, whatever the machine has. */
function environment(variables: Record<string, string>): void {
  for (const name of ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy']) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toUpperCase(), undefined);
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

describe('the proxy of the environment', () => {
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: SECRET, sessionToken: SECRET };

  test('is asked by the AWS clients for the host, and sees nothing else; its no is not the service’s', async () => {
    const { asked, url } = await proxy({ status: 403 });
    environment({ HTTPS_PROXY: url.replace('//', '//ada:p%40ss@') });
    const clients = new AwsClients({ region: 'eu-west-1', credentials });
    const stop = new CodeDeployGateway(clients, testEnvironment().environment).stopDeployment('d-1', {
      rollBack: false,
    });
    expect(await failureOf(stop)).toMatchObject({
      kind: 'unavailable',
      acted: 'no',
      message: 'no connection could be made (PROXY_ANSWERED_403)',
    });
    expect(asked.map(({ method, url: target }) => [method, target])).toEqual([
      ['CONNECT', 'codedeploy.eu-west-1.amazonaws.com:443'],
    ]);
    const headers = asked[0]?.headers ?? {};
    expect(headers['proxy-authorization']).toBe(`Basic ${Buffer.from('ada:p@ss').toString('base64')}`);
    expect(JSON.stringify(headers)).not.toMatch(/AKIAEXAMPLE|very-secret/);
    clients.close();
  });

  test('is asked by the client for Spot in the same way', async () => {
    const { asked, url } = await proxy({ status: 502 });
    environment({ HTTPS_PROXY: url });
    const spot = new SpotClient({
      token: TOKEN,
      accountId: 'act-1',
      baseUrl: 'https://api.spotinst.test',
      retry: exponentialBackoff({ attempts: 1 }),
    });
    expect(await failureOf(spot.listInstances('sig-1'))).toMatchObject({ kind: 'unavailable', acted: 'no' });
    expect(asked.map(({ method, url: target }) => [method, target])).toEqual([['CONNECT', 'api.spotinst.test:443']]);
    expect(JSON.stringify(asked[0]?.headers)).not.toContain(TOKEN);
    spot.close();
  });

  test('that does not answer the phone means that nothing was sent', async () => {
    environment({ https_proxy: 'http://127.0.0.1:1' });
    const clients = new AwsClients({ region: 'eu-west-1', credentials });
    const stop = new CodeDeployGateway(clients, testEnvironment().environment).stopDeployment('d-1', {
      rollBack: false,
    });
    expect(await failureOf(stop)).toMatchObject({ kind: 'unavailable', acted: 'no' });
    clients.close();
  });

  test('carries what is said to the service, encrypted for the service alone', async () => {
    const server = createHttps(
      { key: fixture('localhost.key.pem'), cert: fixture('localhost.cert.pem') },
      (message, response) => response.end(`heard ${message.url ?? ''}`),
    );
    const port = Number(new URL(await listening(server)).port);
    const { asked, url } = await proxy({ port });
    const agent = new TunnelAgent({ HTTPS_PROXY: url }, { ca: fixture('localhost.cert.pem') });
    const get = (host: string): Promise<string> =>
      new Promise((resolve, reject) => {
        request({ host, port: 443, path: '/a', agent }, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve(text));
        })
          .on('error', reject)
          .end();
      });
    expect(await get('localhost')).toBe('heard /a');
    expect(await get('localhost')).toBe('heard /a');
    expect(asked.map(({ url: target }) => target)).toEqual(['localhost:443']);
    await expect(get('aws.elsewhere')).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    agent.destroy();
  });

  test.each([
    ['a.test', 443, { HTTPS_PROXY: 'http://p:1' }, 'http://p:1/'],
    ['a.test', 443, { https_proxy: 'http://p:1', HTTPS_PROXY: 'http://q:1' }, 'http://p:1/'],
    ['a.test', 443, { ALL_PROXY: 'p:3128' }, 'http://p:3128/'],
    ['a.test', 443, {}, undefined],
    ['a.test', 443, { HTTPS_PROXY: ' ' }, undefined],
    ['a.test', 443, { HTTP_PROXY: 'http://p:1' }, undefined],
    ['a.test', 443, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'b.test, A.TEST' }, undefined],
    ['x.a.test', 443, { HTTPS_PROXY: 'http://p:1', no_proxy: 'a.test' }, undefined],
    ['x.a.test', 443, { HTTPS_PROXY: 'http://p:1', no_proxy: '*.a.test' }, undefined],
    ['a.test', 443, { HTTPS_PROXY: 'http://p:1', no_proxy: '.a.test' }, 'http://p:1/'],
    ['ba.test', 443, { HTTPS_PROXY: 'http://p:1', no_proxy: 'a.test' }, 'http://p:1/'],
    ['a.test', 443, { HTTPS_PROXY: 'http://p:1', no_proxy: 'a.test:8443' }, 'http://p:1/'],
    ['a.test', 8443, { HTTPS_PROXY: 'http://p:1', no_proxy: 'a.test:8443' }, undefined],
    ['a.test', 443, { HTTPS_PROXY: 'http://p:1', no_proxy: '*' }, undefined],
  ])('for %s:%i with %o is %s', (host, port, variables, found) => {
    expect(proxyFromEnvironment(host, port, variables)?.href).toBe(found);
  });
});
