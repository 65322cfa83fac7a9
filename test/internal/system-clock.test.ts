import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/internal/system-clock.js';

const DAY_MS = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function counted(signal: AbortSignal): () => number {
  let listeners = 0;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => ((listeners += 1), add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => ((listeners -= 1), remove(...args));
  return () => listeners;
}

describe('systemClock', () => {
  test('tells epoch milliseconds', () => {
    vi.setSystemTime(1_700_000_000_123);
    expect(systemClock.now()).toBe(1_700_000_000_123);
  });

  test('sleeps as long as it is asked to, not less', async () => {
    let awake = false;
    void systemClock.sleep(1_000).then(() => (awake = true));
    await vi.advanceTimersByTimeAsync(999);
    expect(awake).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(awake).toBe(true);
  });

  test('sleeps longer than one timer can', async () => {
    let awake = false;
    void systemClock.sleep(60 * DAY_MS).then(() => (awake = true));
    await vi.advanceTimersByTimeAsync(60 * DAY_MS - 1);
    expect(awake).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(awake).toBe(true);
  });

  test.each([0, -5])('a sleep of %d ms still passes through the event loop', async (ms) => {
    let awake = false;
    void systemClock.sleep(ms).then(() => (awake = true));
    await Promise.resolve();
    expect(awake).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(awake).toBe(true);
  });

  test.each([1_000, 60 * DAY_MS])(
    'an abort ends a sleep of %d ms at once, with the reason of the signal',
    async (ms) => {
      const controller = new AbortController();
      const sleep = systemClock.sleep(ms, controller.signal);
      const outcome = expect(sleep).rejects.toBe('stop');
      await vi.advanceTimersByTimeAsync(ms / 2);
      controller.abort('stop');
      await outcome;
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  test('an abort during a later lap of a long sleep leaves no timer', async () => {
    const controller = new AbortController();
    const outcome = expect(systemClock.sleep(60 * DAY_MS, controller.signal)).rejects.toBe('stop');
    await vi.advanceTimersByTimeAsync(40 * DAY_MS);
    controller.abort('stop');
    await outcome;
  });

  test('does not begin to sleep when the signal is aborted already', async () => {
    await expect(systemClock.sleep(1_000, AbortSignal.abort('before'))).rejects.toBe('before');
  });

  test('a thousand sleeps leave no listener on their signal', async () => {
    const { signal } = new AbortController();
    const listeners = counted(signal);
    for (let n = 0; n < 1_000; n += 1) {
      const sleep = systemClock.sleep(10, signal);
      await vi.advanceTimersByTimeAsync(10);
      await sleep;
    }
    expect(listeners()).toBe(0);
  });
});
