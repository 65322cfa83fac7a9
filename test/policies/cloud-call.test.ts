import { afterEach, describe, expect, test } from 'vitest';
import { CloudError, type CloudFailure } from '../../src/errors/cloud-error.js';
import { callCloud, type CloudCall, type FailedAttempt } from '../../src/policies/cloud-call.js';
import type { RetryPolicy } from '../../src/policies/retry.js';
import { ManualClock, settle } from './manual-clock.js';

let clock = new ManualClock();
afterEach(async () => {
  await settle();
  expect(clock.sleeping).toBe(0);
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
const again: RetryPolicy = (_failure, attempt) =>
  attempt < 3 ? { retry: true, afterMs: attempt * 1_000 } : { retry: false, because: 'enough' };

function run(
  call: Partial<CloudCall>,
  attempt: (signal: AbortSignal, number: number) => Promise<string>,
  { retry = again, timeoutMs = 30_000 }: { retry?: RetryPolicy; timeoutMs?: number } = {},
) {
  const failed: FailedAttempt[] = [];
  let attempts = 0;
  const environment = {
    clock,
    random: () => 0.5,
    retry,
    timeout: () => timeoutMs,
    onFailedAttempt: (attempt: FailedAttempt) => void failed.push(attempt),
  };
  const full = { service: 'codedeploy', operation: 'op', mutates: false, ...call } as const;
  const outcome = callCloud(environment, full, (signal) => attempt(signal, (attempts += 1))).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return { outcome, failed, attempts: () => attempts };
}

const never = () => new Promise<string>(() => {});

describe('a call that is answered', () => {
  test('answers, and leaves no timer', async () => {
    const { outcome, attempts } = run({}, async () => 'yes');
    expect(await outcome).toEqual({ value: 'yes' });
    expect(attempts()).toBe(1);
    expect(clock.slept).toEqual([30_000]);
  });

  test('leaves no listener on the signal of its caller', async () => {
    const controller = new AbortController();
    let added = 0;
    let removed = 0;
    const { signal } = controller;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => ((added += 1), add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => ((removed += 1), remove(...args));
    await run({ signal }, async () => 'yes').outcome;
    expect(added).toBe(removed);
  });
});

describe('timeouts', () => {
  test('each attempt has its own, and the request is told', async () => {
    const reasons: unknown[] = [];
    const { outcome, failed } = run(
      {},
      (signal) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        return never();
      },
      { timeoutMs: 100 },
    );
    await clock.advance(100 + 1_000 + 100 + 2_000 + 100);
    const { error } = (await outcome) as { error: CloudError };
    expect(CloudError.is(error) && error.code).toBe('CLOUD_TIMED_OUT');
    expect(error.failure).toMatchObject({ kind: 'timed-out', acted: 'no', operation: 'op' });
    expect(failed.map(({ attempt, retryAfterMs, because }) => [attempt, retryAfterMs ?? because])).toEqual([
      [1, 1_000],
      [2, 2_000],
      [3, 'enough'],
    ]);
    expect(reasons).toHaveLength(3);
    expect(clock.slept).toEqual([100, 1_000, 100, 2_000, 100]);
  });

  test('a call that changes something may have acted, and is not made again', async () => {
    const { outcome, attempts, failed } = run({ mutates: true }, never, { timeoutMs: 100 });
    await clock.advance(100);
    const { error } = (await outcome) as { error: CloudError };
    expect(error.failure).toMatchObject({ kind: 'timed-out', acted: 'unknown' });
    expect(attempts()).toBe(1);
    expect(failed[0]?.because).toBe('the service may have acted on it');
  });

  test('an attempt that fails because it was cut off does not hide that time was up', async () => {
    const { outcome } = run(
      { mutates: true },
      (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new CloudError(failureOf({ kind: 'no-answer' }))));
        }),
      { timeoutMs: 100 },
    );
    await clock.advance(100);
    expect(((await outcome) as { error: CloudError }).error.code).toBe('CLOUD_TIMED_OUT');
  });

  test('an attempt that fails long after its time was up harms nobody', async () => {
    let fail: (error: Error) => void = () => {};
    const { outcome } = run({ mutates: true }, () => new Promise((_resolve, reject) => void (fail = reject)), {
      timeoutMs: 100,
    });
    await clock.advance(100);
    await outcome;
    fail(new Error('late'));
    await settle();
  });
});

describe('retries', () => {
  test('a read that fails is made again after the pause of the policy, by the clock', async () => {
    const { outcome, attempts } = run({}, async (_signal, number) => {
      if (number < 3) throw new CloudError(failureOf());
      return `attempt ${number} at ${clock.now()}`;
    });
    await clock.advance(10_000);
    expect(await outcome).toEqual({ value: 'attempt 3 at 3000' });
    expect(attempts()).toBe(3);
  });

  test('the policy sees the failure, the number and the chance', async () => {
    const seen: unknown[] = [];
    const retry: RetryPolicy = (failure, attempt, random) => {
      seen.push([failure, attempt, random()]);
      return { retry: false, because: 'seen' };
    };
    const failure = failureOf({ kind: 'throttled', retryAfterMs: 7 });
    await run({}, () => Promise.reject(new CloudError(failure)), { retry }).outcome;
    expect(seen).toEqual([[failure, 1, 0.5]]);
  });

  test('a call that changes something is made again only when the service certainly did not act', async () => {
    const sure = run({ mutates: true }, async (_signal, number) => {
      if (number === 1) throw new CloudError(failureOf({ kind: 'throttled', acted: 'no' }));
      return 'done';
    });
    await clock.advance(10_000);
    expect(await sure.outcome).toEqual({ value: 'done' });
    const error = new CloudError(failureOf({ kind: 'no-answer', acted: 'unknown' }));
    const unsure = run({ mutates: true }, () => Promise.reject(error));
    await clock.advance(10_000);
    expect(((await unsure.outcome) as { error: unknown }).error).toBe(error);
    expect(unsure.attempts()).toBe(1);
  });

  test('a read is made again even when the service may have acted', async () => {
    const { outcome } = run({}, async (_signal, number) => {
      if (number === 1) throw new CloudError(failureOf({ acted: 'unknown' }));
      return 'yes';
    });
    await clock.advance(10_000);
    expect(await outcome).toEqual({ value: 'yes' });
  });

  test.each([new TypeError('fault'), 'text', undefined])(
    'what is not a CloudError (%s) is not made again',
    async (thrown) => {
      const { outcome, attempts, failed } = run({}, async () => {
        throw thrown as Error;
      });
      expect(await outcome).toEqual({ error: thrown });
      expect(attempts()).toBe(1);
      expect(failed).toEqual([]);
    },
  );

  test('an attempt that throws before it answers a promise is treated alike', async () => {
    const { outcome } = run({}, () => {
      throw new TypeError('at once');
    });
    expect(await outcome).toMatchObject({ error: { message: 'at once' } });
  });
});

describe('the signal of the caller', () => {
  test('nothing is sent when it is aborted before', async () => {
    for (const mutates of [false, true]) {
      const { outcome, attempts } = run({ mutates, signal: AbortSignal.abort('before') }, async () => 'yes');
      expect(await outcome).toEqual({ error: 'before' });
      expect(attempts()).toBe(0);
    }
  });

  test('cuts a read short with its reason, and the request is told', async () => {
    const controller = new AbortController();
    let told: unknown;
    const { outcome } = run({ signal: controller.signal }, (signal) => {
      signal.addEventListener('abort', () => {
        told = signal.reason;
      });
      return never();
    });
    await settle();
    controller.abort('stop');
    expect(await outcome).toEqual({ error: 'stop' });
    expect(told).toBe('stop');
  });

  test('does not cut a call that changes something', async () => {
    const controller = new AbortController();
    let answer: (text: string) => void = () => {};
    let cut = false;
    const { outcome } = run({ mutates: true, signal: controller.signal }, (signal) => {
      signal.addEventListener('abort', () => (cut = true));
      return new Promise((resolve) => void (answer = resolve));
    });
    await settle();
    controller.abort('stop');
    await settle();
    answer('done');
    expect(await outcome).toEqual({ value: 'done' });
    expect(cut).toBe(false);
  });

  test.each([false, true])('ends the pause between attempts at once (mutates: %s)', async (mutates) => {
    const controller = new AbortController();
    const { outcome, attempts } = run({ mutates, signal: controller.signal }, () =>
      Promise.reject(new CloudError(failureOf())),
    );
    await clock.advance(500);
    controller.abort('stop');
    expect(await outcome).toEqual({ error: 'stop' });
    expect(attempts()).toBe(1);
  });

  test('an abort between the pause and the next attempt still cuts a read short', async () => {
    const controller = new AbortController();
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (ms, signal) => {
      await sleep(ms, signal);
      // The pause is over, the attempt has not begun.
      if (ms === 1_000) controller.abort('stop');
    };
    const { outcome, attempts } = run({ signal: controller.signal }, async (_signal, number) => {
      if (number === 1) throw new CloudError(failureOf());
      return never();
    });
    await clock.advance(1_000);
    await clock.advance(60_000);
    expect(await outcome).toEqual({ error: 'stop' });
    expect(attempts()).toBe(1);
  });
});
