import type { JournalEntry, JournalFact } from '../src/engine/journal.js';
import { JOURNAL_VERSION } from '../src/engine/journal.js';
import { toJson } from '../src/internal/json.js';
import type { StoredEntry } from '../src/ports/rollout-store.js';

const START = Date.UTC(2026, 0, 5, 9);

/** What a waiting rollout writes most: that it saw something new. */
export function sampleEntry(n: number): StoredEntry {
  const fact: JournalFact = {
    type: 'step-observed',
    step: 'await-codedeploy',
    direction: 'forward',
    saw: `${n % 7} of 7 instances installed, look ${n}`,
    memo: { looks: n, changedAt: START + n * 5_000 },
  };
  return stored(fact, n);
}

export function stored(fact: JournalFact, n: number): StoredEntry {
  const entry = { ...fact, v: JOURNAL_VERSION, at: START + n * 5_000 } as JournalEntry;
  return toJson(entry) as StoredEntry;
}
