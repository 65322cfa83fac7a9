import type { Ending } from './ending.js';
import { tellStory } from './tell-story.js';
import { writeStory } from './write-story.js';

export interface ToldSeed {
  readonly seed: number;
  readonly outcome: string;
  readonly lives: number;
  /** Simulated. */
  readonly tookMs: number;
  readonly requests: number;
  readonly overTheWire: boolean;
  readonly violations: readonly string[];
}

/** Tells the story of a seed; over the wire, it is told both ways, and has to be the same story, request by request. */
export async function tellSeed(seed: number, overTheWire = false): Promise<ToldSeed> {
  const { ending, violations: broken } = await tellStory(writeStory(seed), 'short');
  const violations = [...broken, ...(await needlessly(ending))];
  const { result, lives, tookMs, requests } = ending;
  const told = { seed, outcome: result?.outcome ?? 'never ended', lives, tookMs, requests, overTheWire };
  if (!overTheWire) return { ...told, violations };
  const wired = await tellStory(writeStory(seed), 'full');
  const same = wired.ending.digest === ending.digest;
  return {
    ...told,
    violations: [
      ...new Set([...violations, ...wired.violations]),
      ...(same ? [] : [`over the wire it is another story, and ends ${wired.ending.result?.outcome ?? 'never'}`]),
    ],
  };
}

/** An answer that was lost costs no release: without it, this one would not have gone out either. */
async function needlessly({ story, result, lives }: Ending): Promise<string[]> {
  const lost =
    story.faults.length > 0 &&
    (story.mishaps ?? []).length === 0 &&
    story.faults.every(({ fault }) => fault === 'lost-answer');
  if (!lost || lives > 1 || result?.outcome !== 'rolled-back') return [];
  const { ending } = await tellStory({ ...story, faults: [] }, 'short');
  return ending.result?.outcome === 'succeeded' ? ['it is rolled back, because of nothing but a lost answer'] : [];
}

/** One sentence with the figures. */
export function inOneSentence(told: readonly ToldSeed[], seconds: number): string {
  if (told.length === 0) return 'No story was told.';
  const outcomes = new Map<string, number>();
  for (const { outcome } of told) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const ended = [...outcomes]
    .sort(([, one], [, other]) => other - one)
    .map(([outcome, count]) => `${count} ${outcome}`);
  const sum = (of: (each: ToldSeed) => number): number => told.reduce((all, each) => all + of(each), 0);
  const broken = told.filter(({ violations }) => violations.length > 0).map(({ seed }) => seed);
  const hours = Math.round(sum(({ tookMs }) => tookMs) / 3_600_000);
  const seeds = told.map(({ seed }) => seed);
  const wired = told.filter(({ overTheWire }) => overTheWire).length;
  const verdict = broken.length === 0 ? 'none broke a rule' : `${broken.length} broke a rule (${broken.join(', ')})`;
  return `${told.length} stories, seeds ${least(seeds)} to ${most(seeds)}, ${wired} of them also over the wire, in ${Math.round(seconds)} s (${ended.join(', ')}; ${sum(({ lives }) => lives)} lives, ${sum(({ requests }) => requests)} requests, ${hours} simulated hours): ${verdict}.`;
}

// Spread into Math.min, so many seeds would not fit on the stack.
const least = (numbers: readonly number[]): number => numbers.reduce((one, other) => Math.min(one, other));
const most = (numbers: readonly number[]): number => numbers.reduce((one, other) => Math.max(one, other));
