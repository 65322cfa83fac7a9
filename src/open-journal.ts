import { eventOf } from './engine/journal-events.js';
import { RolloutJournal } from './engine/rollout-journal.js';
import { BlueGreenError } from './errors/blue-green-error.js';
import type { CallOptions } from './options.js';
import { guarded, type ResolvedOptions } from './resolve-options.js';
import { checkRolloutId } from './start-checks.js';

/** The journal of a rollout, empty where there is none yet; what is added to it is told as events. */
export async function openJournal(
  { store, clock, emit, log }: ResolvedOptions,
  id: string,
  { onEvent }: Pick<CallOptions, 'onEvent'> = {},
): Promise<RolloutJournal> {
  return RolloutJournal.open(
    store,
    id,
    () => clock.now(),
    (entry) => {
      const event = eventOf(id, entry);
      emit(event);
      guarded(onEvent, event, log);
    },
  );
}

/** @throws ROLLOUT_UNKNOWN */
export async function existingJournal(
  options: ResolvedOptions,
  id: string,
  call: Pick<CallOptions, 'onEvent'> = {},
): Promise<RolloutJournal> {
  const journal = await openJournal(options, checkRolloutId(id), call);
  if (journal.entries.length === 0) throw new BlueGreenError('ROLLOUT_UNKNOWN', `the store has no rollout ${id}`);
  return journal;
}
