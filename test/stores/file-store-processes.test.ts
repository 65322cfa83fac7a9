import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileStore } from '../../src/stores/file-store.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'file-store-processes-'));
});
afterEach(() => rm(directory, { recursive: true }));

function run(script: string, ...args: string[]) {
  const path = fileURLToPath(new URL(`processes/${script}.ts`, import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
  });
  let output = '';
  let errors = '';
  const waiting: { readonly lines: number; readonly resolve: () => void }[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    for (const { lines, resolve } of waiting) if (output.split('\n').length > lines) resolve();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<void>((resolve) => void child.on('close', () => resolve()));
  return {
    child,
    ended,
    /** Resolves when so many lines were said, or the process is over. */
    said: (lines: number) =>
      Promise.race([ended, new Promise<void>((resolve) => void waiting.push({ lines, resolve }))]),
    output: () => output,
    errors: () => errors,
  };
}

interface Acknowledged {
  readonly at: number;
  readonly n: number;
  readonly count: number;
}
const acknowledged = (output: string): Acknowledged[] =>
  output
    .slice(0, output.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Acknowledged);

test('two processes that append as fast as they can lose nothing and write nothing twice', async () => {
  const writers = ['a', 'b'].map((name) => ({ name, ...run('append-entries', directory, 'r', name, '120', '50') }));
  await Promise.all(writers.map(({ ended }) => ended));
  const journal = await new FileStore(directory).read('r');
  const taken = new Set<number>();
  for (const { name, output, errors } of writers) {
    expect(errors()).toBe('');
    const writes = acknowledged(output());
    expect(writes.map(({ n }) => n)).toEqual(Array.from({ length: 120 }, (_, n) => n));
    for (const { at, n, count } of writes) {
      for (let i = 0; i < count; i += 1) {
        expect(journal[at + i]).toMatchObject({ by: name, n, i, count });
        taken.add(at + i);
      }
    }
  }
  expect(journal).toHaveLength(taken.size);
});

test('a process killed while it appends loses nothing that it was told is safe', async () => {
  for (let round = 0; round < 3; round += 1) {
    const id = `r${round}`;
    const writer = run('append-entries', directory, id, 'a', '1000000', '200000');
    await writer.said(3 + round * 5);
    writer.child.kill('SIGKILL');
    await writer.ended;
    const store = new FileStore(directory);
    const journal = await store.read(id);
    const writes = acknowledged(writer.output());
    expect(writes.length).toBeGreaterThan(0);
    for (const { at, n, count } of writes) {
      for (let i = 0; i < count; i += 1) expect(journal[at + i]).toMatchObject({ n, i });
    }
    await store.append(id, journal.length, [{ by: 'after' }]);
    expect((await new FileStore(directory).read(id)).at(-1)).toEqual({ by: 'after' });
  }
});

test('three processes that count a record up count every time once', async () => {
  const counters = [1, 2, 3].map(() => run('count-up', directory, 'elastigroup/sig-1', '60'));
  await Promise.all(counters.map(({ ended }) => ended));
  for (const { errors } of counters) expect(errors()).toBe('');
  expect(await new FileStore(directory).readRecord('elastigroup/sig-1')).toEqual({ revision: 180, value: 180 });
});

function canLimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!canLimit())('a write that the disk takes only in part has failed, and the journal goes on', async () => {
  const writer = run('append-until-full', directory, '5000');
  await writer.ended;
  expect(writer.errors()).toBe('');
  expect(writer.output()).toBe('STORE_FAILED');
  const store = new FileStore(directory);
  // The first part of the batch may survive; its second entry cannot.
  expect(await store.read('r')).toEqual([{ n: 0 }, { n: 1 }]);
  await store.append('r', 2, [{ n: 'again' }]);
  expect(await new FileStore(directory).read('r')).toEqual([{ n: 0 }, { n: 1 }, { n: 'again' }]);
});
