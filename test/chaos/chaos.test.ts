import { describe, expect, it } from 'vitest';
import { sideBySide } from '../helpers/crash.js';
import { tellSeed } from './tell-seed.js';
import { tellStory } from './tell-story.js';
import { writeStory } from './write-story.js';

/** `npm run verify` tells thousands, and 200 of them over the wire, with `npm run chaos`. */
const SEEDS = 12;

describe('chaos by seed', () => {
  it(`is the same story over the wire as without it, request by request, and breaks no rule (${SEEDS} seeds)`, async () => {
    const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);
    const told = await sideBySide(seeds, (seed) => tellSeed(seed, true));
    const broken = told.flatMap(({ seed, violations }) => violations.map((what) => `seed ${seed}: ${what}`));
    expect(broken).toEqual([]);
    expect(new Set(told.map(({ outcome }) => outcome)).size).toBeGreaterThan(2);
    expect(told.some(({ lives }) => lives > 2)).toBe(true);
  }, 900_000);

  it('is the same story for the same seed', async () => {
    expect(writeStory(20)).toEqual(writeStory(20));
    const twice = await Promise.all([tellStory(writeStory(20)), tellStory(writeStory(20))]);
    const [one, other] = twice.map(({ ending }) => ending.digest);
    expect(one).toBe(other);
  });
});
