import { inspect } from 'node:util';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CloudError } from '../../src/errors/cloud-error.js';
import { exponentialBackoff } from '../../src/policies/exponential-backoff.js';
import { SpotClient } from '../../src/spot/spot-client.js';
import type { SpotClientOptions } from '../../src/spot/spot-client-options.js';
import { NEVER_MS, rejection, TestClock } from './test-clock.js';

const TOKEN = 'secret-token-0123456789';
const GROUP = 'https://api.spotinst.io/aws/ec2/group/sig-1';
const MODES = `${GROUP}/codeDeploy/blueGreenDeployment`;
const server = setupServer();

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function client(options: SpotClientOptions & { readonly attempts?: number } = {}) {
  const clock = new TestClock();
  const spot = new SpotClient({
    token: TOKEN,
    accountId: 'act-1',
    clock,
    random: () => 0.5,
    retry: exponentialBackoff({ attempts: options.attempts ?? 1, jitter: 'none' }),
    timeouts: () => NEVER_MS,
    ...options,
  });
  return { spot, clock };
}

const items = (all: unknown, headers: Record<string, string> = {}) =>
  HttpResponse.json(
    { request: { id: 'req-1' }, response: { status: { code: 200, message: 'OK' }, items: all } },
    { headers },
  );
const errors = (status: number, code: string, message: string) =>
  HttpResponse.json(
    { request: { id: 'req-9' }, response: { status: { code: status, message: 'x' }, errors: [{ code, message }] } },
    { status },
  );
const failureOf = async (promise: Promise<unknown>) => {
  const error = await rejection(promise);
  if (!CloudError.is(error)) throw error;
  return error.failure;
};
const detach = { instanceIds: ['i-1'], terminate: true, decrementTargetCapacity: false };

describe('what is sent', () => {
  test('every call carries the token, the account and who we are', async () => {
    let seen: Request | undefined;
    server.use(
      http.get(`${GROUP}/status`, ({ request }) => {
        seen = request;
        return items([]);
      }),
    );
    expect(await client().spot.listInstances('sig-1')).toEqual([]);
    expect(seen?.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
    expect(seen?.headers.get('user-agent')).toMatch(/^elastigroup-bluegreen\/\d+\.\d+\.\d+$/);
    expect(seen?.headers.get('accept')).toBe('application/json');
    expect(new URL(seen!.url).searchParams.get('accountId')).toBe('act-1');
  });

  test('a token from a function is asked for with every call, so that it can rotate', async () => {
    const tokens: Array<string | null> = [];
    let n = 0;
    server.use(
      http.get(`${GROUP}/status`, ({ request }) => {
        tokens.push(request.headers.get('authorization'));
        return items([]);
      }),
    );
    const { spot } = client({ token: async () => `token-${(n += 1)}` });
    await spot.listInstances('sig-1');
    await spot.listInstances('sig-1');
    expect(tokens).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('an id is encoded, and one that would change the path is refused before sending', async () => {
    let path: string | undefined;
    server.use(
      http.get('https://api.spotinst.io/aws/ec2/group/:id/status', ({ request }) => {
        path = new URL(request.url).pathname;
        return items([]);
      }),
    );
    const { spot } = client();
    await spot.listInstances('a/../b?c');
    expect(path).toBe('/aws/ec2/group/a%2F..%2Fb%3Fc/status');
    for (const id of ['', '.', '..']) {
      expect(await failureOf(spot.listInstances(id))).toMatchObject({ kind: 'refused', acted: 'no' });
    }
  });

  test.each([
    ['seconds', 5401],
    ['minutes', 91],
  ] as const)('entering deployment mode sends the timeout in %s, rounded up', async (modeTimeoutUnit, timeout) => {
    let body: unknown;
    server.use(
      http.post(MODES, async ({ request }) => {
        body = await request.json();
        return items([{ id: 'cdbg-1', groupId: 'sig-1', state: 'STARTING' }]);
      }),
    );
    const mode = await client({ modeTimeoutUnit }).spot.enterDeploymentMode('sig-1', {
      timeoutMs: 5_400_001,
      tags: [{ key: 'Colour', value: 'g1' }],
      deploymentGroups: [{ applicationName: 'shop', deploymentGroupName: 'prod' }],
    });
    expect(body).toEqual({
      deployment: {
        timeout,
        tags: [{ tagKey: 'Colour', tagValue: 'g1' }],
        deploymentGroups: [{ applicationName: 'shop', deploymentGroupName: 'prod' }],
      },
    });
    expect(mode).toEqual({
      deploymentModeId: 'cdbg-1',
      elastigroupId: 'sig-1',
      state: 'STARTING',
      tags: [],
      deploymentGroups: [],
    });
  });

  test('the other changes send exactly what Spot documents', async () => {
    const sent: unknown[] = [];
    const record = async ({ request }: { request: Request }) => {
      const text = await request.text();
      sent.push([request.method, new URL(request.url).pathname.split('sig-1')[1], text === '' ? '' : JSON.parse(text)]);
      return HttpResponse.json({ request: { id: 'r' }, response: { status: { code: 200, message: 'OK' } } });
    };
    server.use(http.all(`${GROUP}/*`, record));
    const { spot } = client();
    await spot.stopDeploymentMode('sig-1', 'cdbg-1');
    await spot.detachInstances('sig-1', { ...detach, drainingTimeoutMs: 1_500 });
    await spot.detachInstances('sig-1', detach);
    await spot.setCapacity('sig-1', { minimum: 1, target: 2, maximum: 3 });
    await spot.suspendProcesses('sig-1', [{ process: 'AUTO_SCALE', ttlMs: 61_000 }, { process: 'SCHEDULING' }]);
    await spot.resumeProcesses('sig-1', ['AUTO_SCALE']);
    const detached = {
      instancesToDetach: ['i-1'],
      shouldTerminateInstances: true,
      shouldDecrementTargetCapacity: false,
    };
    expect(sent).toEqual([
      ['PUT', '/codeDeploy/blueGreenDeployment/cdbg-1/stop', ''],
      ['PUT', '/detachInstances', { ...detached, drainingTimeout: 2 }],
      ['PUT', '/detachInstances', detached],
      ['PUT', '/capacity', { capacity: { minimum: 1, target: 2, maximum: 3 } }],
      ['POST', '/suspension', { suspensions: [{ name: 'AUTO_SCALE', ttlInMinutes: 2 }, { name: 'SCHEDULING' }] }],
      ['DELETE', '/suspension', { processes: ['AUTO_SCALE'] }],
    ]);
  });
});

describe('how answers to changes and failures are told', () => {
  test.each([
    // status, code, message, read: kind; change: acted
    [400, 'GROUP_DOESNT_EXIST', 'no such group', 'not-found', 'no'],
    [400, 'DEPLOYMENT_NOT_FOUND', 'gone', 'not-found', 'no'],
    [400, 'CANT_CREATE_GROUP', 'Failed to create group', 'throttled', 'no'],
    [400, 'CANT_DETACH', 'AWS said: RequestLimitExceeded', 'throttled', 'no'],
    [400, 'REQUEST_THROTTLED', 'slow down', 'throttled', 'no'],
    [400, 'VALIDATION_ERROR', 'timeout must be a number', 'refused', 'no'],
    [401, 'UNAUTHORIZED', 'Request Authentication Failed', 'denied', 'no'],
    [403, 'FORBIDDEN', 'not yours', 'denied', 'no'],
    [404, 'NO_CODE_THAT_WE_KNOW', 'nothing here', 'not-found', 'no'],
    [409, 'CONFLICT', 'a roll is in progress', 'refused', 'no'],
    [422, 'UNPROCESSABLE', 'cannot', 'refused', 'no'],
    [500, 'INTERNAL', 'oops', 'unavailable', 'unknown'],
    [503, 'RATE_LIMIT_EXCEEDED', 'AWS throttles us', 'unavailable', 'unknown'],
  ] as const)(
    'HTTP %i with %s (%s) is %s, and after a change acted is "%s"',
    async (status, code, message, kind, acted) => {
      server.use(http.all(`${GROUP}/*`, () => errors(status, code, message)));
      const { spot } = client();
      const facts = { service: 'spot', kind, status, code, message, requestId: 'req-9' };
      expect(await failureOf(spot.listInstances('sig-1'))).toMatchObject({
        ...facts,
        operation: 'listInstances',
        acted: 'no',
      });
      expect(await failureOf(spot.detachInstances('sig-1', detach))).toMatchObject({
        ...facts,
        operation: 'detachInstances',
        acted,
      });
    },
  );

  test('a 429 without an errors list is throttling, for as long as Reset says', async () => {
    server.use(
      http.get(`${GROUP}/status`, () =>
        HttpResponse.json(
          { response: { status: { code: 429, message: 'Too Many Requests' }, data: 'Rate limit exceeded' } },
          { status: 429, headers: { 'X-RateLimit-Reset': '17' } },
        ),
      ),
    );
    expect(await failureOf(client().spot.listInstances('sig-1'))).toMatchObject({
      kind: 'throttled',
      message: 'Rate limit exceeded',
      retryAfterMs: 17_000,
    });
  });

  test('a 404 that does not come from Spot is no evidence that the Elastigroup is gone', async () => {
    server.use(http.get(`${GROUP}/status`, () => new HttpResponse('<html>nginx</html>', { status: 404 })));
    expect(await failureOf(client().spot.listInstances('sig-1'))).toMatchObject({ kind: 'malformed', status: 404 });
  });

  test('a redirect is an error, and the token does not follow it', async () => {
    let followed = false;
    server.use(
      http.all(
        `${GROUP}/*`,
        () => new HttpResponse(null, { status: 307, headers: { Location: 'https://evil.test/a?b=c' } }),
      ),
      http.all('https://evil.test/*', () => {
        followed = true;
        return items([]);
      }),
    );
    const { spot } = client();
    expect(await failureOf(spot.listInstances('sig-1'))).toMatchObject({
      kind: 'malformed',
      acted: 'no',
      message: 'it answered with a redirect to evil.test, which is not followed',
    });
    expect(await failureOf(spot.detachInstances('sig-1', detach))).toMatchObject({ acted: 'unknown' });
    expect(followed).toBe(false);
  });

  test.each([
    ['HTML', '<html>maintenance</html>'],
    ['nothing', ''],
    ['a bare list', '[]'],
    ['null', 'null'],
    ['items that are no list', '{"response":{"items":"x"}}'],
    ['an item without its id', '{"response":{"items":[{"status":"fulfilled"}]}}'],
  ])('a success with %s is malformed', async (_what, body) => {
    server.use(http.get(`${GROUP}/status`, () => new HttpResponse(body, { status: 200 })));
    expect(await failureOf(client().spot.listInstances('sig-1'))).toMatchObject({ kind: 'malformed', acted: 'no' });
  });

  test.each([
    ['HTML', '<html></html>'],
    ['no item', '{"response":{"items":[]}}'],
    ['an item without an id', '{"response":{"items":[{"state":"STARTING"}]}}'],
  ])('a change that is answered with %s may have happened', async (_what, body) => {
    server.use(http.post(MODES, () => new HttpResponse(body, { status: 200 })));
    const { spot } = client({ attempts: 5 });
    const mode = { timeoutMs: 1000, tags: [], deploymentGroups: [] };
    expect(await failureOf(spot.enterDeploymentMode('sig-1', mode))).toMatchObject({
      kind: 'malformed',
      acted: 'unknown',
    });
  });

  test('what is wrong with an answer is named by its field, and what was found is not repeated', async () => {
    server.use(http.get(`${GROUP}/status`, () => items([{ instanceId: { password: 'hunter2' } }])));
    const error = await rejection(client().spot.listInstances('sig-1'));
    expect((error as Error).message).toContain('response.items.0.instanceId');
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });

  test('the token is nowhere in an error, even when the server echoes it', async () => {
    server.use(
      http.get(`${GROUP}/status`, ({ request }) =>
        errors(400, 'BAD', `cannot use ${request.headers.get('authorization')} here`),
      ),
      http.get(`${GROUP}/roll`, () => HttpResponse.error()),
      http.get(`${GROUP}/suspension`, () => new HttpResponse('<html>', { status: 200 })),
    );
    const { spot } = client();
    const all = [spot.listInstances('sig-1'), spot.listRolls('sig-1'), spot.listSuspensions('sig-1')];
    for (const error of await Promise.all(all.map(rejection))) {
      expect(CloudError.is(error)).toBe(true);
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(TOKEN);
      expect(JSON.stringify(error)).not.toContain(TOKEN);
      expect((error as Error).cause).toBeUndefined();
    }
  });

  test('a long message is shortened', async () => {
    server.use(http.get(`${GROUP}/status`, () => errors(400, 'BAD', 'x'.repeat(5_000))));
    expect((await failureOf(client().spot.listInstances('sig-1'))).message).toHaveLength(300);
  });
});
