import { beforeEach, describe, expect, test } from 'vitest';
import { CloudError, type CloudFailure, type CloudService } from '../../src/errors/cloud-error.js';
import { callCloud, type FailedAttempt } from '../../src/policies/cloud-call.js';
import { RetryBudget, retryBudget } from '../../src/policies/retry-budget.js';
import { ManualClock } from './manual-clock.js';

let clock = new ManualClock();
beforeEach(() => {
  clock = new ManualClock();
});

const failureOf = (more: Partial<CloudFailure> = {}): CloudFailure => ({
  service: 'codedeploy',
  operation: 'op',
  kind: 'unavailable',
  message: 'down',
  acted: 'no',
  ...more,
});

/** A call that is made three times at the most, a second and then two seconds apart. */
function run(
  call: { readonly service?: CloudService; readonly mutates?: boolean },
  attempt: () => Promise<string>,
  { budget }: { readonly budget: RetryBudget },
) {
  const failed: FailedAttempt[] = [];
  let attempts = 0;
  const environment = {
    clock,
    random: () => 0.5,
    retry: (_failure: CloudFailure, number: number) =>
      number < 3 ? ({ retry: true, afterMs: number * 1_000 } as const) : ({ retry: false, because: 'enough' } as const),
    budget,
    timeout: () => 30_000,
    onFailedAttempt: (each: FailedAttempt) => void failed.push(each),
  };
  const full = { service: 'codedeploy', operation: 'op', mutates: false, ...call } as const;
  const outcome = callCloud(environment, full, () => ((attempts += 1), attempt())).catch((error: unknown) => error);
  return { outcome, failed, attempts: () => attempts };
}

describe('the budget for retries', () => {
  const down = () => Promise.reject(new CloudError(failureOf()));
  const usedUp = 'the budget for retries of codedeploy is used up';

  test('without any left a call is made once, and says why', async () => {
    const budget = new RetryBudget({ retries: 3 });
    const first = run({}, down, { budget });
    await clock.advance(10_000);
    await first.outcome;
    const second = run({}, down, { budget });
    await clock.advance(10_000);
    await second.outcome;
    expect([first.attempts(), second.attempts()]).toEqual([3, 2]);
    expect(second.failed.map(({ retryAfterMs, because }) => retryAfterMs ?? because)).toEqual([1_000, usedUp]);
  });

  test('is each service’s own', async () => {
    const budget = new RetryBudget({ retries: 1 });
    const first = run({}, down, { budget });
    const other = run({ service: 'ec2' }, down, { budget });
    await clock.advance(10_000);
    await Promise.all([first.outcome, other.outcome]);
    expect([first.attempts(), other.attempts()]).toEqual([2, 2]);
  });

  test('grows again with every answer, up to what it was', async () => {
    const budget = new RetryBudget({ retries: 1, perAnswer: 0.5 });
    expect([budget.take('codedeploy'), budget.take('codedeploy')]).toEqual([true, false]);
    await run({}, async () => 'yes', { budget }).outcome;
    expect(budget.take('codedeploy')).toBe(false);
    for (let answers = 0; answers < 9; answers += 1) await run({}, async () => 'yes', { budget }).outcome;
    expect([budget.take('codedeploy'), budget.take('codedeploy')]).toEqual([true, false]);
  });

  test('is not touched by what is not made again anyway', async () => {
    const budget = new RetryBudget({ retries: 1 });
    await run({ mutates: true }, () => Promise.reject(new CloudError(failureOf({ acted: 'unknown' }))), { budget })
      .outcome;
    expect(budget.take('codedeploy')).toBe(true);
  });

  test('keeps a service that fails for an hour from being asked six times as often', async () => {
    const budget = new RetryBudget();
    let asked = 0;
    for (let looks = 0; looks < 180; looks += 1) {
      const look = run({}, down, { budget });
      await clock.advance(20_000);
      await look.outcome;
      asked += look.attempts();
    }
    expect(asked).toBe(180 + 100);
  });

  test('is refused where it makes no sense, and none at all where it is false', () => {
    expect(retryBudget(false)).toBeUndefined();
    for (const [given, message] of [
      [{ retries: 0 }, 'retryBudget.retries is 0'],
      [{ perAnswer: 0 }, 'retryBudget.perAnswer is 0'],
      [{ perAnswer: 1.5 }, 'retryBudget.perAnswer is 1.5'],
      [{ tokens: 5 }, 'retryBudget.tokens'],
      [7, 'retryBudget: found number'],
    ] as const)
      expect(() => retryBudget(given as object)).toThrow(message);
  });
});
