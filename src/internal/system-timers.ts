/**
 * Real time for the simulated clock. The functions are taken at load, so that a test runner's fake timers, installed
 * later, do not stop the simulated cloud.
 */
const { setImmediate: realSetImmediate, setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;
const realPerformance = globalThis.performance;

/** Calls `run` in the next turn of the event loop; keeps the process alive until then. */
export function inNextTurn(run: () => void): void {
  realSetImmediate(run);
}

/** Milliseconds that only ever grow, unrelated to the date. */
export function monotonicMs(): number {
  return realPerformance.now();
}

// Node fires a longer timer at once.
const LONGEST_TIMER_MS = 2_147_483_647;

/** A real timer. A delay beyond 24 days fires early, after 24 days: look again then. */
export function afterRealMs(delayMs: number, keepsProcessAlive: boolean, run: () => void): { cancel(): void } {
  const timer = realSetTimeout(run, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
  if (!keepsProcessAlive) timer.unref();
  return { cancel: () => realClearTimeout(timer) };
}
