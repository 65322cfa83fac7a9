import { describe, expect, it } from 'vitest';
import {
  BlueGreen,
  exponentialBackoff,
  MemoryStore,
  type BlueGreenOptions,
  type RolloutEvent,
} from '../../src/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import type { Fault, OnRequest } from '../../src/testing/faults.js';

type Failed = Extract<RolloutEvent, { name: 'cloud:call:failed' }>['data'];

/** The first looks of a release at a cloud that always answers one operation in the same way: what was told of that operation. */
async function toldOf(fault: Fault, options: Partial<BlueGreenOptions> = {}): Promise<readonly Failed[]> {
  await using cloud = new SimulatedCloud({ blue: 1, rateLimits: false, faults: [fault] });
  const told: Failed[] = [];
  const blueGreen = new BlueGreen({
    ...cloud.options(),
    store: new MemoryStore(),
    random: () => 0.5,
    ...options,
    onEvent: (event) => void (event.name === 'cloud:call:failed' && told.push(event.data)),
  });
  await blueGreen.plan(cloud.spec({ alarms: ['shop-5xx'] })).catch(() => {});
  await blueGreen.close();
  return told;
}

const ALWAYS = 500;
const SPOT = { service: 'spot', operation: 'readElastigroup', times: ALWAYS } as const;
const CODEDEPLOY = { service: 'codedeploy', operation: 'GetDeploymentGroup', times: ALWAYS } as const;
const EC2 = { service: 'ec2', operation: 'DescribeInstances', times: ALWAYS } as const;
const ELBV2 = { service: 'elbv2', operation: 'DescribeTargetHealth', times: ALWAYS } as const;
const CLOUDWATCH = { service: 'cloudwatch', operation: 'DescribeAlarms', times: ALWAYS } as const;

const THROTTLED = [6, 'asked too often'] as const;
const BROKEN = [6, 'failed, or could not be reached'] as const;
const DENIED = [1, 'would deny it again'] as const;
const REFUSED = [1, 'would refuse it again'] as const;
const UNKNOWN = [1, 'does not know what was named'] as const;

/** What each service says, how often it is asked in all, and why. */
const TABLE: ReadonlyArray<readonly [OnRequest, number, string, readonly [number, string]]> = [
  [SPOT, 400, 'CANT_CREATE_GROUP', THROTTLED],
  [SPOT, 400, 'RequestLimitExceeded', THROTTLED],
  [SPOT, 400, 'Throttling', THROTTLED],
  [SPOT, 429, 'TOO_MANY', THROTTLED],
  [SPOT, 400, 'VALIDATION_ERROR', REFUSED],
  [SPOT, 400, 'GROUP_DOESNT_EXIST', UNKNOWN],
  [SPOT, 401, 'AUTH_ERROR', DENIED],
  [SPOT, 403, 'AUTH_ERROR', DENIED],
  [SPOT, 500, 'INTERNAL', BROKEN],
  [SPOT, 503, 'INTERNAL', BROKEN],
  [CODEDEPLOY, 400, 'ThrottlingException', THROTTLED],
  [CODEDEPLOY, 400, 'InvalidDeploymentGroupNameException', REFUSED],
  [CODEDEPLOY, 400, 'DeploymentGroupDoesNotExistException', UNKNOWN],
  [CODEDEPLOY, 400, 'AccessDeniedException', DENIED],
  [CODEDEPLOY, 400, 'ExpiredTokenException', DENIED],
  [CODEDEPLOY, 500, 'InternalFailure', BROKEN],
  [EC2, 503, 'RequestLimitExceeded', THROTTLED],
  [EC2, 400, 'RequestLimitExceeded', THROTTLED],
  [EC2, 400, 'InvalidParameterValue', REFUSED],
  [EC2, 403, 'UnauthorizedOperation', DENIED],
  [EC2, 500, 'InternalError', BROKEN],
  [ELBV2, 400, 'Throttling', THROTTLED],
  [ELBV2, 400, 'TargetGroupNotFound', UNKNOWN],
  [ELBV2, 400, 'ValidationError', REFUSED],
  [ELBV2, 403, 'AccessDenied', DENIED],
  [ELBV2, 503, 'ServiceUnavailable', BROKEN],
  [CLOUDWATCH, 400, 'ThrottlingException', THROTTLED],
  [CLOUDWATCH, 400, 'InvalidParameterValue', REFUSED],
  [CLOUDWATCH, 403, 'AccessDenied', DENIED],
  [CLOUDWATCH, 500, 'InternalServiceFault', BROKEN],
];

describe('a failure, by service and code', () => {
  it.each(TABLE)('%o answering HTTP %i %s', async (on, status, code, [attempts, because]) => {
    const told = await toldOf({ fault: 'refused', on, code, status });
    const failed = told.filter(({ service }) => service === on.service);
    expect(Math.max(...failed.map(({ attempt }) => attempt))).toBe(attempts);
    expect(failed[0]?.because).toContain(because);
    const last = failed.find(({ attempt }) => attempt === attempts);
    expect(last?.retryAfterMs).toBeUndefined();
    expect(last?.because).toContain(attempts === 1 ? because : '6 of 6 attempts failed');
  });

  it('is made again after the connection broke, and when nothing that makes sense came back', async () => {
    const lost = await toldOf({ fault: 'lost-answer', on: EC2 });
    expect(lost.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(lost[0]?.because).toContain('the connection was lost');
    const odd = await toldOf({ fault: 'malformed', on: ELBV2 });
    expect(Math.max(...odd.map(({ attempt }) => attempt))).toBe(3);
    expect(odd[0]?.because).toContain('not one that elbv2 gives');
  });

  it('goes by the rules of whoever runs it', async () => {
    const fault = { fault: 'refused', on: SPOT, code: 'GROUP_IS_BUSY', status: 400 } as const;
    expect(await toldOf(fault)).toHaveLength(1);
    const retry = { rules: [{ service: 'spot', code: 'GROUP_IS_BUSY', retry: { attempts: 4 } }] } as const;
    expect(await toldOf(fault, { retry })).toHaveLength(4);
    expect(await toldOf(fault, { retry: exponentialBackoff(retry) })).toHaveLength(4);
  });

  it('is not made again once the budget is used up, and the event says so', async () => {
    const fault = { fault: 'server-error', on: SPOT } as const;
    const told = await toldOf(fault, { retryBudget: { retries: 2 } });
    expect(told.at(-1)).toMatchObject({ attempt: 3, because: 'the budget for retries of spot is used up' });
    expect(await toldOf(fault, { retryBudget: false })).toHaveLength(6);
  });
});
