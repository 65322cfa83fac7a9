import type { RolloutJournal } from './engine/rollout-journal.js';
import type { SweepLeftover } from './sweep-report.js';

type Found = Pick<SweepLeftover, 'what' | 'subject' | 'serving' | 'remedy'> & { readonly since?: number };

/** Something found, with whose it is and how old it is. */
export function leftoverOf(journal: RolloutJournal, at: number, { since, ...found }: Found): SweepLeftover {
  const { rolloutId } = journal;
  const owner = lastDriver(journal);
  return {
    ...found,
    rolloutId,
    ...(since === undefined ? {} : { since: new Date(since).toISOString(), ageMs: Math.max(0, at - since) }),
    ...(owner === undefined ? {} : { owner }),
  };
}

function lastDriver({ entries }: RolloutJournal): string | undefined {
  const started = entries.filter((entry) => entry.type === 'driver-started');
  return started.at(-1)?.driver;
}
