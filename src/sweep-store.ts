import { freeLease, holderOfLease, isRenewed } from './engine/lease.js';
import type { RolloutJournal } from './engine/rollout-journal.js';
import { holderOfTarget, unlockTargets } from './engine/target-locks.js';
import type { Clock } from './ports/clock.js';
import type { RolloutStore } from './ports/rollout-store.js';
import { leftoverOf } from './sweep-leftover.js';
import type { SweepLeftover, SweepReport } from './sweep-report.js';

type Ground = { readonly store: RolloutStore; readonly clock: Clock; readonly signal: AbortSignal };

/** A lock or a lease of a rollout that has ended, or that the store no longer has. */
export type Holding = SweepLeftover & { readonly what: 'target lock' | 'lease' };

const REMEDY = 'Sweep without a dry run frees it.';

/** What ended rollouts still hold in the store, because their driver died before it let go. */
export async function findHoldings(
  ground: Ground,
  journals: readonly RolloutJournal[],
  at: number,
): Promise<readonly Holding[]> {
  const ended = journals.filter(({ state }) => state.finished !== undefined);
  const leases = await Promise.all(ended.map((journal) => leaseHeld(ground, journal, at)));
  const targets = [...new Set(journals.flatMap(({ state }) => state.targets))].sort();
  const locks = await Promise.all(targets.map((target) => lockHeld(ground, target, journals, at)));
  return [...leases, ...locks].filter((holding) => holding !== undefined);
}

export async function freeHoldings(store: RolloutStore, holdings: readonly Holding[]): Promise<SweepReport['freed']> {
  const freed: Array<SweepReport['freed'][number]> = [];
  for (const { what, subject, rolloutId } of holdings) {
    if (what === 'lease') await freeLease(store, rolloutId);
    else await unlockTargets(store, rolloutId, [subject]);
    freed.push({ what, subject, rolloutId });
  }
  return freed;
}

/** A driver that is only just letting go does so while its lease is watched. */
async function leaseHeld(ground: Ground, journal: RolloutJournal, at: number): Promise<Holding | undefined> {
  const { rolloutId } = journal;
  if (await isRenewed({ ...ground, rolloutId }, ground.signal)) return undefined;
  if ((await holderOfLease(ground.store, rolloutId)) === undefined) return undefined;
  const since = journal.state.finished?.at ?? journal.state.lastEntryAt;
  const found = { subject: rolloutId, since, serving: false, remedy: REMEDY };
  return { ...leftoverOf(journal, at, { what: 'lease', ...found }), what: 'lease' };
}

async function lockHeld(
  ground: Ground,
  target: string,
  journals: readonly RolloutJournal[],
  at: number,
): Promise<Holding | undefined> {
  const held = await staleHolder(ground, target);
  if (held === undefined) return undefined;
  const found = { what: 'target lock', subject: target, serving: false, remedy: REMEDY } as const;
  const journal = journals.find(({ rolloutId }) => rolloutId === held);
  if (journal?.state.finished === undefined) return { ...found, rolloutId: held };
  return { ...leftoverOf(journal, at, { ...found, since: journal.state.finished.at }), what: found.what };
}

/** The ended or vanished rollout that holds the target, still holds it after its lease was watched, and is not driven. */
async function staleHolder(ground: Ground, target: string): Promise<string | undefined> {
  const first = await holderOfTarget(ground.store, target);
  if (first === undefined || first.is === 'under-way') return undefined;
  if (await isRenewed({ ...ground, rolloutId: first.rolloutId }, ground.signal)) return undefined;
  const now = await holderOfTarget(ground.store, target);
  return now?.rolloutId === first.rolloutId && now.is !== 'under-way' ? now.rolloutId : undefined;
}
