import { checkWords } from './check-words.js';
import type { RolloutJournal } from './rollout-journal.js';

/** Somebody's wish that a rollout be taken back. */
export interface AbortOrder {
  readonly by: string;
  readonly reason: string;
}

/**
 * The order itself, written once. An ended rollout takes none, but for one that stopped before the pivot because its time was up, and
 * was not taken back: whoever resumes that one obeys.
 */
export async function orderAbort(journal: RolloutJournal, { by, reason }: AbortOrder): Promise<void> {
  checkWords({ by, reason });
  const { finished, unwinding, abort, timedOut, pivot } = journal.state;
  const stopped = finished?.outcome === 'failed' && timedOut?.action === 'fail' && pivot === undefined;
  if ((finished !== undefined && !stopped) || unwinding !== undefined || abort !== undefined) return;
  await journal.append({ type: 'abort-ordered', by, reason });
}
