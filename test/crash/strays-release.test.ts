import { describe, expect, it } from 'vitest';
import {
  sideBySide,
  tellWithCrash,
  tellWithoutCrash,
  type CrashPoint,
  type CrashTold,
  type Tale,
  type Told,
} from '../helpers/crash.js';

describe('a process that dies while it releases onto strays', () => {
  const tale: Tale = {
    faults: [{ fault: 'interruption', colour: 'blue', atMs: 15_000 }],
    spec: { strays: 'release' },
  };

  it('around any call that changes something, or at its next write: another goes on, and nothing is done twice', {
    timeout: 180_000,
  }, async () => {
    const undisturbed = await tellWithoutCrash(tale);
    expect(undisturbed.end.ours.map(({ attempt }) => attempt)).toContain('tale#strays-1');
    expect(undisturbed.end.outcome).toBe('succeeded');
    const from = undisturbed.calls.findIndex(({ name }) => name === 'ec2 CreateTags');
    const calls = undisturbed.calls.flatMap(({ mutates }, index) =>
      index < from || (!mutates && index % 30 !== 0)
        ? []
        : (['before', 'after'] as const).map((when) => ({ at: 'call', n: index + 1, when }) as const),
    );
    const writes = undisturbed.writes.flatMap((what, index) =>
      index < undisturbed.writes.length * 0.65 || what.startsWith('record lease/') || index % 5 !== 0
        ? []
        : [{ at: 'write', n: index + 1, when: 'after' } as const],
    );
    expect(calls.length).toBeGreaterThan(8);
    const wrong = await sideBySide([...calls, ...writes], async (point) => {
      const told = await tellWithCrash(tale, point);
      return differences(undisturbed, point, told);
    });
    expect(wrong.flat()).toEqual([]);
  });
});

/** Of a call that is made twice without a crash too: tags are given to mark strays, and to make them green. */
function differences(undisturbed: Told, point: CrashPoint, told: CrashTold): readonly string[] {
  const where = `${point.when} ${point.at} ${point.n} (${told.crashedAt ?? 'never'})`;
  return [
    ...(told.crashedAt === undefined ? [`${where}: it never crashed`] : []),
    ...(JSON.stringify(told.end) === JSON.stringify(undisturbed.end)
      ? []
      : [`${where}: it ended with ${JSON.stringify(told.end)} ${JSON.stringify(told.secondLife.error ?? {})}`]),
    ...(JSON.stringify(told.changes) === JSON.stringify(undisturbed.changes)
      ? []
      : [`${where}: changed ${told.changes.join(', ')}`]),
  ];
}
