import { BlueGreenError } from '../errors/blue-green-error.js';
import type { RolloutStore } from '../ports/rollout-store.js';
import type { JournalEntry } from './journal.js';

/** Takes every target for this rollout, or none; a lock that a finished rollout left behind counts as free. */
export async function lockTargets(store: RolloutStore, rolloutId: string, targets: readonly string[]): Promise<void> {
  const taken: string[] = [];
  for (const target of [...targets].sort()) {
    const holder = await lockTarget(store, rolloutId, target);
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

/** The rollout that holds the target now: this one, if it could be taken. */
async function lockTarget(store: RolloutStore, rolloutId: string, target: string): Promise<string> {
  for (;;) {
    const record = await store.readRecord(lockName(target));
    const holder = holderOf(record?.value);
    if (holder === rolloutId) return rolloutId;
    if (holder !== undefined && !(await hasEnded(store, holder))) return holder;
    const revision = await store.writeRecord(lockName(target), record?.revision, { rolloutId });
    if (revision !== 'conflict') return rolloutId;
  }
}

async function hasEnded(store: RolloutStore, rolloutId: string): Promise<boolean> {
  const entries = (await store.read(rolloutId)) as unknown as readonly JournalEntry[];
  return entries.some((entry) => entry.type === 'finished');
}

function holderOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? (value as { rolloutId?: string }).rolloutId : undefined;
}

function lockName(target: string): string {
  return `target/${target}`;
}
