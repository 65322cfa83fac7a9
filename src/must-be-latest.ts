import { RolloutJournal } from './engine/rollout-journal.js';
import { BlueGreenError } from './errors/blue-green-error.js';
import type { RolloutStore } from './ports/rollout-store.js';
import { worksAfter } from './sweep.js';

/** What a later rollout has done since is not to be undone by trying an earlier one again. */
export async function mustBeLatest(store: RolloutStore, { rolloutId, state }: RolloutJournal): Promise<void> {
  for (const id of await store.list()) {
    const other = await RolloutJournal.open(store, id, () => state.lastEntryAt);
    if (!worksAfter(other.state, state)) continue;
    const message = `rollout ${rolloutId} cannot be tried again: rollout ${id} has worked on the same targets since`;
    throw new BlueGreenError('ROLLOUT_SUPERSEDED', message, { details: { by: id } });
  }
}
