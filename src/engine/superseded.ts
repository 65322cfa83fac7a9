import { BlueGreenError } from '../errors/blue-green-error.js';
import type { RivalWatch } from './rival-watch.js';
import { hasWorked, rivalsOf, type Ticket } from './turns.js';
import type { RolloutStore } from '../ports/rollout-store.js';

/** A later rollout that has worked on one of the same targets: going on would put its work back. */
export async function laterWork(store: RolloutStore, watch: RivalWatch, mine: Ticket): Promise<string | undefined> {
  for (const { rolloutId, order } of await rivalsOf(store, mine)) {
    if (order < mine.order) continue;
    const { journal } = await watch.look(rolloutId);
    // What cannot be read may have worked.
    if (journal === undefined || hasWorked(journal.state)) return rolloutId;
  }
  return undefined;
}

export function superseded(rolloutId: string, by: string, because: 'has worked' | 'takes its place'): BlueGreenError {
  const how =
    because === 'has worked' ? 'which was started later, has worked on' : 'which was started later, supersedes it on';
  const message = `rollout ${rolloutId} is not carried out: rollout ${by}, ${how} the same targets`;
  return new BlueGreenError('ROLLOUT_SUPERSEDED', message, { details: { by } });
}
