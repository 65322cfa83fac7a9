import { seededChance } from '../../src/testing/model/chance.js';

/** Throws of one seeded stream. */
export class Dice {
  readonly #chance: () => number;

  constructor(seed: number) {
    this.#chance = seededChance(Math.imul(seed, 0x9e3779b1));
  }

  /** A whole number, both ends included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.#chance() * (to - from + 1));
  }

  /** True so many times out of a hundred. */
  percent(of: number): boolean {
    return this.#chance() * 100 < of;
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)]!;
  }

  /** So many times what `make` makes. */
  some<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }

  /** The fields, that many times out of a hundred; else none. Their values are thrown for only then. */
  maybe<T extends object>(percent: number, make: () => T): T | Record<never, never> {
    return this.percent(percent) ? make() : {};
  }
}
