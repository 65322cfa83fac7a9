import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sideBySide, tellWithoutCrash, type Tale } from '../helpers/crash.js';
import { whatDiffers } from '../helpers/crash-points.js';
import { TRAFFIC_ON_GREEN } from '../helpers/crash-tales.js';
import { ReleaseProcess, type KilledTold, type KillPoint } from '../helpers/killed-process.js';

// Each point costs a process and most of a release. Of the lines of the journal every fourth is taken, and every other one
// of those is torn.
const EVERY_LINE = 4;

let processes: ReleaseProcess;
beforeAll(async () => {
  processes = await ReleaseProcess.build();
});
afterAll(() => processes.remove());

/** Both instants around every call that changes something, and lines of the journal from the first of this type on. */
function killPoints({ calls, journal }: KilledTold, fromLine: string): KillPoint[] {
  const changing = calls.flatMap(({ mutates }, index) => (mutates ? [index + 1] : []));
  const from = journal.indexOf(fromLine);
  // A step that is skipped lies in the same instant as the line before it.
  const lines = journal.flatMap((type, index) => (index >= from && type !== 'step-skipped' ? [index + 1] : []));
  const taken = lines.filter((n, index) => index % EVERY_LINE === 0 || n === lines.at(-1));
  return [
    ...changing.flatMap((n) => (['before', 'after'] as const).map((when) => ({ at: 'call' as const, n, when }))),
    ...taken.map((n, index) => ({ at: 'write' as const, n, when: 'after' as const, torn: index % 2 === 1 })),
  ];
}

describe.each<{ way: string; tale: Tale; fromLine: string; least: number }>([
  { way: 'forward', tale: {}, fromLine: 'rollout-started', least: 12 },
  { way: 'back, with traffic on green', tale: TRAFFIC_ON_GREEN, fromLine: 'step-failed', least: 18 },
])('a process that is killed on the way $way', ({ tale, fromLine, least }) => {
  it('is replaced by another that finds its files: the same end, and nothing done twice', async () => {
    const undisturbed = await tellWithoutCrash(tale);
    const whole = await processes.tell(tale);
    expect({ end: whole.end, changes: whole.changes }).toEqual({ end: undisturbed.end, changes: undisturbed.changes });

    const points = killPoints(whole, fromLine);
    expect(points.length).toBeGreaterThanOrEqual(least);
    const told = await sideBySide(
      points,
      async (point) => whatDiffers(undisturbed, point, { ...(await processes.tell(tale, point)), writes: [] }),
      availableParallelism(),
    );
    expect(told.filter((difference) => difference !== undefined)).toEqual([]);
  });
});
