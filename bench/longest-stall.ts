import { performance } from 'node:perf_hooks';

export const TICK_MS = 2;

/** Watches the event loop while something runs. */
export interface StallWatch {
  /**
   * The longest stretch so far of this process's own CPU time between two turns of the event loop. Being kept waiting by others
   * is no stall: on a machine with neighbours, wall time measures them.
   */
  readonly longestMs: number;
  /** What this turn has computed up to now was not what is watched. */
  restart(): void;
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
    restart: () => {
      at = performance.now();
      cpuMs = cpuOfProcess();
    },
    stop: () => clearInterval(tick),
  };
}

/** What this process has computed so far, in milliseconds. */
export function cpuOfProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
