import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileStore } from '../../src/stores/file-store.js';

let directory: string;
let store: FileStore;
const journal = (id = 'r') => join(directory, 'store', 'rollouts', `${id}.jsonl`);
const fresh = () => new FileStore(join(directory, 'store'));
const code = (name: string): unknown => expect.objectContaining({ code: name });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'file-store-'));
  store = fresh();
});
afterEach(() => rm(directory, { recursive: true }));

describe('the files', () => {
  test('nothing is made before the first write', async () => {
    expect(await store.read('r')).toEqual([]);
    expect(await store.list()).toEqual([]);
    expect(await store.readRecord('lock')).toBeUndefined();
    await expect(store.append('r', 3, [{ n: 3 }])).rejects.toThrow(code('ROLLOUT_CONFLICT'));
    await store.append('r', 0, []);
    expect(await readdir(directory)).toEqual([]);
  });

  test('are private to their user', async () => {
    await store.append('r', 0, [{ n: 0 }]);
    await store.writeRecord('lock', undefined, 'held');
    const mode = async (...path: string[]) =>
      ((await stat(join(directory, 'store', ...path))).mode & 0o777).toString(8);
    expect(await mode()).toBe('700');
    expect(await mode('rollouts')).toBe('700');
    expect(await mode('rollouts', 'r.jsonl')).toBe('600');
    expect(await mode('records', 'lock')).toBe('700');
    expect(await mode('records', 'lock', '1.json')).toBe('600');
  });

  test('a journal is one line of JSON an entry, with its number', async () => {
    await store.append('r', 0, [{ n: 0 }, { n: 1 }]);
    await store.append('r', 2, [{ n: 2 }]);
    const lines = (await readFile(journal(), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { seq: 0, first: 0, write: expect.any(String), rollout: 'r', entry: { n: 0 } },
      { seq: 1, first: 0, write: expect.any(String), entry: { n: 1 } },
      { seq: 2, first: 2, write: expect.any(String), entry: { n: 2 } },
    ]);
  });

  test('a long id is listed although its file has another name', async () => {
    const id = 'ü'.repeat(128);
    await store.append(id, 0, [{ n: 0 }]);
    expect((await readdir(join(directory, 'store', 'rollouts')))[0]).toMatch(/^=[0-9a-f]{64}\.jsonl$/);
    expect(await fresh().list()).toEqual([id]);
  });

  test('what is none of ours is not listed', async () => {
    await store.append('r', 0, [{ n: 0 }]);
    for (const name of ['notes.txt', 'R.jsonl', '=abc.jsonl'])
      await writeFile(journal().replace('r.jsonl', name), 'hello\n');
    expect(await store.list()).toEqual(['r']);
  });

  test('the directory stays the same when the working directory changes', async () => {
    const before = process.cwd();
    try {
      process.chdir(directory);
      const relative = new FileStore('store');
      await mkdir('elsewhere');
      process.chdir('elsewhere');
      await relative.append('r', 0, [{ n: 0 }]);
      expect(await fresh().read('r')).toEqual([{ n: 0 }]);
    } finally {
      process.chdir(before);
    }
  });

  test('a directory without a name is refused', () => {
    expect(() => new FileStore('')).toThrow(code('OPTIONS_INVALID'));
  });
});

describe('other writers', () => {
  test('see and are seen at once', async () => {
    const other = fresh();
    await store.append('r', 0, [{ n: 0 }]);
    expect(await other.read('r')).toEqual([{ n: 0 }]);
    await other.append('r', 1, [{ n: 1 }]);
    expect(await store.read('r', 1)).toEqual([{ n: 1 }]);
    await expect(store.append('r', 1, [{ n: 9 }])).rejects.toThrow(code('ROLLOUT_CONFLICT'));
    await store.append('r', 2, [{ n: 2 }]);
    expect(await other.read('r')).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
  });

  test('of many at the same time exactly one wins, and every store reads the same', async () => {
    const stores = [store, fresh(), fresh(), fresh()];
    let length = 0;
    for (let round = 0; round < 25; round += 1) {
      const batches = stores.map((_, i) => Array.from({ length: 1 + ((round + i) % 4) }, (_x, n) => ({ round, i, n })));
      const outcomes = await Promise.allSettled(stores.map((one, i) => one.append('r', length, batches[i] ?? [])));
      const won = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
      expect(won).toHaveLength(1);
      const winner = batches[won[0]!]!;
      for (const one of stores) expect(await one.read('r', length)).toEqual(winner);
      length += winner.length;
    }
    expect(await fresh().read('r')).toHaveLength(length);
  });

  test('calls of one store take their turns: each sees what the one before it did', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, n) => store.append('r', n, [{ n }])));
    expect((await store.read('r')).map(({ n }) => n)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  test('what the caller changes while its append waits is not written', async () => {
    const entry = { n: 0 };
    const first = store.append('r', 0, [entry]);
    entry.n = 99;
    await first;
    expect(await store.read('r')).toEqual([{ n: 0 }]);
  });

  test('any order of appends, looks and crashes in two stores is the same as one by one', async () => {
    const command = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('append' as const),
          by: fc.nat(1),
          off: fc.constantFrom(0, 0, 0, -1, 1),
          count: fc.integer({ min: 0, max: 4 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), by: fc.nat(1), from: fc.nat(6) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), cut: fc.nat(60) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), by: fc.nat(1) }) },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 20 }), async (commands) => {
        const id = `run-${(run += 1)}`;
        const stores = [fresh(), fresh()];
        const model: object[] = [];
        for (const [index, step] of commands.entries()) {
          if (step.kind === 'restart') stores[step.by] = fresh();
          else if (step.kind === 'read')
            expect(await stores[step.by]!.read(id, step.from)).toEqual(model.slice(step.from));
          else if (step.kind === 'crash') {
            const line = `\t{"seq":${model.length},"first":${model.length},"write":"dead","entry":{"text":"🚀🚀🚀🚀🚀🚀"}}`;
            if (model.length > 0) await appendFile(journal(id), Buffer.from(line).subarray(0, step.cut));
          } else {
            const batch = Array.from({ length: step.count }, (_, n) => ({ index, n }));
            const append = stores[step.by]!.append(id, model.length + step.off, batch);
            if (step.off === 0) {
              await append;
              model.push(...batch);
            } else await expect(append).rejects.toThrow(code('ROLLOUT_CONFLICT'));
          }
        }
        for (const one of [...stores, fresh()]) expect(await one.read(id)).toEqual(model);
        expect((await fresh().list()).includes(id)).toBe(model.length > 0);
      }),
      { numRuns: 60 },
    );
  });
});
