import type { Story } from './story.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What CodeDeploy alone may take: an hour for an event of a release, and again for its rollback, and Spot's own of both. */
const CLOUDS_MS = 10 * HOUR;
/** What a cloud's passing troubles may cost on the way back. */
const TROUBLES_MS = 6 * HOUR;
const GATE_MS = 24 * HOUR;

/** More than so many requests for each look at the clouds, and the library turns in a circle. */
export const MOST_REQUESTS_PER_LOOK = 25;

/** When a rollout must have ended, whatever happened to it; simulated milliseconds from its start. */
export function boundMs({ cloud, lives, spec, faults, mishaps = [], clockJump }: Story): number {
  const { readyWaitMinutes = 0, terminationWaitMinutes = 0 } = cloud.deploymentGroup ?? {};
  const pausesMs = lives.reduce(
    (sum, each) => sum + each.forMs + (each.end === 'cut-off' || each.end === 'frozen' ? each.thenMs : 0),
    0,
  );
  const waitsMs = (readyWaitMinutes + terminationWaitMinutes) * MINUTE;
  const gatesMs = (spec.gates ?? []).length * GATE_MS;
  const jumpMs = Math.abs(clockJump?.byMs ?? 0);
  return CLOUDS_MS + jumpMs + TROUBLES_MS + pausesMs + waitsMs + gatesMs + (faults.length + mishaps.length) * HOUR;
}
