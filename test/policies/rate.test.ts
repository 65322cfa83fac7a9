import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterCall, afterThrottling, fullBucket, refilled, waitMs, type Rate } from '../../src/policies/rate.js';

const rate: Rate = { size: 3, perSecond: 0.5 };

test('a full bucket lets as many calls go at once as it holds, and then one at a time', () => {
  let bucket = fullBucket(rate, 0);
  for (let call = 0; call < 3; call += 1) {
    expect(waitMs(bucket, rate, 0)).toBe(0);
    bucket = afterCall(bucket, rate, 0);
  }
  expect(waitMs(bucket, rate, 0)).toBe(2_000);
  expect(waitMs(bucket, rate, 1_500)).toBe(500);
  expect(waitMs(bucket, rate, 2_000)).toBe(0);
});

test('never holds more than it is large, and loses nothing when the clock is set back', () => {
  const bucket = afterCall(fullBucket(rate, 10_000), rate, 10_000);
  expect(refilled(bucket, rate, 3_600_000).tokens).toBe(3);
  expect(refilled(bucket, rate, 5_000).tokens).toBe(2);
});

test('is empty once the service has refused a call, for as long as the service says', () => {
  const bucket = fullBucket(rate, 0);
  expect(waitMs(afterThrottling(bucket, rate, 0), rate, 0)).toBe(2_000);
  expect(waitMs(afterThrottling(bucket, rate, 0, 30_000), rate, 0)).toBe(30_000);
});

test('a second refusal with a shorter time does not open it early', () => {
  const closed = afterThrottling(fullBucket(rate, 0), rate, 0, 30_000);
  expect(waitMs(afterThrottling(closed, rate, 0, 4_000), rate, 0)).toBe(30_000);
});

test('whoever waits as long as told never makes more calls in any stretch of time than the rate allows', () => {
  fc.assert(
    fc.property(
      fc.record({ size: fc.integer({ min: 1, max: 50 }), perSecond: fc.double({ min: 0.1, max: 50, noNaN: true }) }),
      fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 80 }),
      (some, pauses) => {
        let now = 0;
        let bucket = fullBucket(some, now);
        const calls: number[] = [];
        for (const pause of pauses) {
          now += pause;
          now += waitMs(bucket, some, now);
          bucket = afterCall(bucket, some, now);
          calls.push(now);
        }
        for (const [first, from] of calls.entries())
          for (const [last, to] of calls.entries())
            if (last >= first)
              expect(last - first + 1).toBeLessThanOrEqual(some.size + ((to - from) / 1000) * some.perSecond + 0.001);
      },
    ),
    { numRuns: 60 },
  );
});
