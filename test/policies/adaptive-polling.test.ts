import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adaptivePolling } from '../../src/policies/adaptive-polling.js';
import type { PollingProgress, PollingQuestion } from '../../src/policies/polling.js';

const QUESTION: PollingQuestion = {
  stepId: 'await-codedeploy',
  looks: 5,
  elapsedMs: 200_000,
  sinceChangeMs: 5_000,
  remainingMs: 3_600_000,
  urgent: false,
  holding: false,
};
const FAR: PollingProgress = { done: 4, toDo: 9, ahead: 8, presentMs: 1_000, typicalMs: 20_000, waitLeftMs: 0 };
const NEAR: PollingProgress = { done: 12, toDo: 1, ahead: 0, presentMs: 500, typicalMs: 1_000, waitLeftMs: 0 };

const unhurried = () => 0;
const ask = (more: Partial<PollingQuestion>, random = unhurried): number =>
  adaptivePolling()({ ...QUESTION, ...more }, random);

const ms = (max: number) => fc.double({ min: 0, max, noNaN: true });
const anyProgress: fc.Arbitrary<PollingProgress> = fc
  .record({ done: fc.nat(500), ahead: fc.nat(200), besides: fc.nat(500), presentMs: ms(4e6), waitLeftMs: ms(4e6) })
  .chain(({ besides, ...progress }) =>
    fc.option(ms(4e6), { nil: undefined }).map((typicalMs) => ({
      ...progress,
      toDo: progress.ahead + besides,
      ...(typicalMs === undefined ? {} : { typicalMs }),
    })),
  );
const anyQuestion: fc.Arbitrary<PollingQuestion> = fc
  .record({
    stepId: fc.string(),
    looks: fc.integer({ min: 1, max: 10_000 }),
    elapsedMs: ms(1e8),
    sinceChangeMs: ms(1e8),
    remainingMs: fc.oneof(ms(1e8), fc.constant(Number.POSITIVE_INFINITY)),
    urgent: fc.boolean(),
    holding: fc.boolean(),
  })
  .chain((question) =>
    fc
      .option(anyProgress, { nil: undefined })
      .map((progress) => (progress === undefined ? question : { ...question, progress })),
  );
const anyChance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('adaptivePolling', () => {
  it('never sleeps beyond the deadline, and never longer than its longest pause', () => {
    fc.assert(
      fc.property(anyQuestion, anyChance, (question, chance) => {
        const pauseMs = adaptivePolling()(question, () => chance);
        expect(pauseMs).toBeGreaterThanOrEqual(0);
        expect(pauseMs).toBeLessThanOrEqual(Math.min(38_000, question.remainingMs));
      }),
    );
  });

  it('never looks more often than it may, unless the deadline is nearer', () => {
    fc.assert(
      fc.property(anyQuestion, anyChance, (question, chance) => {
        const pauseMs = adaptivePolling({ dense: '4s' })(question, () => chance);
        expect(pauseMs).toBeGreaterThanOrEqual(Math.min(4_000 * 0.94, question.remainingMs));
      }),
    );
  });

  it('always comes to a last look at the deadline', () => {
    fc.assert(
      fc.property(anyQuestion, ms(1e7), anyChance, (question, withinMs, chance) => {
        const polling = adaptivePolling();
        let elapsedMs = 0;
        let looks = 1;
        while (elapsedMs < withinMs && looks < 20_000) {
          elapsedMs += polling({ ...question, looks, elapsedMs, remainingMs: withinMs - elapsedMs }, () => chance);
          looks += 1;
        }
        expect(elapsedMs).toBeCloseTo(withinMs, 3);
      }),
      { numRuns: 30 },
    );
  });

  it('is the same for the same question and chance, and shorter by chance alone', () => {
    fc.assert(
      fc.property(anyQuestion, anyChance, (question, chance) => {
        const polling = adaptivePolling();
        const pauseMs = polling(question, () => chance);
        expect(polling(question, () => chance)).toBe(pauseMs);
        expect(pauseMs).toBeLessThanOrEqual(polling(question, unhurried));
      }),
    );
  });

  it('takes its jitter from the chance that it is given', () => {
    const late = ask({ progress: FAR }, () => 0.99);
    expect(late).toBeLessThan(ask({ progress: FAR }));
    expect(late).toBeGreaterThan(0.9 * ask({ progress: FAR }));
  });

  it('looks seldom where the end is far, and often where it is near', () => {
    expect(ask({ progress: FAR })).toBeGreaterThanOrEqual(19_000);
    expect(ask({ progress: NEAR })).toBeLessThanOrEqual(6_000);
  });

  it('looks no later the less lies ahead', () => {
    fc.assert(
      fc.property(anyProgress, fc.nat(20), ms(1e7), (progress, fewer, elapsedMs) => {
        const ahead = Math.max(0, progress.ahead - fewer);
        const nearer = { ...progress, ahead, toDo: progress.toDo - (progress.ahead - ahead) };
        // More than so much ahead makes the whole long, and then a failure may stay unseen for longer: that is another matter.
        const capped = (each: PollingProgress): number =>
          adaptivePolling({ longest: '20s' })({ ...QUESTION, elapsedMs, progress: each }, unhurried);
        const early = (each: PollingProgress): boolean => each.waitLeftMs > 0 && each.ahead <= 2;
        fc.pre(early(nearer) === early(progress) || early(nearer));
        expect(capped(nearer)).toBeLessThanOrEqual(capped(progress));
      }),
    );
  });

  it('sleeps until shortly after a wait that it knows the end of', () => {
    const draining = (waitLeftMs: number): number => ask({ progress: { ...NEAR, toDo: 1, waitLeftMs } });
    expect(draining(600_000)).toBeGreaterThanOrEqual(19_000);
    const pauseMs = draining(9_000);
    expect(pauseMs).toBeGreaterThan(9_000);
    expect(pauseMs).toBeLessThanOrEqual(15_000);
  });

  it('looks rarer the longer the last piece of work has taken, and never ten seconds too late in a short deployment', () => {
    const pauses = [0, 30_000, 90_000, 180_000].map((presentMs) => ask({ progress: { ...NEAR, presentMs } }));
    expect(pauses).toEqual([...pauses].sort((one, other) => one - other));
    expect(pauses.at(-1)).toBeLessThanOrEqual(10_000);
    expect(pauses.at(-1)).toBeGreaterThan(pauses[0]!);
  });

  it('lets a failure stay unseen for longer where the whole takes long, be it foreseen or over already', () => {
    const long = { ...FAR, done: 1, toDo: 12, ahead: 11, typicalMs: 300_000 };
    expect(ask({ elapsedMs: 300_000, progress: FAR })).toBeLessThanOrEqual(20_000);
    expect(ask({ elapsedMs: 300_000, progress: long })).toBeGreaterThan(30_000);
    expect(ask({ elapsedMs: 1_800_000, progress: FAR })).toBeGreaterThan(35_000);
  });

  it('comes nearer and nearer together before the deadline', () => {
    const pauses = [200_000, 30_000, 16_000, 8_000].map((remainingMs) => ask({ remainingMs, progress: FAR }));
    expect(pauses.slice(1)).toEqual([15_000, 8_000, 4_000]);
  });

  it('goes by time alone where nothing tells how far it has come', () => {
    expect(ask({ elapsedMs: 0 })).toBe(5_000);
    expect(ask({ elapsedMs: 600_000 })).toBe(12_000);
    expect(ask({ elapsedMs: 6_000_000 })).toBe(20_000);
  });

  it('hurries, and holds, where it is told to', () => {
    expect(ask({ urgent: true })).toBe(2_000);
    expect(ask({ holding: true })).toBe(30_000);
    expect(ask({ urgent: true, holding: true })).toBe(2_000);
    const slower = adaptivePolling({ dense: '3s', sparse: '60s', longest: '90s', holding: '5m' });
    expect(slower({ ...QUESTION, urgent: true }, unhurried)).toBe(3_000);
    expect(slower({ ...QUESTION, holding: true }, unhurried)).toBe(300_000);
  });

  it.each([
    [{ dense: 0 }, 'adaptivePolling.dense is 0 ms; allowed is a duration of at least 1 ms'],
    [{ dense: '30s', sparse: '20s' }, 'adaptivePolling.sparse is 20000 ms; allowed is at least adaptivePolling.dense'],
    [
      { sparse: '60s', longest: '50s' },
      'adaptivePolling.longest is 50000 ms; allowed is at least adaptivePolling.sparse',
    ],
    [
      { holding: '1s' },
      'adaptivePolling.holding is 1000 ms; allowed is at least adaptivePolling.dense, which is 2000 ms',
    ],
    [{ longest: 'often' }, "adaptivePolling.longest is 'often'"],
  ] as const)('refuses %j', (options, message) => {
    const make = () => adaptivePolling(options as never);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });

  it('raises what is left out to what is given', () => {
    const slow = adaptivePolling({ dense: '60s' });
    expect(slow({ ...QUESTION, progress: FAR }, unhurried)).toBe(60_000);
    expect(slow({ ...QUESTION, holding: true }, unhurried)).toBe(60_000);
  });
});
