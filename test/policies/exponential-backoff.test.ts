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
    expect(policy(failure('throttled'), 1999, half)).toEqual({ retry: true, afterMs: 3000 });
  });

  test('full jitter takes a share of the pause', () => {
    expect(pauses(exponentialBackoff(), 'throttled', () => 0.25)).toEqual([125, 250, 500, 1000, 2000]);
    expect(pauses(exponentialBackoff(), 'throttled', () => 0)).toEqual([0, 0, 0, 0, 0]);
  });

  test('waits at least as long as the service asks for, even beyond the longest pause', () => {
    const asked = failure('throttled', { retryAfterMs: 45_000 });
    expect(exponentialBackoff()(asked, 1, () => 0)).toEqual({ retry: true, afterMs: 45_000 });
    expect(steady(failure('throttled', { retryAfterMs: 5 }), 1, half)).toEqual({ retry: true, afterMs: 500 });
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
