import { abandonedLease, freeLease, isRenewed } from './engine/lease.js';
import type { RolloutJournal } from './engine/rollout-journal.js';
import { freeTarget, holderOfTarget } from './engine/target-locks.js';
import type { Clock } from './ports/clock.js';
import type { RolloutStore } from './ports/rollout-store.js';
import { leftoverOf } from './sweep-leftover.js';
import type { SweepLeftover, SweepReport } from './sweep-report.js';

type Ground = { readonly store: RolloutStore; readonly clock: Clock; readonly signal: AbortSignal };

/** A lock or a lease of a rollout that has ended, or that the store no longer has. */
export interface Holding {
  readonly leftover: SweepLeftover & { readonly what: 'target lock' | 'lease' };
  /** Frees it if it is still as it was looked at; answers whether it was. */
  readonly free: () => Promise<boolean>;
}

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

export async function freeHoldings(holdings: readonly Holding[]): Promise<SweepReport['freed']> {
  const freed: Array<SweepReport['freed'][number]> = [];
  for (const { leftover, free } of holdings) {
    const { what, subject, rolloutId } = leftover;
    if (await free()) freed.push({ what, subject, rolloutId });
  }
  return freed;
}

/** A driver that is only just letting go does so while its lease is watched. */
async function leaseHeld(ground: Ground, journal: RolloutJournal, at: number): Promise<Holding | undefined> {
  const { rolloutId } = journal;
  const revision = await abandonedLease({ ...ground, rolloutId }, ground.signal);
  if (revision === undefined) return undefined;
  const since = journal.state.finished?.at ?? journal.state.lastEntryAt;
  const found = { subject: rolloutId, since, serving: false, remedy: REMEDY };
  return {
    leftover: { ...leftoverOf(journal, at, { what: 'lease', ...found }), what: 'lease' },
    // Whoever took it up while the locks were watched has moved it.
    free: () => freeLease(ground.store, rolloutId, revision),
  };
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
  const free = (): Promise<boolean> => freeTarget(ground.store, held, target);
  const journal = journals.find(({ rolloutId }) => rolloutId === held);
  if (journal?.state.finished === undefined) return { leftover: { ...found, rolloutId: held }, free };
  const leftover = leftoverOf(journal, at, { ...found, since: journal.state.finished.at });
  return { leftover: { ...leftover, what: found.what }, free };
}

/** The ended or vanished rollout that holds the target, still holds it after its lease was watched, and is not driven. */
async function staleHolder(ground: Ground, target: string): Promise<string | undefined> {
  const first = await holderOfTarget(ground.store, target);
  if (first === undefined || first.is === 'under-way') return undefined;
  if (await isRenewed({ ...ground, rolloutId: first.rolloutId }, ground.signal)) return undefined;
  const now = await holderOfTarget(ground.store, target);
  return now?.rolloutId === first.rolloutId && now.is !== 'under-way' ? now.rolloutId : undefined;
}
