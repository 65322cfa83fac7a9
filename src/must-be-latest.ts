import { isUnreadable, RolloutJournal } from './engine/rollout-journal.js';
import type { RolloutState } from './engine/rollout-state.js';
import { hasWorked, readTickets, type Ticket } from './engine/turns.js';
import { BlueGreenError } from './errors/blue-green-error.js';
import type { RolloutStore } from './ports/rollout-store.js';
import { worksAfter } from './sweep.js';

/** What a later rollout has done since, or is about to do, is not to be undone by trying an earlier one again. */
export async function mustBeLatest(store: RolloutStore, journal: RolloutJournal): Promise<void> {
  await noneLater(store, journal, () => true);
}

/** The same of one that holds its targets: a later one that still waits for them is no reason to stop. */
export async function nobodyMayHaveWorkedSince(store: RolloutStore, journal: RolloutJournal): Promise<void> {
  await noneLater(store, journal, hasWorked);
}

async function noneLater(
  store: RolloutStore,
  { rolloutId, state }: RolloutJournal,
  counts: (other: RolloutState) => boolean,
): Promise<void> {
  const tickets = await readTickets(store);
  for (const id of await store.list()) {
    const other = await readableState(store, id);
    const isLater = other === undefined ? mayBeLater(tickets, id, state) : worksAfter(other, state) && counts(other);
    if (!isLater) continue;
    const message = `rollout ${rolloutId} cannot be tried again: rollout ${id} has worked on the same targets since`;
    throw new BlueGreenError('ROLLOUT_SUPERSEDED', message, { details: { by: id } });
  }
}

/** Undefined where this version cannot read it. */
async function readableState(store: RolloutStore, id: string): Promise<RolloutState | undefined> {
  try {
    return (await RolloutJournal.open(store, id, () => 0)).state;
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

/** What cannot be read may have worked, unless its ticket says that it was earlier, or on other targets. */
function mayBeLater(tickets: readonly Ticket[], id: string, { rolloutId, targets }: RolloutState): boolean {
  const theirs = tickets.find((ticket) => ticket.rolloutId === id);
  const mine = tickets.find((ticket) => ticket.rolloutId === rolloutId)?.order ?? 0;
  return theirs !== undefined && theirs.order > mine && theirs.targets.some((target) => targets.includes(target));
}
