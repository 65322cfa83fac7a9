import { LambdaClient } from '@aws-sdk/client-lambda';
import { http, HttpResponse } from 'msw';
import type { SetupServer } from 'msw/node';
import type { HookContext, HookResult } from '../../src/engine/hooks.js';
import { lambdaHook, type LambdaHookOptions } from '../../src/hooks/lambda-hook.js';
import { NEVER_MS, TestClock } from '../spot/test-clock.js';

export const ENDPOINT = 'https://lambda.test';
export const SECRET = 'wJalrXUtnFEMI-very-secret';

export const client = () =>
  new LambdaClient({
    region: 'eu-west-1',
    endpoint: ENDPOINT,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: SECRET },
    maxAttempts: 1,
  });

export const context = (more: Partial<HookContext> = {}): HookContext => ({
  key: 'bg-1/POST_TEST_TRAFFIC_SHIFT/smoke',
  rolloutId: 'bg-1',
  stage: 'POST_TEST_TRAFFIC_SHIFT',
  holds: true,
  blue: { instanceIds: ['i-b'], privateIps: { 'i-b': '10.0.0.1' } },
  green: { instanceIds: ['i-g'], privateIps: { 'i-g': '10.0.0.2' } },
  targetGroupArns: ['arn:tg'],
  greenPercent: 0,
  details: undefined,
  signal: new AbortController().signal,
  logger: undefined,
  ...more,
});

type Event = Record<string, unknown> & { readonly executionDetails: Record<string, unknown> };

export interface Invocation {
  readonly name: string;
  readonly type: string | null;
  readonly event: Event;
}

/** A function that answers; what it was asked is kept. */
export function lambda(
  server: SetupServer,
  answer: (asked: Invocation, call: number) => Response | Promise<Response>,
): Invocation[] {
  const asked: Invocation[] = [];
  server.use(
    http.post(`${ENDPOINT}/2015-03-31/functions/:name/invocations`, async ({ params, request }) => {
      const event = (await request.json()) as Event;
      const one = { name: String(params['name']), type: request.headers.get('x-amz-invocation-type'), event };
      asked.push(one);
      return answer(one, asked.length);
    }),
  );
  return asked;
}

export const returns = (value: unknown, headers: Record<string, string> = {}) =>
  new HttpResponse(typeof value === 'string' ? value : JSON.stringify(value), { headers });
export const throws = (errorType: string, errorMessage: string) =>
  returns({ errorType, errorMessage, trace: [`at ${SECRET}`] }, { 'x-amz-function-error': 'Unhandled' });
export const refuses = (type: string, status: number, message = 'because') =>
  HttpResponse.json({ Message: message }, { status, headers: { 'x-amzn-errortype': type, 'x-amzn-requestid': 'r-1' } });

export const ask = async (options: Partial<LambdaHookOptions> = {}, more: Partial<HookContext> = {}) =>
  (await lambdaHook({
    functionName: 'smoke-test',
    client: client(),
    timeout: NEVER_MS,
    clock: new TestClock(),
    ...options,
  })(context(more))) as HookResult;
