import { describe, expect, it } from 'vitest';
import { tellSeeds } from './tell-seeds.js';
import { tellStory } from './tell-story.js';
import { writeStory } from './write-story.js';
import { knownSeeds } from '../regressions/known.js';

/** As many as a quiet machine of two cores tells in about 25 s; `npm run chaos -- --seeds N --from S` tells others. */
const SEEDS = 40;

describe('chaos by seed', () => {
  it(`breaks no rule in the first ${SEEDS} stories`, async () => {
    const known = knownSeeds();
    const all = Array.from({ length: SEEDS }, (_, index) => index + 1);
    const skipped = all.filter((seed) => known.has(seed));
    for (const seed of skipped) console.log(`seed ${seed} is left out: ${known.get(seed)}`);
    const told = await tellSeeds(all.filter((seed) => !known.has(seed)));
    const broken = told.flatMap(({ seed, violations }) => violations.map((what) => `seed ${seed}: ${what}`));
    expect(broken).toEqual([]);
    const outcomes = new Set(told.map(({ outcome }) => outcome));
    expect([...outcomes].sort()).toEqual(['failed', 'refused', 'rolled-back', 'succeeded']);
    expect(told.some(({ lives }) => lives > 2)).toBe(true);
  }, 900_000);

  it('is the same story for the same seed, request by request', async () => {
    const twice = await Promise.all([tellStory(writeStory(20)), tellStory(writeStory(20))]);
    const [one, other] = twice.map(({ ending }) => ending.digest);
    expect(writeStory(20)).toEqual(writeStory(20));
    expect(one).toBe(other);
  });
});
