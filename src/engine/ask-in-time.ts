import type { Clock } from '../ports/clock.js';

/** What came of asking a function that somebody else wrote. */
export type Heard<T> = { readonly said: T } | { readonly threw: unknown } | { readonly silentForMs: number };

/** A question that has been put, until it is over. */
export interface Asked<T> {
  /** Rejects only with the asker's own signal. */
  readonly heard: Promise<Heard<T>>;
  /** Ends when the asker's does, and when the question is over. */
  readonly signal: AbortSignal;
  over(): void;
}

/** Asks, and waits no longer than so long; `over` has to be called, or what was asked would never hear that nobody listens. */
export function askInTime<T>(
  clock: Clock,
  limitMs: number,
  asker: AbortSignal,
  run: (signal: AbortSignal) => T | Promise<T>,
): Asked<T> {
  const over = new AbortController();
  const signal = AbortSignal.any([asker, over.signal]);
  const silence = clock.sleep(limitMs, signal).then(
    (): Heard<T> => ({ silentForMs: limitMs }),
    // The asker is to stop, or there was an answer.
    (): Promise<Heard<T>> =>
      asker.aborted ? Promise.reject(asker.reason as Error) : new Promise<Heard<T>>(() => undefined),
  );
  const answer = Promise.resolve()
    .then(() => run(signal))
    .then(
      (said): Heard<T> => ({ said }),
      (threw: unknown): Heard<T> => ({ threw }),
    );
  return {
    heard: Promise.race([answer, silence]),
    signal,
    over: () => over.abort(new Error('it has answered, or its time is up')),
  };
}

/** What was thrown, in words. */
export const wordsOf = (thrown: unknown): string =>
  thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
