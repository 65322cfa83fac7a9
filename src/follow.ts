import { LeaseWatch } from './engine/lease.js';
import type { RolloutJournal } from './engine/rollout-journal.js';
import { BlueGreenError, type BlueGreenErrorJson } from './errors/blue-green-error.js';
import type { ResolvedOptions } from './resolve-options.js';
import { abortDecision } from './rollout.js';

const LOOK_EVERY_MS = 2_000;

type Ground = Pick<ResolvedOptions, 'store' | 'clock'>;

/** Looks at a journal that another process writes, until it ends or nobody drives it. Never rejects. */
export async function follow(
  journal: RolloutJournal,
  { store, clock }: Ground,
  stop: AbortSignal,
): Promise<BlueGreenErrorJson | undefined> {
  const lease = new LeaseWatch(store, journal.rolloutId, clock);
  try {
    while (journal.state.finished === undefined && (await lease.isDriven())) {
      await clock.sleep(LOOK_EVERY_MS, stop);
      await journal.refresh();
    }
    // What the driver wrote last may have come after the last look.
    await journal.refresh();
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return (BlueGreenError.is(error) ? error : new BlueGreenError('SUSPENDED', message)).toJSON();
  }
}

/** What becomes of an order to abort that another process has to obey. */
export async function awaitAbortDecision(
  journal: RolloutJournal,
  { store, clock }: Ground,
  stop: AbortSignal,
): Promise<'unwinding' | 'too-late'> {
  const lease = new LeaseWatch(store, journal.rolloutId, clock);
  for (;;) {
    await journal.refresh();
    const decided = abortDecision(journal);
    if (decided !== undefined) return decided;
    // Nobody drives it: the order stands in the journal, and whoever resumes obeys it if that is still possible.
    if (!(await lease.isDriven())) return journal.state.pivot === undefined ? 'unwinding' : 'too-late';
    await clock.sleep(LOOK_EVERY_MS, stop);
  }
}
