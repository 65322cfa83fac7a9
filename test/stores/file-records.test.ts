import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeGeneration } from '../../src/stores/file-records.js';
import { FileStore } from '../../src/stores/file-store.js';

let directory: string;
let store: FileStore;
const record = (...path: string[]) => join(directory, 'records', 'lock', ...path);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'file-records-'));
  store = new FileStore(directory);
});
afterEach(() => rm(directory, { recursive: true }));

async function change(times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const found = await store.readRecord('lock');
    expect(await store.writeRecord('lock', found?.revision, n)).toBe((found?.revision ?? 0) + 1);
  }
}

test('old generations go, the last eight stay, and nothing else is left', async () => {
  await change(20);
  const names = (await readdir(record())).sort((a, b) => Number.parseInt(a) - Number.parseInt(b));
  expect(names).toEqual([13, 14, 15, 16, 17, 18, 19, 20].map((n) => `${n}.json`));
  expect(await readFile(record('20.json'), 'utf8')).toBe('{"name":"lock","value":19}\n');
});

test('a writer that comes so late that its generation is gone has lost, and leaves nothing behind', async () => {
  await change(20);
  expect(await makeGeneration(record(), 6, '{"name":"lock","value":"late"}\n')).toBe(false);
  expect(await readdir(record())).toHaveLength(8);
  expect(await store.readRecord('lock')).toEqual({ revision: 20, value: 19 });
});

test('a writer that comes late to a generation that is there has lost', async () => {
  await change(20);
  expect(await makeGeneration(record(), 15, '{"name":"lock","value":"late"}\n')).toBe(false);
  expect(JSON.parse(await readFile(record('15.json'), 'utf8'))).toEqual({ name: 'lock', value: 14 });
});

test('a writer that won keeps its win when others go on before it looks again', async () => {
  await change(3);
  // Generation 4 is not made yet; 5 stands for the writer that replaced it at once.
  await writeFile(record('5.json'), '{"name":"lock","value":"next"}\n');
  expect(await makeGeneration(record(), 4, '{"name":"lock","value":"mine"}\n')).toBe(true);
  expect(await store.readRecord('lock')).toEqual({ revision: 5, value: 'next' });
});

test('drafts of writers that died are cleared away in time', async () => {
  await change(1);
  await writeFile(record('2.bg-dead.draft'), '{"na');
  expect(await store.readRecord('lock')).toEqual({ revision: 1, value: 0 });
  await change(9);
  expect((await readdir(record())).filter((name) => name.endsWith('.draft'))).toEqual([]);
});

test('two stores take turns', async () => {
  const other = new FileStore(directory);
  const first = await store.writeRecord('lock', undefined, 'a');
  expect(await other.writeRecord('lock', undefined, 'b')).toBe('conflict');
  expect(await other.readRecord('lock')).toEqual({ revision: first, value: 'a' });
  await store.writeRecord('lock', 1, null);
  expect(await other.writeRecord('lock', undefined, 'b')).toBe(3);
  expect(await store.writeRecord('lock', 2, 'a')).toBe('conflict');
});
