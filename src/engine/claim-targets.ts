import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Clock } from '../ports/clock.js';
import type { RolloutStore } from '../ports/rollout-store.js';
import { otherHolder, targetBusy } from './busy-target.js';
import { isOver, RivalWatch } from './rival-watch.js';
import { laterWork, superseded } from './superseded.js';
import { lockTargets, unlockTargets } from './target-locks.js';
import { rivalsOf, takeTicket, type Ticket } from './turns.js';

export interface Claim {
  readonly store: RolloutStore;
  readonly clock: Clock;
  readonly rolloutId: string;
  readonly targets: readonly string[];
}

const LOOK_EVERY_MS = 5_000;

/**
 * Takes the targets for a rollout that does not wait for them, before it does anything. Whoever waits already goes first;
 * what a later rollout has done is not gone back behind.
 *
 * @throws TARGET_BUSY
 * @throws ROLLOUT_SUPERSEDED
 */
export async function claimTargets(claim: Claim, signal: AbortSignal): Promise<void> {
  const { store, clock, rolloutId, targets } = claim;
  const watch = new RivalWatch(store, clock);
  const ticket = await takeTicket(store, { rolloutId, targets, whenBusy: 'fail' });
  const holder = await otherHolder(store, rolloutId, targets);
  if (holder !== undefined) throw targetBusy(holder, clock.now());
  const first = await whoWaits(claim, ticket, watch, signal);
  if (first !== undefined) {
    const message = `rollout ${first} waits for the same targets, and came first`;
    throw new BlueGreenError('TARGET_BUSY', message, { details: { waiting: first } });
  }
  await lockTargets(store, rolloutId, targets);
  // Only now nobody else can begin any more.
  const by = await laterWork(store, watch, ticket);
  if (by === undefined) return;
  await unlockTargets(store, rolloutId, targets);
  throw superseded(rolloutId, by, 'has worked');
}

/** An earlier rollout that waits for its turn and is driven: whether it is may take a whole term of its lease to tell. */
async function whoWaits(
  { store, clock }: Claim,
  ticket: Ticket,
  watch: RivalWatch,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (;;) {
    const waiting = (await rivalsOf(store, ticket)).filter(
      ({ order, whenBusy }) => order < ticket.order && whenBusy !== 'fail',
    );
    let open = false;
    for (const { rolloutId } of waiting) {
      const rival = await watch.look(rolloutId);
      if (isOver(rival)) continue;
      if (rival.driven === 'somebody') return rolloutId;
      open ||= rival.driven === 'perhaps';
    }
    if (!open) return undefined;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
