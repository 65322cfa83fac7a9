import { readFileSync } from 'node:fs';
import type { Story } from '../chaos/story.js';

export interface Known {
  /** The seed that found it. */
  readonly seed: number;
  /** What is wrong, or was. */
  readonly what: string;
  /** One that shows it, or showed it. */
  readonly story: Story;
}

export function readStories(file: 'known.json' | 'mended.json'): readonly Known[] {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as readonly Known[];
}

/** Seeds whose stories break a rule, each with what is wrong. */
export function knownSeeds(): ReadonlyMap<number, string> {
  return new Map(readStories('known.json').map(({ seed, what }) => [seed, what]));
}
