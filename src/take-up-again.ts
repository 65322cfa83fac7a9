import { BlueGreenError } from './errors/blue-green-error.js';
import type { RolloutJournal } from './engine/rollout-journal.js';
import { lockTargets } from './engine/target-locks.js';
import { nobodyMayHaveWorkedSince } from './must-be-latest.js';
import type { RolloutStore } from './ports/rollout-store.js';

/**
 * Takes a rollout that has failed up again, unless a later one has begun on its targets meanwhile: then it stays as it had ended.
 * Its targets are its own by then, and count as free until the journal says that it is at work.
 *
 * @throws TARGET_BUSY or ROLLOUT_SUPERSEDED
 */
export async function takeUpAgain(
  store: RolloutStore,
  journal: RolloutJournal,
  targets: readonly string[],
): Promise<void> {
  await journal.append({ type: 'taken-up-again' });
  await endedAsBefore(journal, async () => {
    await lockTargets(store, journal.rolloutId, targets, { anew: true });
    await nobodyMayHaveWorkedSince(store, journal);
  });
}

/** The same question of one whose process died while it took it up. */
export async function mustStillBeLatest(store: RolloutStore, journal: RolloutJournal): Promise<void> {
  if (journal.state.finished !== undefined || !journal.entries.some(({ type }) => type === 'taken-up-again')) return;
  await endedAsBefore(journal, () => nobodyMayHaveWorkedSince(store, journal));
}

async function endedAsBefore(journal: RolloutJournal, ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    const before = journal.entries.findLast((entry) => entry.type === 'finished');
    if (before === undefined || !BlueGreenError.is(error)) throw error;
    if (error.code === 'TARGET_BUSY' || error.code === 'ROLLOUT_SUPERSEDED') {
      const { outcome, lines, error: because } = before;
      await journal.append({ type: 'finished', outcome, lines, ...(because === undefined ? {} : { error: because }) });
    }
    throw error;
  }
}
