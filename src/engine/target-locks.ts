import { BlueGreenError } from '../errors/blue-green-error.js';
import type { RolloutStore } from '../ports/rollout-store.js';
import type { JournalEntry } from './journal.js';

/**
 * Takes every target for this rollout, or none; a lock that a finished rollout left behind counts as free.
 *
 * `anew`: what it holds already is taken once more, so that whoever has judged the lock before finds that it has moved.
 */
export async function lockTargets(
  store: RolloutStore,
  rolloutId: string,
  targets: readonly string[],
  { anew = false } = {},
): Promise<void> {
  const taken: string[] = [];
  for (const target of [...targets].sort()) {
    const holder = await lockTarget(store, rolloutId, target, anew);
    if (holder === rolloutId) {
      taken.push(target);
      continue;
    }
    await unlockTargets(store, rolloutId, taken);
    const message = `${target} is held by rollout ${holder}, which has not ended`;
    throw new BlueGreenError('TARGET_BUSY', message, { details: { target, heldBy: holder } });
  }
}

export async function unlockTargets(store: RolloutStore, rolloutId: string, targets: readonly string[]): Promise<void> {
  for (const target of targets) {
    const record = await store.readRecord(lockName(target));
    if (record !== undefined && holderOf(record.value) === rolloutId)
      await store.writeRecord(lockName(target), record.revision, null);
  }
}

/** Takes a target away from a rollout that is not under way; answers whether it did. */
export async function freeTarget(store: RolloutStore, rolloutId: string, target: string): Promise<boolean> {
  const record = await store.readRecord(lockName(target));
  if (record === undefined || holderOf(record.value) !== rolloutId) return false;
  if ((await standingOf(store, rolloutId)) === 'under-way') return false;
  return (await store.writeRecord(lockName(target), record.revision, null)) !== 'conflict';
}

/** Whether every target is this rollout's. */
export async function holdsTargets(
  store: RolloutStore,
  rolloutId: string,
  targets: readonly string[],
): Promise<boolean> {
  for (const target of targets)
    if (holderOf((await store.readRecord(lockName(target)))?.value) !== rolloutId) return false;
  return true;
}

/** The rollout that holds the target now: this one, if it could be taken. */
async function lockTarget(store: RolloutStore, rolloutId: string, target: string, anew: boolean): Promise<string> {
  for (;;) {
    const record = await store.readRecord(lockName(target));
    const holder = holderOf(record?.value);
    if (holder === rolloutId && !anew) return rolloutId;
    if (holder !== undefined && holder !== rolloutId && (await standingOf(store, holder)) !== 'finished') return holder;
    const revision = await store.writeRecord(lockName(target), record?.revision, { rolloutId });
    if (revision !== 'conflict') return rolloutId;
  }
}

/** Who holds a target. `vanished`: a rollout of which the store has no journal any more; its lock binds all the same. */
export interface TargetHolder {
  readonly rolloutId: string;
  readonly is: 'under-way' | 'finished' | 'vanished';
}

export async function holderOfTarget(store: RolloutStore, target: string): Promise<TargetHolder | undefined> {
  const rolloutId = holderOf((await store.readRecord(lockName(target)))?.value);
  return rolloutId === undefined ? undefined : { rolloutId, is: await standingOf(store, rolloutId) };
}

async function standingOf(store: RolloutStore, rolloutId: string): Promise<TargetHolder['is']> {
  const entries = (await store.read(rolloutId)) as unknown as readonly JournalEntry[];
  if (entries.length === 0) return 'vanished';
  // One that had failed, and is tried again, is at work like any other.
  const last = entries.findLast(({ type }) => type === 'finished' || type === 'taken-up-again');
  return last?.type === 'finished' ? 'finished' : 'under-way';
}

function holderOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? (value as { rolloutId?: string }).rolloutId : undefined;
}

function lockName(target: string): string {
  return `target/${target}`;
}
