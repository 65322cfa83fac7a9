import { BlueGreenError } from '../errors/blue-green-error.js';
import { formatDuration } from '../policies/duration.js';
import type { RolloutStore } from '../ports/rollout-store.js';
import { holderOfLease } from './lease.js';
import { holderOfTarget } from './target-locks.js';

/** The rollout that holds a target now, for people and machines. */
export type Holder = {
  readonly target: string;
  readonly heldBy: string;
  /** Who had its lease when this was asked; null: nobody. */
  readonly driver: string | null;
  /** When it was started, epoch milliseconds; null where the store has lost its journal. */
  readonly startedAt: number | null;
};

/** The first of the targets that another rollout holds. */
export async function otherHolder(
  store: RolloutStore,
  rolloutId: string,
  targets: readonly string[],
): Promise<Holder | undefined> {
  for (const target of [...targets].sort()) {
    const holder = await holderOfTarget(store, target);
    if (holder === undefined || holder.is === 'finished' || holder.rolloutId === rolloutId) continue;
    const { rolloutId: heldBy } = holder;
    // Its first entry alone: what else another version has written need not be understood for this.
    const [first] = await store.read(heldBy);
    const driver = (await holderOfLease(store, heldBy)) ?? null;
    return { target, heldBy, driver, startedAt: typeof first?.['at'] === 'number' ? first['at'] : null };
  }
  return undefined;
}

/** With who holds it, who drives that one, and since when; and with how long it was waited for, if it was. */
export function targetBusy(
  { target, heldBy, driver, startedAt }: Holder,
  now: number,
  waitedMs?: number,
): BlueGreenError {
  const ageMs = startedAt === null ? null : Math.max(0, now - startedAt);
  const age = ageMs === null ? 'of which the store has no journal' : `which was started ${formatDuration(ageMs)} ago`;
  const waited = waitedMs === undefined ? '' : `; it was waited for ${formatDuration(waitedMs)}`;
  const message = `${target} is held by rollout ${heldBy}, ${age} and has not ended (driven by ${driver ?? 'nobody'})${waited}`;
  return new BlueGreenError('TARGET_BUSY', message, {
    details: {
      target,
      heldBy,
      driver,
      startedAt: startedAt === null ? null : new Date(startedAt).toISOString(),
      ageMs,
      ...(waitedMs === undefined ? {} : { waitedMs }),
    },
  });
}
