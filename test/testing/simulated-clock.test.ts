import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';

const MINUTE = 60_000;
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

describe('the jumping clock', () => {
  it('CLOCK-1 starts at the same instant for everybody, or where it is told', () => {
    expect(new Date(new SimulatedClock().now()).toISOString()).toBe('2026-01-05T09:00:00.000Z');
    expect(new SimulatedClock({ startAt: 42 }).now()).toBe(42);
    expect(new SimulatedClock({ startAt: '2030-01-01T00:00:00Z' }).now()).toBe(Date.UTC(2030, 0));
    expect(() => new SimulatedClock({ startAt: 'yesterday' })).toThrow('startAt is not a date: yesterday');
  });

  it('CLOCK-2 passes hours in milliseconds, exactly', async () => {
    const clock = new SimulatedClock({ startAt: 0 });
    const before = performance.now();
    for (let hour = 0; hour < 24; hour += 1) await clock.sleep(60 * MINUTE);
    expect(clock.now()).toBe(24 * 60 * MINUTE);
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('CLOCK-3 wakes sleepers and runs callbacks in the order of their time, then in the order of asking', async () => {
    const clock = new SimulatedClock({ startAt: 0 });
    const seen: string[] = [];
    const note = (what: string) => () => void seen.push(`${what}@${clock.now()}`);
    clock.schedule(20, note('b'));
    clock.schedule(10, note('a'));
    const sleeps = [
      clock.sleep(20).then(note('c')),
      clock.sleep(5).then(note('first')),
      clock.sleep(20).then(note('d')),
    ];
    clock.schedule(20, note('e'));
    await Promise.all(sleeps);
    clock.advance(0);
    expect(seen).toEqual(['first@5', 'a@10', 'b@20', 'c@20', 'd@20', 'e@20']);
  });

  it('CLOCK-3 lets a sleeper finish its work before the next one wakes', async () => {
    const clock = new SimulatedClock({ startAt: 0 });
    const seen: string[] = [];
    const work = async (name: string) => {
      await clock.sleep(10);
      for (let step = 0; step < 5; step += 1) {
        seen.push(`${name}${step}`);
        await turn();
      }
    };
    await Promise.all([work('a'), work('b')]);
    expect(seen).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'b0', 'b1', 'b2', 'b3', 'b4']);
  });

  it('CLOCK-4 never moves for callbacks alone, so that the process can end', async () => {
    const clock = new SimulatedClock({ startAt: 0 });
    let ran = false;
    clock.schedule(1, () => {
      ran = true;
    });
    for (let count = 0; count < 200; count += 1) await turn();
    expect({ ran, now: clock.now() }).toEqual({ ran: false, now: 0 });
  });

  it('CLOCK-5 does not jump while it is held, and goes on afterwards', async () => {
    const clock = new SimulatedClock({ startAt: 0 });
    const release = clock.hold();
    const sleep = clock.sleep(10);
    for (let count = 0; count < 200; count += 1) await turn();
    expect(clock.now()).toBe(0);
    release();
    release();
    await sleep;
    expect(clock.now()).toBe(10);
  });

  it('CLOCK-5 does not jump while files are written', async () => {
    const clock = new SimulatedClock({ startAt: 0 });
    const folder = await mkdtemp(join(tmpdir(), 'simulated-clock-'));
    const stop = new AbortController();
    const lease = clock.sleep(10, stop.signal).catch(() => 'stopped');
    for (let count = 0; count < 20; count += 1) {
      const file = await open(join(folder, String(count)), 'w');
      await file.writeFile('x'.repeat(100_000));
      await file.sync();
      await file.close();
      expect(clock.now()).toBe(0);
    }
    stop.abort();
    expect(await lease).toBe('stopped');
    await rm(folder, { recursive: true });
  });

  it('CLOCK-5 does not jump while a module is imported', async () => {
    const clock = new SimulatedClock({ startAt: 0 });
    const stop = new AbortController();
    const lease = clock.sleep(10, stop.signal).catch(() => 'stopped');
    await import('@aws-sdk/client-codedeploy');
    await import('../../src/testing/index.js');
    expect(clock.now()).toBe(0);
    stop.abort();
    expect(await lease).toBe('stopped');
  });

  it('CLOCK-6 rejects with the reason of the signal, at once, and leaves nothing behind', async () => {
    const clock = new SimulatedClock({ startAt: 0 });
    const reason = new Error('enough');
    const stop = new AbortController();
    const sleep = clock.sleep(60 * MINUTE, stop.signal);
    expect(clock.pending()).toBe(1);
    stop.abort(reason);
    await expect(sleep).rejects.toBe(reason);
    await expect(clock.sleep(1, stop.signal)).rejects.toBe(reason);
    expect({ now: clock.now(), pending: clock.pending() }).toEqual({ now: 0, pending: 0 });
  });

  it('CLOCK-6 never ends an endless sleep, and stops turning meanwhile', async () => {
    const clock = new SimulatedClock({ startAt: 0 });
    const stop = new AbortController();
    const endless = clock.sleep(Number.POSITIVE_INFINITY, stop.signal);
    await clock.sleep(10);
    for (let count = 0; count < 100; count += 1) await turn();
    expect(clock.now()).toBe(10);
    await clock.sleep(10);
    stop.abort(new Error('enough'));
    await expect(endless).rejects.toThrow('enough');
    expect(clock.now()).toBe(20);
  });

  it('CLOCK-7 advances by hand, through everything that falls due', async () => {
    const clock = new SimulatedClock({ startAt: 0 });
    const seen: number[] = [];
    const every = () => {
      seen.push(clock.now());
      clock.schedule(10, every);
    };
    clock.schedule(10, every);
    const cancelled = clock.schedule(15, () => void seen.push(-1));
    cancelled.cancel();
    const sleep = clock.sleep(25);
    clock.advance(35);
    await sleep;
    expect({ seen, now: clock.now() }).toEqual({ seen: [10, 20, 30], now: 35 });
  });
});

describe('the clock with a factor', () => {
  it('CLOCK-8 runs that many times faster than real time', async () => {
    const clock = new SimulatedClock({ startAt: 0, factor: 1_000 });
    const seen: string[] = [];
    clock.schedule(30_000, () => void seen.push('callback'));
    const before = performance.now();
    await clock.sleep(40_000).then(() => seen.push('sleep'));
    const tookMs = performance.now() - before;
    expect(seen).toEqual(['callback', 'sleep']);
    expect(clock.now()).toBeGreaterThanOrEqual(40_000);
    expect(tookMs).toBeGreaterThan(35);
    expect(clock.pending()).toBe(0);
  });

  it('CLOCK-8 obeys a signal and can be advanced too', async () => {
    const clock = new SimulatedClock({ startAt: 0, factor: 10 });
    const stop = new AbortController();
    const sleep = clock.sleep(60 * MINUTE, stop.signal);
    stop.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    const other = clock.sleep(60 * MINUTE);
    clock.advance(60 * MINUTE);
    await other;
    expect(clock.now()).toBeGreaterThanOrEqual(60 * MINUTE);
    expect(() => new SimulatedClock({ factor: 0 })).toThrow('factor must be a positive number, not 0');
  });
});
