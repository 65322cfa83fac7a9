import { CloudError, type CloudFailure } from '../errors/cloud-error.js';
import type { Direction } from './journal.js';

const PASSING: ReadonlySet<CloudFailure['kind']> = new Set([
  'throttled',
  'unavailable',
  'no-answer',
  'timed-out',
  'malformed',
]);

/** Trouble with reaching a cloud, as opposed to what it answers: it says nothing about the rollout. */
export function isPassingTrouble(error: unknown): error is CloudError {
  return CloudError.is(error) && PASSING.has(error.failure.kind);
}

const DENIED_MS = 5 * 60_000;

/** What troubles of a cloud one step gets over. */
export class Patience {
  #deniedSince: number | undefined;

  constructor(private readonly direction: Direction) {}

  /**
   * Whether to ask again. Going forward what is denied stays denied; going back it is asked for some minutes more, for
   * permissions come and go, and users may have nobody else who answers.
   */
  lasts(error: unknown, now: number): error is CloudError {
    if (isPassingTrouble(error)) return true;
    if (this.direction === 'forward' || !CloudError.is(error) || error.failure.kind !== 'denied') return false;
    this.#deniedSince ??= now;
    return now - this.#deniedSince < DENIED_MS;
  }

  restore(): void {
    this.#deniedSince = undefined;
  }
}
