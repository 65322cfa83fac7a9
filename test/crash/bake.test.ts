import { beforeAll, describe, expect, it } from 'vitest';
import type { CrashPoint, Tale, Told } from '../helpers/crash.js';
import { tellWithoutCrash } from '../helpers/crash.js';
import { callPoints, crashEverywhere, writePoints } from '../helpers/crash-points.js';

const BAKED: Tale = { deploymentGroup: { terminationWaitMinutes: 60 }, spec: { bake: '5m' } };
const EVERY_READ = 12;

describe('a process that dies while green bakes', () => {
  let undisturbed: Told;
  beforeAll(async () => {
    undisturbed = await tellWithoutCrash(BAKED);
  });

  it('has a way to die in: blue is kept, something stands still, and the wait is ended', () => {
    expect(undisturbed.end).toMatchObject({ outcome: 'succeeded', serving: { blue: 0, green: 2, other: 0 } });
    expect(undisturbed.changes.slice(2)).toEqual(['spot suspendProcesses', 'codedeploy ContinueDeployment']);
  });

  it('is replaced with the same end and nothing done twice, whichever write or call it died around', async () => {
    const suspending = undisturbed.calls.findIndex(({ name }) => name.endsWith('suspendProcesses'));
    const keeping = undisturbed.moments.findIndex(
      (each) => Number(/after (\d+) requests/.exec(each)?.[1]) >= suspending,
    );
    const from = ({ at, n }: CrashPoint): boolean => n > (at === 'call' ? suspending : keeping);
    const writes = writePoints(undisturbed, 4).filter(from);
    const calls = callPoints(undisturbed, EVERY_READ).filter(from);
    expect(writes.length).toBeGreaterThan(20);
    expect(calls.length).toBeGreaterThan(10);
    expect(await crashEverywhere(BAKED, undisturbed, [...writes, ...calls])).toEqual([]);
  }, 300_000);
});
