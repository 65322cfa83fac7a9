import type { Clock } from '../ports/clock.js';

/** Node fires a timer at once when it is asked for more than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time of this machine. A sleep keeps the process alive: nothing else may be doing so while a rollout waits. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),

  monotonic: () => performance.now(),

  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      let timer: NodeJS.Timeout;
      const abort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      // Even a sleep of no time passes through the event loop: a row of them must not starve it.
      const lap = (leftMs: number): void => {
        const lapMs = Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS);
        timer = setTimeout(() => {
          if (leftMs > lapMs) return lap(leftMs - lapMs);
          signal?.removeEventListener('abort', abort);
          resolve();
        }, lapMs);
      };
      signal?.addEventListener('abort', abort, { once: true });
      lap(ms);
    }),
});
