import type { Json } from '../internal/json.js';

/** One thing that was compared, or could not be. */
export type ReceiptLine = { readonly what: string; readonly subject: string } & (
  | { readonly verdict: 'restored' | 'never-changed' | 'lost-to-cloud' }
  | { readonly verdict: 'differs'; readonly expected: Json; readonly found: Json; readonly fix: string }
  | { readonly verdict: 'not-checked'; readonly because: string }
);

/**
 * What was looked at when a rollout ended.
 *
 * After `rolled-back` it is the proof that everything is as before; after `failed` it says what differs and how to mend it.
 */
export interface Receipt {
  /** ISO time at which blue could no longer carry the load; absent if that never happened. */
  readonly pivotPassedAt?: string;
  readonly lines: readonly ReceiptLine[];
}

/** True when nothing differs and nothing was left unchecked. */
export function isClean(lines: readonly ReceiptLine[]): boolean {
  return lines.every((line) => line.verdict !== 'differs' && line.verdict !== 'not-checked');
}
