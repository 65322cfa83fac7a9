import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const MUTANTS = new URL('mutants/', import.meta.url);
const ROOT = new URL('../../', import.meta.url);

/** Each hunk of a patch, as the text that it expects and the file in which it does. */
function hunksOf(patch: string): Array<readonly [file: string, expected: string]> {
  return patch
    .split(/^--- a\//m)
    .slice(1)
    .flatMap((part) => {
      const [file = ''] = part.split('\n', 1);
      const [, ...hunks] = part.split(/^@@.*$\n/m);
      return hunks.map((hunk) => [file.trim(), before(hunk)] as const);
    });
}

const before = (hunk: string): string =>
  hunk
    .split('\n')
    .filter((line) => !line.startsWith('+') && !line.startsWith('\\'))
    .map((line) => line.slice(1))
    .join('\n')
    .trimEnd();

describe('the planted bugs', () => {
  const names = readdirSync(MUTANTS).filter((name) => name.endsWith('.patch'));

  it('are many', () => {
    expect(names.length).toBeGreaterThanOrEqual(20);
  });

  it.each(names)('%s still applies to the source', (name) => {
    const hunks = hunksOf(readFileSync(new URL(name, MUTANTS), 'utf8'));
    expect(hunks.length).toBeGreaterThan(0);
    for (const [file, expected] of hunks)
      expect(readFileSync(new URL(file, ROOT), 'utf8').includes(expected), file).toBe(true);
  });
});
