import { sideBySide } from '../helpers/crash.js';
import { tellStory } from './tell-story.js';
import { writeStory } from './write-story.js';

/** More side by side gain nothing: what takes time is then no longer the turns of the event loop. */
const SIDE_BY_SIDE = 32;

export interface ToldSeed {
  readonly seed: number;
  readonly outcome: string;
  readonly lives: number;
  /** Simulated. */
  readonly tookMs: number;
  readonly requests: number;
  readonly violations: readonly string[];
}

/** Tells the stories of these seeds; `onTold` hears of each as soon as it has ended. */
export function tellSeeds(
  seeds: readonly number[],
  onTold: (told: ToldSeed) => void = () => {},
): Promise<readonly ToldSeed[]> {
  return sideBySide(
    seeds,
    async (seed) => {
      const { ending, violations } = await tellStory(writeStory(seed));
      const { result, lives, tookMs, requests } = ending;
      const told = { seed, outcome: result?.outcome ?? 'never ended', lives, tookMs, requests, violations };
      onTold(told);
      return told;
    },
    SIDE_BY_SIDE,
  );
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
  const verdict = broken.length === 0 ? 'none broke a rule' : `${broken.length} broke a rule (${broken.join(', ')})`;
  return `${told.length} stories, seeds ${Math.min(...seeds)} to ${Math.max(...seeds)}, in ${Math.round(seconds)} s (${ended.join(', ')}; ${sum(({ lives }) => lives)} lives, ${sum(({ requests }) => requests)} requests, ${hours} simulated hours): ${verdict}.`;
}
