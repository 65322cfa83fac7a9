import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { http, HttpResponse, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { CloudError } from '../../src/errors/cloud-error.js';
import { exponentialBackoff } from '../../src/policies/exponential-backoff.js';
import { SpotClient } from '../../src/spot/spot-client.js';
import type { SpotClientOptions } from '../../src/spot/spot-client-options.js';
import { USER_AGENT } from '../../src/spot/spot-http.js';
import { NEVER_MS, rejection, TestClock } from './test-clock.js';

const STATUS = 'https://api.spotinst.io/aws/ec2/group/sig-1/status';
const DETACH = 'https://api.spotinst.io/aws/ec2/group/sig-1/detachInstances';
const server = setupServer();
const detach = { instanceIds: ['i-1'], terminate: true, decrementTargetCapacity: false };

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function client(attempts: number, options: SpotClientOptions = {}) {
  const clock = new TestClock();
  const spot = new SpotClient({
    token: 't0ken',
    accountId: 'act-1',
    clock,
    random: () => 0.5,
    retry: exponentialBackoff({ attempts, firstDelay: 100, jitter: 'none' }),
    timeouts: () => NEVER_MS,
    ...options,
  });
  return { spot, clock };
}

const ok = (headers: Record<string, string> = {}) => HttpResponse.json({ response: { items: [] } }, { headers });
const throttled = (resetSeconds: number) =>
  HttpResponse.json(
    { response: { status: { code: 429, message: 'x' }, data: 'Rate limit exceeded' } },
    { status: 429, headers: { 'X-RateLimit-Reset': String(resetSeconds), 'X-RateLimit-Remaining': '0' } },
  );

async function realServer(listener: RequestListener): Promise<{ url: string; close: () => Promise<void> }> {
  const real = createServer(listener);
  await new Promise<void>((resolve) => real.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(real.address() as AddressInfo).port}`;
  server.use(http.all(`${url}/*`, () => passthrough()));
  const close = () =>
    new Promise<void>((resolve) => {
      real.close(() => resolve());
      real.closeAllConnections();
    });
  return { url, close };
}

test('the version in the user agent is the version of the package', () => {
  expect(USER_AGENT).toBe(`elastigroup-bluegreen/${packageJson.version}`);
});

describe('Spot’s rate limit', () => {
  test('a call that was refused comes again no sooner than Reset', async () => {
    const arrivals: number[] = [];
    const { spot, clock } = client(3);
    server.use(
      http.get(STATUS, () => {
        arrivals.push(clock.now());
        return arrivals.length === 1 ? throttled(25) : ok();
      }),
    );
    await spot.listInstances('sig-1');
    expect(arrivals).toHaveLength(2);
    expect(arrivals[1]! - arrivals[0]!).toBeGreaterThanOrEqual(25_000);
  });

  test('after a 429 the next call on the same route waits at the gate, whatever its Elastigroup', async () => {
    const { spot, clock } = client(1);
    server.use(http.get(STATUS, () => throttled(25)));
    await rejection(spot.listInstances('sig-1'));
    server.use(http.get('https://api.spotinst.io/aws/ec2/group/sig-2/status', () => ok()));
    await spot.listInstances('sig-2');
    expect(clock.slept).toEqual([25_000]);
  });

  test('a policy that comes back too early does not extend the block: the gate makes it wait', async () => {
    const arrivals: number[] = [];
    const { spot, clock } = client(1, {
      retry: (_failure, attempt) => (attempt < 3 ? { retry: true, afterMs: 0 } : { retry: false, because: 'enough' }),
    });
    server.use(
      http.get(STATUS, () => {
        arrivals.push(clock.now());
        return arrivals.length === 1 ? throttled(25) : ok();
      }),
    );
    await spot.listInstances('sig-1');
    expect(arrivals).toHaveLength(2);
    expect(clock.slept).toEqual([25_000]);
  });

  test('when the last call of the window is used up, the next one waits without being refused first', async () => {
    let calls = 0;
    server.use(
      http.get(STATUS, () => {
        calls += 1;
        return ok({ 'X-RateLimit-Limit': '60', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '4' });
      }),
    );
    const { spot, clock } = client(1);
    await spot.listInstances('sig-1');
    await spot.listInstances('sig-1');
    expect(calls).toBe(2);
    expect(clock.slept).toEqual([4_000]);
  });

  test('a wait at the gate ends when the caller gives up, and nothing is sent', async () => {
    let calls = 0;
    server.use(
      http.get(STATUS, () => {
        calls += 1;
        return throttled(2_000_000);
      }),
    );
    const { spot } = client(1);
    await rejection(spot.listInstances('sig-1'));
    const controller = new AbortController();
    const waiting = rejection(spot.listInstances('sig-1', { signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect(await waiting).toMatchObject({ message: 'enough' });
    expect(calls).toBe(1);
  });
});

describe('calls that are not answered', () => {
  test.each([
    ['a read', 'no', (spot: SpotClient) => spot.listInstances('sig-1')],
    ['a change', 'unknown', (spot: SpotClient) => spot.detachInstances('sig-1', detach)],
  ] as const)('%s times out, and acted is "%s"', async (_what, acted, make) => {
    const clock = new TestClock();
    let arrive = () => {};
    clock.hold = new Promise<void>((resolve) => (arrive = resolve));
    const never = () => {
      arrive();
      return new Promise<never>(() => {});
    };
    server.use(http.get(STATUS, never), http.put(DETACH, never));
    const { spot } = client(1, { clock, timeouts: () => 5_000 });
    const error = await rejection(make(spot));
    expect(CloudError.is(error) && error.failure).toMatchObject({ kind: 'timed-out', acted });
  });

  test('a read ends at once when its caller gives up', async () => {
    const controller = new AbortController();
    server.use(
      http.get(STATUS, () => {
        controller.abort(new Error('enough'));
        return new Promise<never>(() => {});
      }),
    );
    const error = await rejection(client(3).spot.listInstances('sig-1', { signal: controller.signal }));
    expect(error).toMatchObject({ message: 'enough' });
  });

  test('a change is not cut short when its caller gives up', async () => {
    const controller = new AbortController();
    server.use(
      http.put(DETACH, () => {
        controller.abort(new Error('enough'));
        return HttpResponse.json({ response: {} });
      }),
    );
    await client(1).spot.detachInstances('sig-1', detach, { signal: controller.signal });
    expect(controller.signal.aborted).toBe(true);
  });

  test('a connection that breaks before the answer leaves open what a change did, and it is not made again', async () => {
    let calls = 0;
    const real = await realServer((request) => {
      calls += 1;
      request.socket.destroy();
    });
    const { spot } = client(4, { baseUrl: real.url });
    const change = await rejection(spot.detachInstances('sig-1', detach));
    expect(CloudError.is(change) && change.failure).toMatchObject({ kind: 'no-answer', acted: 'unknown' });
    expect(calls).toBe(1);
    const read = await rejection(spot.listInstances('sig-1'));
    expect(CloudError.is(read) && read.failure).toMatchObject({ kind: 'no-answer', acted: 'no' });
    expect(calls).toBe(5);
    spot.close();
    await real.close();
  });

  test('an answer that breaks off in the middle is no answer', async () => {
    const real = await realServer((request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"resp', () => request.socket.destroy());
    });
    const { spot } = client(1, { baseUrl: real.url });
    const error = await rejection(spot.detachInstances('sig-1', detach));
    expect(CloudError.is(error) && error.failure).toMatchObject({ kind: 'no-answer', acted: 'unknown' });
    spot.close();
    await real.close();
  });

  test('a connection that could not be made did nothing, so a change is made again', async () => {
    const real = await realServer(() => {});
    await real.close();
    const failed: string[] = [];
    const { spot } = client(3, { baseUrl: real.url, onFailedAttempt: ({ failure }) => failed.push(failure.acted) });
    const error = await rejection(spot.detachInstances('sig-1', detach));
    expect(CloudError.is(error) && error.failure).toMatchObject({
      kind: 'unavailable',
      acted: 'no',
      code: 'ECONNREFUSED',
      message: 'no connection could be made (ECONNREFUSED)',
    });
    expect(failed).toEqual(['no', 'no', 'no']);
  });

  test('an answer beyond all measure is cut off', async () => {
    const real = await realServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      const chunk = Buffer.alloc(1_000_000, 32);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const { spot } = client(1, { baseUrl: real.url });
    const error = await rejection(spot.listInstances('sig-1'));
    expect(CloudError.is(error) && error.failure).toMatchObject({ kind: 'malformed' });
    spot.close();
    await real.close();
  });
});

test('a read that failed on Spot’s side is made again until it succeeds', async () => {
  let calls = 0;
  server.use(http.get(STATUS, () => ((calls += 1) < 3 ? new HttpResponse('oops', { status: 503 }) : ok())));
  expect(await client(5).spot.listInstances('sig-1')).toEqual([]);
  expect(calls).toBe(3);
});
