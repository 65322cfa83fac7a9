import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CloudFailure } from '../../src/errors/cloud-error.js';
import { exponentialBackoff } from '../../src/policies/exponential-backoff.js';

const failure = (kind: CloudFailure['kind'], more: Partial<CloudFailure> = {}): CloudFailure => ({
  service: 'codedeploy',
  operation: 'getDeployment',
  kind,
  message: 'no',
  acted: 'no',
  ...more,
});
const half = () => 0.5;
const steady = exponentialBackoff({ jitter: 'none' });

const pauses = (policy: typeof steady, kind: CloudFailure['kind'], random = half): number[] => {
  const found: number[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const verdict = policy(failure(kind), attempt, random);
    if (!verdict.retry) return found;
    found.push(verdict.afterMs);
  }
};

describe('exponentialBackoff', () => {
  test.each(['throttled', 'unavailable', 'no-answer', 'timed-out'] as const)('makes %s calls six times', (kind) => {
    expect(pauses(steady, kind)).toEqual([500, 1000, 2000, 4000, 8000]);
  });

  test('makes a malformed answer three times and no more', () => {
    expect(pauses(steady, 'malformed')).toEqual([500, 1000]);
    expect(pauses(exponentialBackoff({ attempts: 2, jitter: 'none' }), 'malformed')).toEqual([500]);
  });

  test.each(['refused', 'denied', 'not-found'] as const)('never makes %s again, and says why', (kind) => {
    expect(steady(failure(kind), 1, half)).toEqual({ retry: false, because: expect.stringMatching(/.{20}/) });
  });

  test('says how many attempts failed when it gives up', () => {
    expect(steady(failure('throttled'), 6, half)).toEqual({ retry: false, because: '6 of 6 attempts failed' });
    expect(steady(failure('throttled'), 60, half).retry).toBe(false);
  });

  test('no pause is longer than the longest', () => {
    const policy = exponentialBackoff({ attempts: 2000, maxDelay: '3s', jitter: 'none' });
    expect(Math.max(...pauses(policy, 'throttled'))).toBe(3000);
    expect(policy(failure('throttled'), 1999, half)).toMatchObject({ retry: true, afterMs: 3000 });
  });

  test('full jitter takes a share of the pause', () => {
    expect(pauses(exponentialBackoff(), 'throttled', () => 0.25)).toEqual([125, 250, 500, 1000, 2000]);
    expect(pauses(exponentialBackoff(), 'throttled', () => 0)).toEqual([0, 0, 0, 0, 0]);
  });

  test('waits at least as long as the service asks for, even beyond the longest pause', () => {
    const asked = failure('throttled', { retryAfterMs: 45_000 });
    expect(exponentialBackoff()(asked, 1, () => 0)).toMatchObject({ retry: true, afterMs: 45_000 });
    expect(steady(failure('throttled', { retryAfterMs: 5 }), 1, half)).toMatchObject({ retry: true, afterMs: 500 });
  });

  test('an explicit undefined leaves the default in place', () => {
    const policy = exponentialBackoff({
      attempts: undefined,
      firstDelay: undefined,
      factor: undefined,
      maxDelay: undefined,
      jitter: undefined,
    });
    expect(pauses(policy, 'throttled')).toEqual(pauses(exponentialBackoff(), 'throttled'));
  });

  test.each<[object, string]>([
    [{ attempts: 0 }, 'exponentialBackoff.attempts is 0; allowed is a whole number from 1 up'],
    [{ attempts: 1.5 }, 'exponentialBackoff.attempts'],
    [{ attempts: '3' }, 'exponentialBackoff.attempts'],
    [{ factor: 0.5 }, 'exponentialBackoff.factor'],
    [{ factor: Infinity }, 'exponentialBackoff.factor'],
    [{ firstDelay: '5' }, 'exponentialBackoff.firstDelay'],
    [{ maxDelay: -1 }, 'exponentialBackoff.maxDelay'],
    [{ rules: {} }, 'exponentialBackoff.rules: found object; allowed is a list of rules'],
    [{ rules: [{ service: 's3', retry: false }] }, 'rules[0].service: found "s3"'],
    [{ rules: [{ retry: false, codes: ['X'] }] }, 'rules[0]: found codes'],
    [{ rules: [{ code: '', retry: false }] }, 'rules[0].code: found ""'],
    [{ rules: [{ code: 'X' }] }, 'rules[0].retry: found undefined'],
    [{ rules: [{ code: 'X', retry: { attempt: 3 } }] }, 'rules[0].retry: found attempt'],
    [{ rules: [{ code: 'X', retry: { attempts: 0 } }] }, 'exponentialBackoff.rules[0].retry.attempts is 0'],
    [{ rules: [{ code: 'X', retry: { firstDelay: '1m' } }] }, 'rules[0].retry.firstDelay is 60000 ms'],
    [{ jitter: 'some' }, "exponentialBackoff.jitter is some; allowed is 'full' or 'none'"],
    [
      { firstDelay: '30s' },
      'firstDelay is 30000 ms; allowed is at most exponentialBackoff.maxDelay, which is 20000 ms',
    ],
  ])('refuses %j', (options, message) => {
    const make = () => exponentialBackoff(options);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });

  test.each<[CloudFailure['kind'], string]>([
    ['throttled', 'codedeploy was asked too often'],
    ['unavailable', 'codedeploy failed, or could not be reached'],
    ['no-answer', 'the connection was lost before an answer'],
    ['timed-out', 'codedeploy did not answer in time'],
    ['malformed', 'the answer was not one that codedeploy gives'],
  ])('says why it makes %s again', (kind, because) => {
    expect(steady(failure(kind), 1, half)).toEqual({ retry: true, afterMs: 500, because });
  });

  test('says how long the service asked to be left alone', () => {
    expect(steady(failure('throttled', { retryAfterMs: 9_000 }), 1, half)).toEqual({
      retry: true,
      afterMs: 9_000,
      because: 'codedeploy was asked too often, and asks for 9000 ms',
    });
  });

  test('EC2 may not know yet what was just launched: a call that names it is made again, one that finds nothing is not', () => {
    const notFound = (more: Partial<CloudFailure>): CloudFailure =>
      failure('not-found', { service: 'ec2', operation: 'createTags', code: 'InvalidInstanceID.NotFound', ...more });
    expect(steady(notFound({}), 1, half)).toMatchObject({ retry: true, because: expect.stringMatching('not see yet') });
    expect(steady(notFound({}), 6, half).retry).toBe(false);
    expect(steady(notFound({ code: 'InvalidInstanceID.Malformed' }), 1, half).retry).toBe(false);
    expect(steady(notFound({ service: 'elbv2' }), 1, half).retry).toBe(false);
  });

  test('a pause is a whole number of milliseconds within its limits, for any options', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000 }),
        fc.double({ min: 1, max: 50, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (firstDelay, factor, attempt, chance) => {
          const policy = exponentialBackoff({ attempts: 1000, firstDelay, factor, maxDelay: 10_000 });
          const verdict = policy(failure('unavailable'), attempt, () => chance);
          expect(verdict.retry && Number.isInteger(verdict.afterMs)).toBe(true);
          expect(verdict.retry && verdict.afterMs >= 0 && verdict.afterMs <= 10_000).toBe(true);
        },
      ),
    );
  });
});

describe('the rules of exponentialBackoff', () => {
  const policy = exponentialBackoff({
    attempts: 4,
    jitter: 'none',
    rules: [
      { service: 'spot', operation: 'enterDeploymentMode', retry: false },
      { service: 'spot', code: 'GROUP_IS_BUSY', retry: { attempts: 3, firstDelay: '5s' } },
      { service: 'spot', retry: { attempts: 2 } },
      { code: 'AccessDenied', retry: true },
      { code: 'Odd', retry: true },
      { service: 'spot', code: 'GROUP_IS_BUSY', retry: false },
    ],
  });
  const of = (kind: CloudFailure['kind'], more: Partial<CloudFailure>, attempt = 1) =>
    policy(failure(kind, { service: 'spot', operation: 'listInstances', ...more }), attempt, half);

  test('the first that fits counts, by service, operation and code', () => {
    expect(of('throttled', { operation: 'enterDeploymentMode' })).toEqual({
      retry: false,
      because: 'rule 1 of exponentialBackoff says so',
    });
    const busy = { code: 'GROUP_IS_BUSY' };
    expect(of('refused', busy)).toEqual({
      retry: true,
      afterMs: 5_000,
      because: 'rule 2 of exponentialBackoff says so',
    });
    expect(of('refused', busy, 3)).toEqual({ retry: false, because: '3 of 3 attempts failed' });
    expect(of('throttled', {})).toMatchObject({
      retry: true,
      afterMs: 500,
      because: expect.stringContaining('rule 3'),
    });
    expect(of('throttled', {}, 2).retry).toBe(false);
  });

  test('what no rule fits is as usual', () => {
    expect(of('throttled', { service: 'ec2' }, 3)).toMatchObject({ retry: true, afterMs: 2_000 });
    expect(of('refused', { service: 'ec2' }).retry).toBe(false);
  });

  test('what was refused is made again only by a rule that names its code', () => {
    expect(of('refused', { code: 'SOMETHING_ELSE' })).toMatchObject({ because: expect.stringContaining('refused') });
    expect(of('not-found', {}).retry).toBe(false);
    expect(of('refused', { service: 'elbv2', code: 'Odd' }, 3).retry).toBe(true);
  });

  test('what is denied is not made again, whatever a rule says', () => {
    expect(of('denied', { service: 'ec2', code: 'AccessDenied' })).toEqual({
      retry: false,
      because: 'the credentials do not allow it, and ec2 would deny it again',
    });
  });

  test('an answer that cannot be understood is made again as often as a rule says, and three times where it does not say', () => {
    const odd = exponentialBackoff({
      rules: [
        { code: 'A', retry: true },
        { code: 'B', retry: { attempts: 5 } },
      ],
    });
    expect(odd(failure('malformed', { code: 'A' }), 3, half).retry).toBe(false);
    expect(odd(failure('malformed', { code: 'B' }), 4, half).retry).toBe(true);
  });
});
