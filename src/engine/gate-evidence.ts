import { digestOf } from '../internal/digest.js';
import type { Json } from '../internal/json.js';

/** What whoever has to answer is shown, and the name by which an answer says what it was given for. */
export type ShownEvidence = { readonly evidence: Json; readonly hash: string };

/** What a gate remembers of what it has shown. */
export type ShownMemo = { readonly hash: string; readonly changes: number; readonly shownAt: number };

const HASH_LENGTH = 12;
const AT_ONCE = 8;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** Equal situations have equal hashes. */
export function shown(evidence: Json): ShownEvidence {
  return { evidence, hash: digestOf(evidence).slice(0, HASH_LENGTH) };
}

/**
 * Whether a change is to be written down now. The first ones are, at once; after that less and less often, down to once an
 * hour: what flaps for two days must not fill the journal.
 */
export function isDue({ changes, shownAt }: ShownMemo, at: number): boolean {
  const pauseMs = changes < AT_ONCE ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (changes - AT_ONCE));
  return at - shownAt >= pauseMs;
}
