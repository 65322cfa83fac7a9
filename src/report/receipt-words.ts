import type { ReceiptLine } from '../engine/receipt.js';
import { cleanLine, cleanText } from './clean-text.js';
import { jsonText } from './unknown-values.js';

export interface ReceiptWords {
  readonly verdict: string;
  readonly sort: 'good' | 'taken' | 'differs' | 'unknown';
  readonly what: string;
  readonly subject: string;
  readonly expected?: string;
  readonly found?: string;
  readonly fix?: string;
  readonly because?: string;
}

const WORST_FIRST = ['differs', 'unknown', 'taken', 'good'] as const;

/** Receipt lines in words, what needs somebody first. */
export function receiptWords(lines: readonly ReceiptLine[], outcome: string | undefined): readonly ReceiptWords[] {
  return lines
    .map((line) => wordsOf(line, outcome))
    .sort((a, b) => WORST_FIRST.indexOf(a.sort) - WORST_FIRST.indexOf(b.sort));
}

function wordsOf(line: ReceiptLine, outcome: string | undefined): ReceiptWords {
  const about = { what: cleanLine(line.what), subject: cleanLine(line.subject) };
  switch (line.verdict) {
    case 'restored':
      // After a success the same verdict says that things are as a finished release leaves them.
      return { ...about, sort: 'good', verdict: outcome === 'rolled-back' ? 'put back' : 'in order' };
    case 'never-changed':
      return { ...about, sort: 'good', verdict: 'never changed' };
    case 'lost-to-cloud':
      return { ...about, sort: 'taken', verdict: 'taken by the cloud' };
    case 'differs':
      return {
        ...about,
        sort: 'differs',
        verdict: 'differs',
        expected: cleanLine(jsonText(line.expected)),
        found: cleanLine(jsonText(line.found)),
        fix: cleanText(line.fix),
      };
    case 'not-checked':
      return { ...about, sort: 'unknown', verdict: 'not checked', because: cleanText(line.because) };
    default:
      // A journal may come from a later version.
      return { ...about, sort: 'unknown', verdict: cleanLine((line as { readonly verdict: string }).verdict) };
  }
}
