import type { Clock } from '../ports/clock.js';
import { askInTime, type Asked, type Heard } from './ask-in-time.js';

/** A function of somebody else's that may take its time: it is asked once, and listened to a little at every look. */
export class Thinking<T> {
  #open: { readonly asked: Asked<T>; readonly lasting: AbortSignal } | undefined;

  constructor(private readonly clock: Clock) {}

  /** Whether it has been asked for the same step, and has not answered yet. */
  isAsked(lasting: AbortSignal): boolean {
    return this.#open?.lasting === lasting;
  }

  /** What is asked hears of it when nobody listens any more, because `lasting` has ended. */
  ask(lasting: AbortSignal, limitMs: number, run: (signal: AbortSignal) => T | Promise<T>): void {
    const asked = askInTime(this.clock, limitMs, lasting, run);
    // Whoever asked may be gone by then.
    asked.heard.catch(() => undefined);
    this.#open = { asked, lasting };
  }

  /** Undefined: it has not answered within so long. */
  async listen(forMs: number, signal: AbortSignal): Promise<Heard<T> | undefined> {
    if (this.#open === undefined) return undefined;
    const { asked } = this.#open;
    const enough = new AbortController();
    const silence = this.clock.sleep(forMs, AbortSignal.any([signal, enough.signal])).then(() => undefined);
    try {
      const answer = await Promise.race([asked.heard, silence]);
      if (answer === undefined) return undefined;
      asked.over();
      this.#open = undefined;
      return answer;
    } finally {
      enough.abort();
    }
  }
}
