import { drawTimeline } from './timeline.js';
import type { DurationClass, Timings } from './timings.js';
import { waitByLibrary, type WaitEnd } from './wait-by-library.js';
import { waitByBotocore, waitByPlainLoop, waitBySdk } from './wait-by-peers.js';

export const WAITERS = {
  'this library': waitByLibrary,
  waitUntilDeploymentSuccessful: waitBySdk,
  'aws deploy wait (model)': waitByBotocore,
  '15-second loop': waitByPlainLoop,
} as const;
export type Waiter = keyof typeof WAITERS;

/** One deployment with one waiter; the same seed is the same deployment for all of them. */
export interface Wait extends WaitEnd {
  readonly waiter: Waiter;
  readonly duration: DurationClass;
  readonly fails: boolean;
  /** What the deployment takes where nothing fails. */
  readonly totalMs: number;
}

export interface WaitOrder {
  readonly timings: Timings;
  readonly duration: DurationClass;
  readonly fails: boolean;
  readonly seeds: readonly number[];
}

export async function waitAll({ timings, duration, fails, seeds }: WaitOrder): Promise<readonly Wait[]> {
  const waits: Wait[] = [];
  for (const seed of seeds) {
    const timeline = drawTimeline(timings, duration, seed, fails);
    for (const waiter of Object.keys(WAITERS) as Waiter[]) {
      const end = await WAITERS[waiter](timeline, seed);
      waits.push({ ...end, waiter, duration, fails, totalMs: timeline.totalMs });
    }
  }
  return waits;
}
