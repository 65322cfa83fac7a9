import {
  appendFile,
  chmod,
  copyFile,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

describe('after a crash', () => {
  test('a journal cut anywhere in its last line is whole without it, and goes on', async () => {
    await store.append('r', 0, [{ n: 0 }]);
    const { size: start } = await stat(journal());
    await store.append('r', 1, [{ n: 1, text: 'grün 🚀' }]);
    const { size: end } = await stat(journal());
    const whole = await readFile(journal());
    for (let cut = start; cut < end; cut += 1) {
      await writeFile(journal(), whole);
      await truncate(journal(), cut);
      const after = fresh();
      // A store that saw more than is left starts over.
      for (const one of [after, store]) expect(await one.read('r')).toEqual([{ n: 0 }]);
      await after.append('r', 1, [{ n: 'again' }]);
      await after.append('r', 2, [{ n: 2 }]);
      expect(await fresh().read('r')).toEqual([{ n: 0 }, { n: 'again' }, { n: 2 }]);
    }
  });

  test('a journal whose first line was never finished is not there', async () => {
    await store.append('r', 0, [{ n: 0 }]);
    await truncate(journal(), 20);
    for (const one of [store, fresh()]) {
      expect(await one.read('r')).toEqual([]);
      expect(await one.list()).toEqual([]);
    }
    await store.append('r', 0, [{ n: 'again' }]);
    expect(await fresh().read('r')).toEqual([{ n: 'again' }]);
  });

  test('a writer that did not see the crash does not glue its line onto the torn one', async () => {
    await store.append('r', 0, [{ n: 0 }]);
    const line = (await readFile(journal(), 'utf8')).replaceAll('0', '1');
    await appendFile(journal(), line.slice(0, -10) + line);
    expect(await store.read('r')).toEqual([{ n: 0 }, { n: 1 }]);
  });
});

describe('corruption', () => {
  beforeEach(async () => {
    await store.append('r', 0, [{ n: 0 }]);
    await store.append('r', 1, [{ n: 1 }, { n: 2 }]);
  });

  test('is refused with file and line by reads and appends, and mends when the file does', async () => {
    const good = await readFile(journal(), 'utf8');
    await writeFile(journal(), good.replace('"seq":1', '"seq":oops'));
    const corrupt = expect.objectContaining({ code: 'STORE_CORRUPT', details: { path: journal(), line: 2 } });
    for (const one of [fresh(), fresh()]) {
      await expect(one.read('r')).rejects.toThrow(corrupt);
      await expect(one.read('r')).rejects.toThrow(`${journal()}, line 2: it is not a line of a journal`);
      await expect(one.append('r', 3, [{ n: 3 }])).rejects.toThrow(corrupt);
      expect(await one.list()).toEqual(['r']);
    }
    const [late] = [fresh()];
    await expect(late.read('r')).rejects.toThrow(corrupt);
    await writeFile(journal(), good);
    expect(await late.read('r')).toHaveLength(3);
  });

  test('of what comes after is seen by a store that read what came before', async () => {
    await store.read('r');
    await appendFile(journal(), 'hello\n');
    await expect(store.read('r')).rejects.toThrow(`${journal()}, line 4`);
  });

  test('a journal copied to the name of another rollout is refused', async () => {
    await copyFile(journal(), journal('other'));
    await expect(store.read('other')).rejects.toThrow(`${journal('other')}, line 1: it belongs to rollout r`);
  });

  test('a record that cannot be read is refused', async () => {
    await store.writeRecord('lock', undefined, 'held');
    const path = join(directory, 'store', 'records', 'lock', '1.json');
    for (const text of ['', 'hello', '{"name":"other","value":1}']) {
      await writeFile(path, text);
      await expect(store.readRecord('lock')).rejects.toThrow(
        expect.objectContaining({ code: 'STORE_CORRUPT', details: { path, line: 1 } }),
      );
      await expect(store.writeRecord('lock', 1, 'x')).rejects.toThrow(code('STORE_CORRUPT'));
    }
  });
});

describe('what the disk refuses', () => {
  const failed = (errno: string): unknown =>
    expect.objectContaining({
      code: 'STORE_FAILED',
      details: expect.objectContaining({ code: errno }),
      cause: expect.any(Error),
    });

  test('a full disk fails the append, and claims nothing', async () => {
    await store.append('other', 0, [{ n: 0 }]);
    await symlink('/dev/full', journal());
    await expect(store.append('r', 0, [{ n: 0 }])).rejects.toThrow(failed('ENOSPC'));
    expect(await store.read('r')).toEqual([]);
  });

  test('a file where a directory should be fails everything, with the path', async () => {
    await writeFile(join(directory, 'store'), '');
    for (const act of [
      () => store.append('r', 0, [{ n: 0 }]),
      () => store.read('r'),
      () => store.list(),
      () => store.readRecord('lock'),
      () => store.writeRecord('lock', undefined, 'x'),
    ]) {
      await expect(act()).rejects.toThrow(code('STORE_FAILED'));
      await expect(act()).rejects.toThrow(join(directory, 'store'));
    }
  });

  test('a store that failed works again when its disk does', async () => {
    await writeFile(join(directory, 'store'), '');
    await expect(store.append('r', 0, [{ n: 0 }])).rejects.toThrow(code('STORE_FAILED'));
    await rm(join(directory, 'store'));
    await store.append('r', 0, [{ n: 0 }]);
    await store.writeRecord('lock', undefined, 'held');
    expect(await fresh().read('r')).toEqual([{ n: 0 }]);
  });

  test('a store that was deleted under a running process is not written to in thin air', async () => {
    await store.append('r', 0, [{ n: 0 }]);
    await store.writeRecord('lock', undefined, 'held');
    await rm(join(directory, 'store'), { recursive: true });
    await expect(store.append('r', 1, [{ n: 1 }])).rejects.toThrow(code('ROLLOUT_CONFLICT'));
    await expect(store.append('r', 0, [{ n: 0 }])).rejects.toThrow(failed('ENOENT'));
    await expect(store.writeRecord('lock', undefined, 'held')).rejects.toThrow(failed('ENOENT'));
  });

  test.skipIf(process.getuid?.() === 0)('a missing right fails with its code', async () => {
    await store.append('r', 0, [{ n: 0 }]);
    await chmod(journal(), 0);
    await expect(fresh().read('r')).rejects.toThrow(failed('EACCES'));
  });
});
