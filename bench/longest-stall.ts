import { performance } from 'node:perf_hooks';

export const TICK_MS = 2;

/** Watches the event loop while something runs. */
export interface StallWatch {
  /** The longest time so far between two ticks that this process itself computed in: being kept waiting is no stall. */
  readonly longestMs: number;
  stop(): void;
}

/** `onStall` is told of each that is longer than all before it. */
export function watchStalls(onStall: (ms: number) => void = () => {}): StallWatch {
  let longestMs = 0;
  let at = performance.now();
  let cpuMs = cpuOfProcess();
  const tick = setInterval(() => {
    const now = performance.now();
    const cpuNow = cpuOfProcess();
    const stalledMs = Math.min(now - at - TICK_MS, cpuNow - cpuMs);
    if (stalledMs > longestMs) {
      longestMs = stalledMs;
      onStall(stalledMs);
    }
    at = now;
    cpuMs = cpuNow;
  }, TICK_MS);
  return {
    get longestMs() {
      return longestMs;
    },
    stop: () => clearInterval(tick),
  };
}

/** What this process has computed so far, in milliseconds. */
export function cpuOfProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
