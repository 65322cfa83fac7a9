import { expect, it } from 'vitest';
import { isClean, type ReceiptLine } from '../../src/engine/receipt.js';

const line = { what: 'target', subject: 'sig-1' };

it.each<[string, ReceiptLine, boolean]>([
  ['restored', { ...line, verdict: 'restored' }, true],
  ['never changed', { ...line, verdict: 'never-changed' }, true],
  ['lost to the cloud', { ...line, verdict: 'lost-to-cloud' }, true],
  ['different', { ...line, verdict: 'differs', expected: 3, found: 2, fix: 'set it' }, false],
  ['not checked', { ...line, verdict: 'not-checked', because: 'denied' }, false],
])('a receipt with one line that is %s is clean, or not, accordingly', (_title, found, clean) => {
  expect(isClean([{ ...line, verdict: 'restored' }, found])).toBe(clean);
});

it('a receipt without lines is clean', () => {
  expect(isClean([])).toBe(true);
});
