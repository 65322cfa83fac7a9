import { expect, test } from 'vitest';
import { systemNewId, systemRandom } from '../../src/internal/system-random.js';

test('an id can stand in a tag, a description, a file name and a shell', () => {
  for (let n = 0; n < 200; n += 1) expect(systemNewId()).toMatch(/^bg-[a-z2-7]{12}$/);
});

test('ten thousand ids are ten thousand different ids', () => {
  expect(new Set(Array.from({ length: 10_000 }, systemNewId)).size).toBe(10_000);
});

test('chance lies between 0 and 1', () => {
  for (let n = 0; n < 200; n += 1) {
    const x = systemRandom();
    expect(x >= 0 && x < 1).toBe(true);
  }
});
