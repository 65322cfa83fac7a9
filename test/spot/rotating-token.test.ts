import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { exponentialBackoff } from '../../src/policies/exponential-backoff.js';
import { SpotClient } from '../../src/spot/spot-client.js';
import { failureOf } from '../aws/aws-helpers.js';
import { NEVER_MS, TestClock } from './test-clock.js';

const GROUP = 'https://api.spotinst.io/aws/ec2/group/sig-1';
const server = setupServer();

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const client = (token: () => Promise<string>, attempts = 1) =>
  new SpotClient({
    token,
    accountId: 'act-1',
    clock: new TestClock(),
    retry: exponentialBackoff({ attempts, jitter: 'none' }),
    timeouts: () => NEVER_MS,
  });
const detach = { instanceIds: ['i-1'], terminate: true, decrementTargetCapacity: false };
const items = (all: unknown) => HttpResponse.json({ response: { items: all } });
const errors = (status: number, code: string, message: string) =>
  HttpResponse.json({ response: { errors: [{ code, message }] } }, { status });

test('a token that Spot refuses is asked for once more; another one is taken, for changes too', async () => {
  const tokens: Array<string | null> = [];
  server.use(
    http.put(`${GROUP}/detachInstances`, ({ request }) => {
      const token = request.headers.get('authorization');
      tokens.push(token);
      return token === 'Bearer new' ? items([]) : errors(401, 'UNAUTHORIZED', 'Invalid token old');
    }),
  );
  const given = ['old', 'new'];
  await client(async () => given.shift() ?? 'never').detachInstances('sig-1', detach);
  expect(tokens).toEqual(['Bearer old', 'Bearer new']);
  const stays = client(async () => 'old', 5).detachInstances('sig-1', detach);
  expect(await failureOf(stays)).toMatchObject({ kind: 'denied', acted: 'no', message: 'Invalid token [redacted]' });
  let n = 0;
  const changing = client(async () => `old-${(n += 1)}`).detachInstances('sig-1', detach);
  expect(await failureOf(changing)).toMatchObject({ kind: 'denied', acted: 'no' });
  expect(tokens.slice(2)).toEqual(['Bearer old', 'Bearer old-1', 'Bearer old-2']);
});
