import type { RolloutStore } from '../../src/ports/rollout-store.js';
import type { CrashPoint, CrashTold, Tale, Told } from './crash.js';
import { sideBySide, tellWithCrash } from './crash.js';

const WHEN = ['before', 'after'] as const;

/**
 * Every entry of the journal, every lock, the first and the last writing of the lease, and every kth renewal of it.
 *
 * Right before a write is told only where something lies between it and the write before, a request or time: else it is the
 * very instant right after that one.
 */
export function writePoints({ writes, moments }: Told, everyRenewal: number): CrashPoint[] {
  let renewals = 0;
  const last = writes.length - 1;
  return writes.flatMap((what, index) => {
    const isRenewal = what.startsWith('record lease/') && index !== last && renewals++ > 0;
    if (isRenewal && renewals % everyRenewal !== 0) return [];
    const told = moments[index] === moments[index - 1] ? (['after'] as const) : WHEN;
    return told.map((when) => ({ at: 'write' as const, n: index + 1, when }));
  });
}

/** Every call that changes something, and every kth of those that only look. */
export function callPoints({ calls }: Told, everyRead: number): CrashPoint[] {
  return calls.flatMap(({ mutates }, index) => {
    if (!mutates && index % everyRead !== 0) return [];
    return WHEN.map((when) => ({ at: 'call' as const, n: index + 1, when }));
  });
}

/** What is wrong with the tale as it goes on after the crash; undefined: it ends as it does without one. */
export function whatDiffers(undisturbed: Told, point: CrashPoint, told: CrashTold): string | undefined {
  const faults: string[] = [];
  if (told.crashedAt === undefined) faults.push('it never crashed');
  if (told.changedAfterDeath.length > 0) faults.push(`the dead changed ${told.changedAfterDeath.join(', ')}`);
  if (JSON.stringify(told.end) !== JSON.stringify(undisturbed.end))
    faults.push(`it ended with ${JSON.stringify(told.end)} ${JSON.stringify(told.secondLife.error ?? {})}`);
  const times = (changes: readonly string[], change: string): number =>
    changes.filter((each) => each === change).length;
  const twice = [...new Set(told.changes)].filter(
    (change) => times(told.changes, change) > Math.max(1, times(undisturbed.changes, change)),
  );
  if (twice.length > 0) faults.push(`done twice: ${twice.join(', ')}`);
  const strange = told.changes.filter((change) => !undisturbed.changes.includes(change));
  if (strange.length > 0) faults.push(`done without need: ${strange.join(', ')}`);
  if (faults.length === 0) return undefined;
  return `${point.when} ${point.at} ${point.n} (${told.crashedAt ?? '?'}): ${faults.join('; ')}`;
}

/** Tells the tale once for each point; answers what is wrong with any of them. */
export async function crashEverywhere(
  tale: Tale,
  undisturbed: Told,
  points: readonly CrashPoint[],
  newStore?: () => RolloutStore,
): Promise<string[]> {
  const told = await sideBySide(points, async (point) =>
    whatDiffers(undisturbed, point, await tellWithCrash(tale, point, newStore?.())),
  );
  return told.filter((difference) => difference !== undefined);
}
