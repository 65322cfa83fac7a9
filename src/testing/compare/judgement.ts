import { UNDOCUMENTED, type Undocumented } from '../options.js';
import type { History } from './history.js';

export type Question = keyof Undocumented;

/** Something that was seen, and with which answers it goes together. */
export interface Evidence<Q extends Question> {
  readonly fits: ReadonlyArray<Undocumented[Q]>;
  readonly because: string;
}

/** What a trace says about one question. */
export interface Judgement {
  /** The answers that what was seen does not rule out. */
  readonly fits: readonly string[];
  /** What was seen. */
  readonly because: string;
}

export type Judge = (history: History) => Judgement;

/** An answer is left when everything that was seen goes together with it. */
export function settle<Q extends Question>(
  question: Q,
  evidence: ReadonlyArray<Evidence<Q>>,
  otherwise: string,
): Judgement {
  const answers: readonly string[] = UNDOCUMENTED[question];
  const fits = answers.filter((answer) => evidence.every((each) => (each.fits as readonly string[]).includes(answer)));
  const because = [...new Set(evidence.map((each) => each.because))];
  return { fits, because: because.length === 0 ? otherwise : because.join('; ') };
}

export const atTime = (ms: number): string => new Date(ms).toISOString();

export const SECONDS = 1_000;

export const inSeconds = (ms: number): string => `${Math.round(ms / SECONDS)} s`;
