import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Logger } from '../../src/ports/logger.js';
import { lambdaHook } from '../../src/hooks/lambda-hook.js';
import { rejection } from '../spot/test-clock.js';
import { ask, client, context, lambda as answering, refuses, returns, throws } from './lambda-helpers.js';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());
const lambda = (answer: Parameters<typeof answering>[1]) => answering(server, answer);

describe('what the function answers', () => {
  test('IN_PROGRESS asks to be called again, after 30 seconds unless it says otherwise', async () => {
    lambda((_asked, call) =>
      returns({
        hookStatus: 'IN_PROGRESS',
        ...(call === 2 ? { callBackDelay: 60 } : {}),
        ...(call === 3 ? { callBackDelay: 0 } : {}),
      }),
    );
    expect(await ask()).toEqual({ status: 'IN_PROGRESS', callBackDelay: 30_000 });
    expect(await ask()).toEqual({ status: 'IN_PROGRESS', callBackDelay: 60_000 });
    expect(await ask()).toEqual({ status: 'IN_PROGRESS', callBackDelay: 1_000 });
  });

  test.each([['"60"'], ['-1'], ['1e9'], ['{}']])(
    'a callBackDelay of %s is told of, and 30 seconds are taken',
    async (delay) => {
      lambda(() => returns(`{"hookStatus":"IN_PROGRESS","callBackDelay":${delay}}`));
      const warn = vi.fn();
      expect(await ask({}, { logger: { warn } as unknown as Logger })).toMatchObject({ callBackDelay: 30_000 });
      expect(warn).toHaveBeenCalledOnce();
    },
  );

  test('hookDetails are merged and come back at the next call, those of the configuration too', async () => {
    const asked = lambda((_asked, call) =>
      returns({
        hookStatus: call < 3 ? 'IN_PROGRESS' : 'SUCCEEDED',
        ...(call === 1 ? { hookDetails: { tries: 1 } } : {}),
      }),
    );
    const hookDetails = { bucket: 'mine', tries: 0 };
    let result = await ask({ hookDetails });
    while (result.status === 'IN_PROGRESS') result = await ask({ hookDetails }, { details: result.details });
    expect(result).toEqual({ status: 'SUCCEEDED' });
    expect(asked.map(({ event }) => event['hookDetails'])).toEqual([
      { bucket: 'mine', tries: 0 },
      { bucket: 'mine', tries: 1 },
      { bucket: 'mine', tries: 1 },
    ]);
    expect(new Set(asked.map(({ event }) => event['executionId'])).size).toBe(1);
  });

  test.each([
    ['FAILED', { hookStatus: 'FAILED' }, 'it answered FAILED'],
    ['FAILED with a reason', { hookStatus: 'FAILED', reason: '3 of 5\n tests' }, 'it answered FAILED: 3 of 5 tests'],
    ['no hookStatus', { status: 'SUCCEEDED' }, 'its answer has no hookStatus'],
    [
      'another hookStatus',
      { hookStatus: 'succeeded' },
      'its hookStatus is "succeeded", not SUCCEEDED, FAILED or IN_PROGRESS',
    ],
    ['nothing', 'null', 'it did not answer a JSON object with a hookStatus'],
    ['an empty answer', '', 'it did not answer a JSON object with a hookStatus'],
    ['a list', ['SUCCEEDED'], 'it did not answer a JSON object with a hookStatus'],
    [
      'JSON in a string',
      JSON.stringify('{"hookStatus":"SUCCEEDED"}'),
      'it did not answer a JSON object with a hookStatus',
    ],
    ['no JSON', 'fine, thank you', 'it did not answer a JSON object with a hookStatus'],
  ])('%s is a no', async (_what, answer, because) => {
    lambda(() => returns(answer));
    expect(await ask()).toEqual({ status: 'FAILED', reason: `the function smoke-test: ${because}` });
  });
});

describe('a function that fails, or is not heard', () => {
  test('its error is the reason, without the trace', async () => {
    const asked = lambda(() => throws('AssertionError', 'expected 200, got 503'));
    expect(await ask()).toEqual({
      status: 'FAILED',
      reason: 'the function smoke-test: it failed (Unhandled): AssertionError: expected 200, got 503',
    });
    expect(asked).toHaveLength(1);
  });

  test('even when it answered a good hookStatus', async () => {
    lambda(() => returns({ hookStatus: 'SUCCEEDED' }, { 'x-amz-function-error': 'Unhandled' }));
    expect(await ask()).toMatchObject({ status: 'FAILED' });
  });

  test.each([
    ['password=hunter2 is wrong', 'hunter2'],
    ['called https://ada:hunter2@shop.test/', 'hunter2'],
    ['Authorization: hunter2', 'hunter2'],
    ['{"api_key": "hunter2"}', 'hunter2'],
    ['AKIAIOSFODNN7EXAMPLE may not', 'AKIAIOSFODNN7EXAMPLE'],
  ])('what looks like a secret is left out of "%s"', async (message, secret) => {
    lambda(() => throws('Error', message));
    const { reason } = (await ask()) as { readonly reason: string };
    expect(reason).toContain('[redacted]');
    expect(reason).not.toContain(secret);
  });

  test('a long reason is shortened', async () => {
    lambda(() => throws('Error', 'x'.repeat(5_000)));
    const { reason } = (await ask()) as { readonly reason: string };
    expect(reason.length).toBeLessThanOrEqual(300);
    expect(reason.endsWith('…')).toBe(true);
  });

  test.each([
    ['ResourceNotFoundException', 404],
    ['AccessDeniedException', 403],
    ['InvalidRequestContentException', 400],
  ])('%s is a no, at once', async (type, status) => {
    const asked = lambda(() => refuses(type, status, 'no such thing'));
    expect(await ask()).toEqual({
      status: 'FAILED',
      reason: `the function smoke-test was not heard: lambda invoke: no such thing (${type}, HTTP ${status})`,
    });
    expect(asked).toHaveLength(1);
  });

  test('throttling, a failing service and a lost answer are no words of the function: it is asked again', async () => {
    const asked = lambda((_asked, call) => {
      if (call === 1) return refuses('TooManyRequestsException', 429);
      if (call === 2) return refuses('ServiceException', 500);
      return call === 3 ? HttpResponse.error() : returns({ hookStatus: 'SUCCEEDED' });
    });
    expect(await ask()).toEqual({ status: 'SUCCEEDED' });
    expect(asked).toHaveLength(4);
  });

  test('one that takes too long is a no, and is not asked again', async () => {
    const asked = lambda(() => new Promise<Response>(() => undefined));
    const result = await lambdaHook({ functionName: 'slow', client: client(), timeout: '50ms' })(context());
    expect(result).toEqual({
      status: 'FAILED',
      reason: 'the function slow was not heard: lambda invoke: no answer within 50 ms',
    });
    expect(asked.length).toBeLessThanOrEqual(1);
  });

  test('when the rollout stops asking, nothing is said for the function', async () => {
    const stop = new AbortController();
    lambda(() => {
      stop.abort(new Error('suspended'));
      return new Promise<Response>(() => undefined);
    });
    expect(await rejection(ask({}, { signal: stop.signal }))).toMatchObject({ message: 'suspended' });
  });
});
