import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { http, HttpResponse, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type AwsCall, awsFailure } from '../../src/aws/aws-failure.js';
import { CodeDeployGateway } from '../../src/aws/code-deploy-gateway.js';
import { InstancesGateway } from '../../src/aws/instances-gateway.js';
import { TargetGroupsGateway } from '../../src/aws/target-groups-gateway.js';
import { CloudError } from '../../src/errors/cloud-error.js';
import { rejection, TestClock } from '../spot/test-clock.js';
import { answerAws, aws, ec2Error, elbError, ENDPOINT, failureOf, jsonError, SECRET } from './aws-helpers.js';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const READ: AwsCall = { service: 'codedeploy', operation: 'readDeployment', mutates: false };
const CHANGE: AwsCall = { service: 'codedeploy', operation: 'createDeployment', mutates: true };

const sdkError = (name: string, httpStatusCode: number | undefined, message = 'because') =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode, requestId: 'req-7' } });
const classify = (call: AwsCall, error: unknown) => (awsFailure(call, error) as CloudError).failure;

describe('errors are classified by name', () => {
  test.each([
    ['ThrottlingException', 400],
    ['Throttling', 400],
    ['ThrottledException', 400],
    ['RequestThrottled', 400],
    ['RequestThrottledException', 400],
    ['RequestLimitExceeded', 503],
    ['TooManyRequestsException', 429],
    ['SlowDown', 503],
  ])('%s (%i) is throttling, and a change was not made', (name, status) => {
    expect(classify(CHANGE, sdkError(name, status))).toMatchObject({ kind: 'throttled', acted: 'no', code: name });
  });

  test.each([
    ['AccessDenied', 403],
    ['AccessDeniedException', 400],
    ['UnauthorizedOperation', 403],
    ['InvalidClientTokenId', 403],
    ['ExpiredToken', 403],
    ['ExpiredTokenException', 400],
    ['UnrecognizedClientException', 400],
    ['AuthFailure', 401],
    ['InvalidSignatureException', 400],
    ['SignatureDoesNotMatch', 403],
  ])('%s (%i) is denied', (name, status) => {
    expect(classify(CHANGE, sdkError(name, status))).toMatchObject({ kind: 'denied', acted: 'no', status });
  });

  test.each([
    'DeploymentGroupDoesNotExistException',
    'DeploymentDoesNotExistException',
    'DeploymentConfigDoesNotExistException',
    'InvalidInstanceID.NotFound',
    'TargetGroupNotFound',
    'TargetGroupNotFoundException',
  ])('%s is not found', (name) => {
    expect(classify(READ, sdkError(name, 400))).toMatchObject({ kind: 'not-found', code: name });
  });

  test.each(['DeploymentLimitExceededException', 'InvalidTargetInstancesException', 'InvalidParameterValue'])(
    '%s is refused: nothing was done, and it is no throttling',
    (name) => {
      expect(classify(CHANGE, sdkError(name, 400))).toMatchObject({ kind: 'refused', acted: 'no', code: name });
    },
  );

  test.each([
    ['InternalFailure', 500],
    ['ServiceUnavailable', 503],
    ['Unknown', 502],
    ['SyntaxError', 503],
  ])('%s (%i) is unavailable, and a change may have been made', (name, status) => {
    expect(classify(CHANGE, sdkError(name, status))).toMatchObject({ kind: 'unavailable', acted: 'unknown', status });
    expect(classify(READ, sdkError(name, status))).toMatchObject({ kind: 'unavailable', acted: 'no' });
  });

  test.each([
    ['SyntaxError', 200],
    ['Error', 200],
    ['Unknown', 302],
    ['SyntaxError', 404],
  ])('%s (%i) is an answer that the service does not give', (name, status) => {
    expect(classify(CHANGE, sdkError(name, status))).toMatchObject({ kind: 'malformed', acted: 'unknown' });
  });

  test.each(['CredentialsProviderError', 'TokenProviderError', 'ProviderError'])(
    '%s means that nothing was sent',
    (name) => {
      const error = Object.assign(new Error('no credentials'), { name });
      expect(classify(CHANGE, error)).toMatchObject({ kind: 'denied', acted: 'no', code: name });
    },
  );

  test.each([
    [{ code: 'ECONNREFUSED', syscall: 'connect' }, 'unavailable', 'no'],
    [{ code: 'ENOTFOUND', syscall: 'getaddrinfo' }, 'unavailable', 'no'],
    [{ code: 'ETIMEDOUT', errors: [{ code: 'ETIMEDOUT', syscall: 'connect' }] }, 'unavailable', 'no'],
    [{ code: 'ECONNRESET', name: 'TimeoutError' }, 'no-answer', 'unknown'],
    [{ code: 'EPIPE', syscall: 'write' }, 'no-answer', 'unknown'],
    [{ name: 'AbortError' }, 'no-answer', 'unknown'],
    [{}, 'no-answer', 'unknown'],
  ] as const)('a connection that failed with %o is %s', (facts, kind, acted) => {
    expect(classify(CHANGE, Object.assign(new Error('x'), facts))).toMatchObject({ kind, acted });
  });

  test('an error of our own passes through', () => {
    const own = new CloudError({ ...READ, kind: 'refused', message: 'm', acted: 'no' });
    expect(awsFailure(READ, own)).toBe(own);
  });

  test('a canonical request with a session token in it is cut out of the message', () => {
    const message = `The request signature we calculated does not match.\n\nThe Canonical String for this request should have been 'POST\nx-amz-security-token:${SECRET}'`;
    expect(classify(READ, sdkError('SignatureDoesNotMatch', 403, message)).message).toBe(
      'The request signature we calculated does not match.',
    );
    const other = `bad header X-Amz-Security-Token: ${SECRET} there`;
    expect(classify(READ, sdkError('Odd', 400, other)).message).not.toContain(SECRET);
  });
});

describe('through the real SDK', () => {
  test('each protocol keeps its code, status and request id', async () => {
    const { clients, environment } = aws();
    answerAws(server, () => jsonError('ThrottlingException', 'Rate exceeded'));
    expect(await failureOf(new CodeDeployGateway(clients, environment).readDeployment('d-1'))).toEqual({
      service: 'codedeploy',
      operation: 'readDeployment',
      kind: 'throttled',
      code: 'ThrottlingException',
      status: 400,
      requestId: 'req-7',
      message: 'Rate exceeded',
      acted: 'no',
    });
    answerAws(server, () => ec2Error('UnauthorizedOperation', 'You are not authorized', 403));
    expect(await failureOf(new InstancesGateway(clients, environment).describeInstances(['i-1']))).toMatchObject({
      kind: 'denied',
      code: 'UnauthorizedOperation',
      status: 403,
    });
    answerAws(server, () => elbError('Throttling', 'Rate exceeded'));
    expect(await failureOf(new TargetGroupsGateway(clients, environment).targetHealth('arn:x'))).toMatchObject({
      kind: 'throttled',
      code: 'Throttling',
      requestId: 'req-7',
    });
  });

  test('the SDK does not retry by itself, and neither is a change made again after a lost answer', async () => {
    const { clients, environment, failed } = aws({ attempts: 5 });
    const requests = answerAws(server, () => jsonError('InternalServiceException', 'oops', 500));
    const gateway = new CodeDeployGateway(clients, environment);
    expect(await failureOf(gateway.continueDeployment('d-1', 'READY_WAIT'))).toMatchObject({ acted: 'unknown' });
    expect(requests).toHaveLength(1);
    expect(failed).toHaveLength(1);
    await rejection(gateway.readDeployment('d-1'));
    expect(requests).toHaveLength(6);
  });

  test('nothing secret is in what leaves the gateway', async () => {
    const { clients, environment } = aws();
    const gateway = new CodeDeployGateway(clients, environment);
    for (const make of [() => jsonError('AccessDeniedException'), () => HttpResponse.error()]) {
      answerAws(server, make);
      const error = await rejection(gateway.readDeployment('d-1'));
      expect(CloudError.is(error)).toBe(true);
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SECRET);
      expect((error as Error).cause).toBeUndefined();
    }
  });

  test('a call that is never answered times out, and a change may have been made', async () => {
    const clock = new TestClock();
    let arrive = () => {};
    clock.hold = new Promise<void>((resolve) => (arrive = resolve));
    answerAws(server, () => {
      arrive();
      return new Promise<never>(() => {});
    });
    const { clients, environment } = aws();
    const gateway = new CodeDeployGateway(clients, { ...environment, clock, timeout: () => 5_000 });
    expect(await failureOf(gateway.stopDeployment('d-1', { rollBack: true }))).toMatchObject({
      kind: 'timed-out',
      acted: 'unknown',
    });
  });

  test('a broken connection leaves open what happened; one that was never made does not', async () => {
    const real = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => real.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(real.address() as AddressInfo).port}`;
    server.use(http.all(`${endpoint}/*`, () => passthrough()));
    const { clients, environment } = aws({ endpoint });
    const gateway = new CodeDeployGateway(clients, environment);
    const stop = () => failureOf(gateway.stopDeployment('d-1', { rollBack: true }));
    expect(await stop()).toMatchObject({ kind: 'no-answer', acted: 'unknown' });
    await new Promise<void>((resolve) => {
      real.close(() => resolve());
      real.closeAllConnections();
    });
    expect(await stop()).toMatchObject({ kind: 'unavailable', acted: 'no', code: 'ECONNREFUSED' });
    clients.close();
  });

  test('HTML with a server’s error is unavailable, and with a 403 denied', async () => {
    const { clients, environment } = aws();
    const gateway = new CodeDeployGateway(clients, environment);
    let status = 503;
    server.use(http.post(`${ENDPOINT}/*`, () => new HttpResponse('<html>', { status })));
    expect(await failureOf(gateway.readDeployment('d-1'))).toMatchObject({ kind: 'unavailable', status: 503 });
    status = 403;
    expect(await failureOf(gateway.readDeployment('d-1'))).toMatchObject({ kind: 'denied', status: 403 });
  });
});
