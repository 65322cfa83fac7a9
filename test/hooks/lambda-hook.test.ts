import { http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { lambdaHook } from '../../src/hooks/lambda-hook.js';
import { rejection } from '../spot/test-clock.js';
import { ask, context, ENDPOINT, lambda as answering, returns, SECRET } from './lambda-helpers.js';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  server.resetHandlers();
  vi.unstubAllEnvs();
  vi.doUnmock('@aws-sdk/client-lambda');
  vi.resetModules();
});
afterAll(() => server.close());
const lambda = (answer: Parameters<typeof answering>[1]) => answering(server, answer);

describe('what the function gets', () => {
  test('is the event of an ECS lifecycle hook, and the rollout beside it', async () => {
    const asked = lambda(() => returns({ hookStatus: 'SUCCEEDED' }));
    expect(await ask()).toEqual({ status: 'SUCCEEDED' });
    expect(asked).toEqual([
      {
        name: 'smoke-test',
        type: 'RequestResponse',
        event: {
          executionId: 'bg-1/POST_TEST_TRAFFIC_SHIFT/smoke',
          lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
          resourceArn: 'arn:aws:elastigroup-bluegreen:::service-deployment/bg-1',
          executionDetails: {
            serviceArn: 'arn:aws:elastigroup-bluegreen:::service/bg-1',
            targetServiceRevisionArn: 'arn:aws:elastigroup-bluegreen:::service-revision/bg-1/green',
            testTrafficWeights: {},
            productionTrafficWeights: {},
          },
          rollout: {
            id: 'bg-1',
            holds: true,
            blue: { instanceIds: ['i-b'], privateIps: { 'i-b': '10.0.0.1' } },
            green: { instanceIds: ['i-g'], privateIps: { 'i-g': '10.0.0.2' } },
            targetGroupArns: ['arn:tg'],
            greenPercent: 0,
          },
        },
      },
    ]);
  });

  const green = 'arn:aws:elastigroup-bluegreen:::service-revision/bg-1/green';
  const blue = 'arn:aws:elastigroup-bluegreen:::service-revision/bg-1/blue';
  const none = { instanceIds: [], privateIps: {} };
  test.each([
    ['PRE_SCALE_UP', {}, {}],
    ['TEST_TRAFFIC_SHIFT', {}, {}],
    ['PRE_PRODUCTION_TRAFFIC_SHIFT', {}, { [green]: 0, [blue]: 100 }],
    // Green at 0 would tell the function that this is a rollback.
    ['PRODUCTION_TRAFFIC_SHIFT', {}, { [green]: 100, [blue]: 0 }],
    ['PRODUCTION_TRAFFIC_SHIFT', { blue: none }, { [green]: 100 }],
    ['POST_PRODUCTION_TRAFFIC_SHIFT', { greenPercent: 100 }, {}],
  ] as const)('at %s with %j production weights are %j', async (stage, more, weights) => {
    const asked = lambda(() => returns({ hookStatus: 'SUCCEEDED' }));
    await ask({}, { stage, ...more });
    expect(asked[0]!.event.executionDetails).toMatchObject({
      testTrafficWeights: {},
      productionTrafficWeights: weights,
    });
  });

  test('a qualifier in the name goes where it belongs', async () => {
    const asked = lambda(() => returns({ hookStatus: 'SUCCEEDED' }));
    await ask({ functionName: 'arn:aws:lambda:eu-west-1:123456789012:function:smoke-test:live' });
    expect(decodeURIComponent(asked[0]!.name)).toBe('arn:aws:lambda:eu-west-1:123456789012:function:smoke-test:live');
  });
});

describe('how it is set up', () => {
  test('a client of its own is made in the region, with the credentials of the environment', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET);
    vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', ENDPOINT);
    const scopes: string[] = [];
    server.use(
      http.post(`${ENDPOINT}/*`, ({ request }) => {
        scopes.push(/Credential=(\S+),/.exec(request.headers.get('authorization') ?? '')?.[1] ?? '');
        return returns({ hookStatus: 'SUCCEEDED' });
      }),
    );
    const hook = lambdaHook({ functionName: 'smoke-test', region: 'ap-south-1' });
    expect(await hook(context())).toEqual({ status: 'SUCCEEDED' });
    expect(scopes[0]).toMatch(/^AKIAEXAMPLE\/\d{8}\/ap-south-1\/lambda\/aws4_request$/);
  });

  test('without a region it says which option is missing', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
    const hook = lambdaHook({ functionName: 'smoke-test' });
    expect(await rejection(Promise.resolve(hook(context())))).toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringContaining('lambdaHook has no AWS region'),
    });
  });

  test('without the package it says which one to install, and making the hook is no mistake yet', async () => {
    vi.resetModules();
    vi.doMock('@aws-sdk/client-lambda', () => {
      throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    });
    const { lambdaHook: fresh } = await import('../../src/hooks/lambda-hook.js');
    const hook = fresh({ functionName: 'smoke-test' });
    expect(await rejection(Promise.resolve(hook(context())))).toMatchObject({
      code: 'OPTIONS_INVALID',
      message: 'lambdaHook needs the package @aws-sdk/client-lambda, which cannot be loaded.',
      hint: 'Install it: npm install @aws-sdk/client-lambda',
    });
  });

  test.each([
    [{ functionName: ' ' }, 'lambdaHook.functionName'],
    [{ functionName: 'f', timeout: 'soon' as never }, 'lambdaHook.timeout'],
  ])('%j is refused at once', (options, field) => {
    expect(() => lambdaHook(options)).toThrow(field);
  });
});
