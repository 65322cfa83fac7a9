import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { UNDOCUMENTED } from '../../src/testing/index.js';
import { CANNOT_BE_TOLD } from '../helpers/trace-stories.js';

const page = readFileSync('docs/undocumented.md', 'utf8');
const rows = new Map(
  [...page.matchAll(/^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$/gm)].map(([, question, values, choice, how]) => [
    question ?? '',
    { values: [...(values ?? '').matchAll(/`([^`]+)`/g)].map(([, value]) => value), choice, how },
  ]),
);

it('docs/undocumented.md has a row for every question, with its values in their order', () => {
  expect(Object.fromEntries([...rows].map(([question, { values }]) => [question, values]))).toEqual(UNDOCUMENTED);
});

it('says which answers no trace can tell', () => {
  const untold = Object.values(CANNOT_BE_TOLD).flat();
  expect(page.includes('Every value can be told from the others')).toBe(untold.length === 0);
  for (const value of untold) expect(page).toContain(`\`${value}\` cannot be told`);
});

it('is linked from where the others are', () => {
  const README = readFileSync('README.md', 'utf8');
  expect(README).toContain('[docs/undocumented.md](docs/undocumented.md)');
  expect(readFileSync('src/testing/SIMULATED-CLOUD.md', 'utf8')).toContain('docs/undocumented.md');
  expect(readFileSync('docs/testing.md', 'utf8')).toContain('(undocumented.md)');
  expect(existsSync('docs/undocumented.md')).toBe(true);
});
