import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/ports/clock.js';
import { afterAnswer, OPEN, RateGate } from '../../src/spot/rate-gate.js';
import { rejection, TestClock } from './test-clock.js';

const NOW = 1_000_000;

describe('what an answer does to a gate', () => {
  test('a 429 closes it until Reset', () => {
    expect(afterAnswer(OPEN, { status: 429, limit: 60, remaining: 0, resetMs: 12_000 }, NOW)).toEqual({
      opensAtMs: NOW + 12_000,
      gapMs: 1_000,
    });
  });

  test('a 429 without Reset closes it for the whole window', () => {
    expect(afterAnswer(OPEN, { status: 429 }, NOW).opensAtMs).toBe(NOW + 60_000);
  });

  test('nothing remaining closes it until Reset, before anybody is refused', () => {
    const state = afterAnswer(OPEN, { status: 200, limit: 100, remaining: 0, resetMs: 3_000 }, NOW);
    expect(state.opensAtMs).toBe(NOW + 3_000);
  });

  test('when little remains, calls are spread over the window', () => {
    const state = afterAnswer(OPEN, { status: 200, limit: 100, remaining: 19 }, NOW);
    expect(state).toEqual({ opensAtMs: NOW, gapMs: 600 });
  });

  test('when enough remains, calls are not kept apart', () => {
    const slow = afterAnswer(OPEN, { status: 200, limit: 100, remaining: 19 }, NOW);
    expect(afterAnswer(slow, { status: 200, limit: 100, remaining: 80 }, NOW + 60_000).gapMs).toBe(0);
  });

  test('an answer that was on its way does not open a closed gate', () => {
    const closed = afterAnswer(OPEN, { status: 429, resetMs: 30_000 }, NOW);
    const after = afterAnswer(closed, { status: 200, limit: 100, remaining: 90 }, NOW + 5);
    expect(after.opensAtMs).toBe(NOW + 30_000);
  });

  test('a second 429 can make the wait longer, never shorter', () => {
    const first = afterAnswer(OPEN, { status: 429, resetMs: 30_000 }, NOW);
    expect(afterAnswer(first, { status: 429, resetMs: 1_000 }, NOW).opensAtMs).toBe(NOW + 30_000);
    expect(afterAnswer(first, { status: 429, resetMs: 60_000 }, NOW).opensAtMs).toBe(NOW + 60_000);
  });

  test('an answer without the headers changes nothing', () => {
    expect(afterAnswer(OPEN, { status: 200 }, NOW)).toBe(OPEN);
  });
});

describe('the gate', () => {
  test('nobody goes through before Reset, and then one after the other', async () => {
    let nowMs = 0;
    const sleepers: Array<{ atMs: number; wake: () => void }> = [];
    const clock: Clock = {
      now: () => nowMs,
      sleep: (ms) => new Promise((wake) => sleepers.push({ atMs: nowMs + ms, wake })),
    };
    const gate = new RateGate(clock);
    gate.answered('GET /a', { status: 429, limit: 60, resetMs: 20_000 });
    const times: number[] = [];
    for (let n = 0; n < 3; n += 1) void gate.through('GET /a', undefined, async () => times.push(nowMs));
    for (; nowMs <= 25_000; nowMs += 100) {
      for (const due of sleepers.filter(({ atMs }) => atMs <= nowMs)) {
        sleepers.splice(sleepers.indexOf(due), 1);
        due.wake();
      }
      for (let turns = 0; turns < 10; turns += 1) await Promise.resolve();
    }
    expect(times).toEqual([20_000, 21_000, 22_000]);
  });

  test('a closed gate closes no other route or method', () => {
    const gate = new RateGate(new TestClock());
    gate.answered('GET /a', { status: 429, resetMs: 20_000 });
    expect(gate.waitMs('GET /a')).toBe(20_000);
    expect(gate.waitMs('PUT /a')).toBe(0);
    expect(gate.waitMs('GET /b')).toBe(0);
  });

  test('the waiting ends at once when the signal aborts', async () => {
    const gate = new RateGate(new TestClock());
    gate.answered('GET /a', { status: 429, resetMs: 2_000_000_000 });
    const controller = new AbortController();
    const waiting = rejection(gate.through('GET /a', controller.signal, async () => 1));
    controller.abort(new Error('enough'));
    expect(await waiting).toMatchObject({ message: 'enough' });
  });

  test('of calls made all at once, as many go ahead as Spot has left, after the first has heard how many', async () => {
    const gate = new RateGate(new TestClock());
    const answers: Array<() => void> = [];
    let sent = 0;
    const call = () =>
      gate.through('GET /a', undefined, async () => {
        sent += 1;
        await new Promise<void>((resolve) => answers.push(resolve));
        gate.answered('GET /a', { status: 200, limit: 4, remaining: 4 - sent });
      });
    const settle = async () => {
      for (let turns = 0; turns < 30; turns += 1) await Promise.resolve();
    };
    const all = Array.from({ length: 8 }, call);
    await settle();
    expect(sent).toBe(1);
    answers.shift()?.();
    await settle();
    expect(sent).toBe(4);
    while (answers.length > 0) {
      answers.shift()?.();
      await settle();
    }
    await Promise.all(all);
    expect(sent).toBe(8);
  });

  test('a call that is never answered does not keep the others waiting once it has ended', async () => {
    const gate = new RateGate(new TestClock());
    const lost = rejection(gate.through('GET /a', undefined, () => Promise.reject(new Error('lost'))));
    expect(await gate.through('GET /a', undefined, async () => 'through')).toBe('through');
    await lost;
  });

  test('waiting for the first answer ends when the signal aborts', async () => {
    const gate = new RateGate(new TestClock());
    void gate.through('GET /a', undefined, () => new Promise<never>(() => {}));
    const controller = new AbortController();
    const waiting = rejection(gate.through('GET /a', controller.signal, async () => 1));
    controller.abort(new Error('enough'));
    expect(await waiting).toMatchObject({ message: 'enough' });
  });
});
