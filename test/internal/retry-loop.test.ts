import { describe, expect, test } from 'vitest';
import { retryLoop } from '../../src/internal/retry-loop.js';

const failing = (...outcomes: unknown[]) => {
  let calls = 0;
  return {
    calls: () => calls,
    attempt: async () => {
      const outcome = outcomes[calls];
      calls += 1;
      if (outcome === 'ok') return 'answer';
      throw outcome as Error;
    },
  };
};

describe('retryLoop', () => {
  test('answers what the first good attempt answers, pausing as told in between', async () => {
    const pauses: number[] = [];
    const { attempt, calls } = failing(new Error('a'), new Error('b'), 'ok');
    const answer = retryLoop({
      attempt,
      judge: (error, number) => ({ retry: true, afterMs: number * 100 + (error as Error).message.length }),
      pause: async (ms) => void pauses.push(ms),
    });
    await expect(answer).resolves.toBe('answer');
    expect(calls()).toBe(3);
    expect(pauses).toEqual([101, 201]);
  });

  test.each([
    ['an Error', new Error('no')],
    ['a TypeError', new TypeError('no')],
    ['a fetch failure', new TypeError('fetch failed')],
    ['an AbortError', Object.assign(new Error('no'), { name: 'AbortError' })],
    ['a string', 'no'],
    ['undefined', undefined],
    ['null', null],
    ['an object', { code: 'no' }],
  ])('rejects with %s itself, and shows it to the judge as it is', async (_what, thrown) => {
    const judged: unknown[] = [];
    const { attempt, calls } = failing(thrown, thrown);
    const loop = retryLoop({
      attempt,
      judge: (error, number) => {
        judged.push(error);
        return number < 2 ? { retry: true, afterMs: 0 } : { retry: false };
      },
      pause: async () => {},
    });
    await expect(loop.catch((error: unknown) => ({ error }))).resolves.toEqual({ error: thrown });
    expect(await loop.catch((error: unknown) => error)).toBe(thrown);
    expect(judged).toEqual([thrown, thrown]);
    expect(calls()).toBe(2);
  });

  test.each([
    ['an Error', new Error('stop')],
    ['a string', 'stop'],
  ])('a pause that rejects with %s ends the loop with it', async (_what, reason) => {
    const { attempt, calls } = failing(new Error('a'), 'ok');
    const loop = retryLoop({
      attempt,
      judge: () => ({ retry: true, afterMs: 5 }),
      pause: async () => {
        throw reason as Error;
      },
    });
    expect(await loop.catch((error: unknown) => error)).toBe(reason);
    expect(calls()).toBe(1);
  });

  test('a judge that throws ends the loop with what it threw', async () => {
    const broken = new RangeError('judge');
    const loop = retryLoop({
      attempt: failing(new Error('a')).attempt,
      judge: () => {
        throw broken;
      },
      pause: async () => {},
    });
    expect(await loop.catch((error: unknown) => error)).toBe(broken);
  });

  test('goes on for as long as the judge says so', async () => {
    const { attempt, calls } = failing(...Array.from({ length: 500 }, () => new Error('again')), 'ok');
    const judge = () => ({ retry: true, afterMs: 0 }) as const;
    await expect(retryLoop({ attempt, judge, pause: async () => {} })).resolves.toBe('answer');
    expect(calls()).toBe(501);
  });
});
