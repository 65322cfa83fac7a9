import { describe, expect, test } from 'vitest';
import { fixedPolling } from '../../src/policies/fixed-polling.js';

const question = {
  stepId: 'bake',
  looks: 1,
  elapsedMs: 0,
  sinceChangeMs: 0,
  remainingMs: 60_000,
  urgent: false,
  holding: false,
};
const chance = () => 0.5;

describe('fixedPolling', () => {
  test('looks every ten seconds, and every two when it is urgent', () => {
    for (const options of [undefined, {}, { every: undefined, urgent: undefined }]) {
      expect(fixedPolling(options)(question, chance)).toBe(10_000);
      expect(fixedPolling(options)({ ...question, urgent: true }, chance)).toBe(2_000);
    }
  });

  test('looks every half minute, or as often as otherwise, while nothing but an answer or time is waited for', () => {
    expect(fixedPolling()({ ...question, holding: true }, chance)).toBe(30_000);
    expect(fixedPolling({ every: '45s' })({ ...question, holding: true }, chance)).toBe(45_000);
    expect(fixedPolling({ holding: '5m' })({ ...question, holding: true, remainingMs: 600_000 }, chance)).toBe(300_000);
    expect(fixedPolling()({ ...question, holding: true, urgent: true }, chance)).toBe(2_000);
  });

  test('a shorter time than the urgent one holds for both', () => {
    expect(fixedPolling({ every: '1s' })({ ...question, urgent: true }, chance)).toBe(1_000);
  });

  test('looks once more exactly at the deadline', () => {
    expect(fixedPolling()({ ...question, remainingMs: 3_000 }, chance)).toBe(3_000);
    expect(fixedPolling()({ ...question, remainingMs: 0 }, chance)).toBe(0);
    expect(fixedPolling()({ ...question, remainingMs: -5 }, chance)).toBe(0);
    expect(fixedPolling()({ ...question, remainingMs: Infinity }, chance)).toBe(10_000);
  });

  test.each<[object, string]>([
    [{ every: 0 }, 'fixedPolling.every is 0 ms; allowed is a duration of at least 1 ms'],
    [{ urgent: 0 }, 'fixedPolling.urgent'],
    [{ every: '10s', holding: '9s' }, 'fixedPolling.holding is 9000 ms; allowed is at least fixedPolling.every'],
    [{ every: 'often' }, "fixedPolling.every is 'often'"],
    [
      { every: '5s', urgent: '6s' },
      'fixedPolling.urgent is 6000 ms; allowed is at most fixedPolling.every, which is 5000 ms',
    ],
  ])('refuses %j', (options, message) => {
    const make = () => fixedPolling(options);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });
});
