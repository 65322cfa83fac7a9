import type { Timers } from './parts.js';

/** The timers of one deployment: what ends it silences all of them at once. */
export class DeploymentTimers implements Timers {
  readonly #pending = new Set<{ cancel(): void }>();
  #silenced = false;

  constructor(private readonly timers: Timers) {}

  now(): number {
    return this.timers.now();
  }

  schedule(delayMs: number, run: () => void): { cancel(): void } {
    if (this.#silenced) return { cancel: () => undefined };
    const timer = this.timers.schedule(delayMs, () => {
      this.#pending.delete(timer);
      run();
    });
    this.#pending.add(timer);
    return {
      cancel: () => {
        this.#pending.delete(timer);
        timer.cancel();
      },
    };
  }

  silence(): void {
    this.#silenced = true;
    for (const timer of this.#pending) timer.cancel();
    this.#pending.clear();
  }
}
