import { holderOfLease, isRenewed } from './engine/lease.js';
import { isOrder } from './engine/journal.js';
import { RolloutJournal } from './engine/rollout-journal.js';
import type { RolloutState } from './engine/rollout-state.js';
import { BlueGreenError } from './errors/blue-green-error.js';
import type { Clock } from './ports/clock.js';
import type { RolloutStore } from './ports/rollout-store.js';
import type { RolloutResult } from './rollout-result.js';
import { leftInClouds, type PlanOf } from './sweep-clouds.js';
import { leftoverOf } from './sweep-leftover.js';
import type { SweepLeftover, SweepReport, SweptRollout } from './sweep-report.js';
import { findHoldings, freeHoldings } from './sweep-store.js';

/** What a sweep works with. */
export interface SweepGround {
  readonly store: RolloutStore;
  readonly clock: Clock;
  /** Ends the sweep. */
  readonly signal: AbortSignal;
  readonly planOf: PlanOf;
  /** Whether this very process drives the rollout. */
  readonly drives: (id: string) => boolean;
  /** Drives a rollout to its end: back where that is still possible, else forward. */
  readonly takeBack: (id: string) => Promise<RolloutResult>;
}

/** How long a rollout that was just written down may take until its own process has the lease. */
const STARTING_MS = 5_000;

/** Looks for what dead rollouts left; unless it is a dry run, takes the unfinished ones back by their own rules. */
export async function sweep(ground: SweepGround, dryRun: boolean): Promise<SweepReport> {
  const { clock } = ground;
  const at = clock.now();
  const { journals, unreadable } = await openAll(ground);
  const driven = new Set(await aliveAmong(ground, journals));
  const leftovers: SweepLeftover[] = [...unreadable];
  const dead: string[] = [];
  for (const journal of journals.filter((each) => !driven.has(each))) {
    ground.signal.throwIfAborted();
    const { finished } = journal.state;
    if (finished === undefined) {
      dead.push(journal.rolloutId);
      leftovers.push(deadRollout(journal, at));
    } else if (finished.outcome !== 'failed') continue;
    const compare = finished !== undefined && !journals.some((other) => worksAfter(other.state, journal.state));
    leftovers.push(...(await leftInClouds(journal, ground, { at, compare })));
  }
  const holdings = await findHoldings(ground, journals, at);
  const freed = dryRun ? [] : await freeHoldings(holdings);
  const swept: SweptRollout[] = [];
  // One after the other: each has its own way back to make, and the clouds' patience with requests is shared.
  for (const id of dryRun ? [] : dead) {
    ground.signal.throwIfAborted();
    swept.push(await takeBack(ground, id));
  }
  return {
    dryRun,
    at: new Date(at).toISOString(),
    leftovers: [...leftovers, ...holdings.map(({ leftover }) => leftover)],
    alive: [...driven].map(({ rolloutId }) => rolloutId),
    swept,
    freed,
  };
}

/** Every journal in the store, oldest rollout first; one that cannot be read is a finding, and no reason to stop. */
async function openAll({ store, clock }: SweepGround): Promise<{
  readonly journals: readonly RolloutJournal[];
  readonly unreadable: readonly SweepLeftover[];
}> {
  const journals: RolloutJournal[] = [];
  const unreadable: SweepLeftover[] = [];
  for (const rolloutId of [...(await store.list())].sort()) {
    try {
      const journal = await RolloutJournal.open(store, rolloutId, () => clock.now());
      if (journal.entries.length > 0) journals.push(journal);
    } catch (error) {
      if (!BlueGreenError.is(error)) throw error;
      const remedy = `${error.message}. ${error.hint}`;
      unreadable.push({ what: 'unreadable rollout', subject: rolloutId, rolloutId, serving: false, remedy });
    }
  }
  journals.sort((a, b) => a.state.startedAt - b.state.startedAt);
  return { journals, unreadable };
}

async function aliveAmong(
  ground: SweepGround,
  journals: readonly RolloutJournal[],
): Promise<readonly RolloutJournal[]> {
  const unfinished = journals.filter(({ state }) => state.finished === undefined);
  const driven = await Promise.all(unfinished.map((journal) => isDriven(ground, journal)));
  return unfinished.filter((_journal, index) => driven[index]);
}

/** In doubt it is: whatever moves the lease or the journal while we look is somebody at work. */
async function isDriven({ store, clock, signal, drives }: SweepGround, journal: RolloutJournal): Promise<boolean> {
  const { rolloutId } = journal;
  if (drives(rolloutId)) return true;
  const known = journal.entries.length;
  if ((await holderOfLease(store, rolloutId)) === undefined) await clock.sleep(STARTING_MS, signal);
  if (await isRenewed({ store, clock, rolloutId }, signal)) return true;
  await journal.refresh();
  return journal.entries.slice(known).some((entry) => !isOrder(entry));
}

function deadRollout(journal: RolloutJournal, at: number): SweepLeftover {
  const { rolloutId, state } = journal;
  const back = 'Resume it, or abort it and resume it; a sweep without a dry run takes it back.';
  const forward =
    'Resume it: it is past the point of no return, and can only go forward. A sweep without a dry run does.';
  const remedy = state.pivot === undefined ? back : forward;
  const found = { subject: rolloutId, since: state.lastDrivenAt, serving: false, remedy };
  return leftoverOf(journal, at, { what: 'rollout', ...found });
}

/** Another rollout on one of the same targets, started later and not refused. */
export function worksAfter(other: RolloutState, state: RolloutState): boolean {
  if (other.rolloutId === state.rolloutId || other.startedAt < state.startedAt) return false;
  if (other.finished?.outcome === 'refused') return false;
  return other.targets.some((target) => state.targets.includes(target));
}

/** One that cannot be driven from here does not keep the others from it. */
async function takeBack(ground: SweepGround, rolloutId: string): Promise<SweptRollout> {
  try {
    return sweptOf(await ground.takeBack(rolloutId));
  } catch (error) {
    if (!BlueGreenError.is(error)) throw error;
    return { rolloutId, outcome: 'suspended', receipt: { lines: [] }, error: error.toJSON() };
  }
}

function sweptOf({ id, outcome, receipt, error }: RolloutResult): SweptRollout {
  return { rolloutId: id, outcome, receipt, ...(error === undefined ? {} : { error }) };
}
