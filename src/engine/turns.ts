import type { Json } from '../internal/json.js';
import type { RolloutStore } from '../ports/rollout-store.js';
import { RolloutJournal } from './rollout-journal.js';
import type { RolloutState } from './rollout-state.js';

/** What a rollout does where another one is at work on the same target. */
export type WhenBusy = 'fail' | 'wait' | 'supersede';

/** A rollout's place among those that work on the same targets. */
export interface Ticket {
  /** Given by the store, one after the other: of two rollouts the later one has the larger number, whatever their clocks say. */
  readonly order: number;
  readonly rolloutId: string;
  readonly targets: readonly string[];
  readonly whenBusy: WhenBusy;
}

type Turns = { readonly next: number; readonly tickets: readonly Ticket[] };

/** One record for the whole store: a rollout with several targets then has one place, and nobody waits in a circle. */
const RECORD = 'turns';

/** The rollout's ticket: the one that it has, or the next one. */
export async function takeTicket(store: RolloutStore, rollout: Omit<Ticket, 'order'>): Promise<Ticket> {
  for (;;) {
    const record = await store.readRecord(RECORD);
    const { next, tickets } = turnsIn(record?.value);
    const known = tickets.find(({ rolloutId }) => rolloutId === rollout.rolloutId);
    if (known !== undefined) return known;
    const ticket = { ...rollout, order: next };
    const value = { next: next + 1, tickets: [...(await stillNeeded(store, tickets)), ticket] };
    if ((await store.writeRecord(RECORD, record?.revision, value as unknown as Json)) !== 'conflict') return ticket;
  }
}

export async function readTickets(store: RolloutStore): Promise<readonly Ticket[]> {
  return turnsIn((await store.readRecord(RECORD))?.value).tickets;
}

/** The tickets of all others that want one of the same targets. */
export async function rivalsOf(store: RolloutStore, ticket: Ticket): Promise<readonly Ticket[]> {
  const tickets = await readTickets(store);
  return tickets.filter(
    ({ rolloutId, targets }) =>
      rolloutId !== ticket.rolloutId && targets.some((target) => ticket.targets.includes(target)),
  );
}

/** Whether what it did is there to be gone back behind: it has sent something, or what it wanted was there already. */
export function hasWorked({ finished, operations }: RolloutState): boolean {
  if (finished?.outcome === 'refused') return false;
  return finished?.outcome === 'succeeded' || operations.size > 0;
}

/** Of the rollouts that have ended, those that worked and were not followed by another one on all of their targets. */
async function stillNeeded(store: RolloutStore, tickets: readonly Ticket[]): Promise<readonly Ticket[]> {
  const kept: Ticket[] = [];
  const covered: Array<readonly string[]> = [];
  for (const ticket of [...tickets].sort((a, b) => b.order - a.order)) {
    const state = await stateOf(store, ticket.rolloutId);
    if (state?.entries === 0) continue;
    if (state?.finished === undefined) kept.push(ticket);
    else if (hasWorked(state) && !covered.some((targets) => ticket.targets.every((each) => targets.includes(each)))) {
      kept.push(ticket);
      covered.push(ticket.targets);
    }
  }
  return kept.reverse();
}

/** Undefined where this version cannot read it: then it is left alone. */
async function stateOf(store: RolloutStore, rolloutId: string): Promise<RolloutState | undefined> {
  try {
    return (await RolloutJournal.open(store, rolloutId, () => 0)).state;
  } catch {
    return undefined;
  }
}

function turnsIn(value: unknown): Turns {
  return (value ?? { next: 1, tickets: [] }) as Turns;
}
