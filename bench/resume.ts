import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RolloutJournal } from '../src/engine/rollout-journal.js';
import { BlueGreen, MemoryStore } from '../src/index.js';
import type { StoredEntry } from '../src/ports/rollout-store.js';
import { FileStore } from '../src/stores/file-store.js';
import { ROOT } from './fresh-build.js';
import { holdRollouts } from './held-rollouts.js';
import { median, table, type Bar } from './report.js';
import { loadEverything } from './warm-up.js';

const LONG = 10_000;
const ROUNDS = 9;
const ALLOWED = 10;
const ID = 'held-0';

/** How long it takes to go on with a rollout of 10,000 entries, beside `JSON.parse` of the same lines. */
export async function measureResume(): Promise<readonly Bar[]> {
  await loadEverything();
  const folder = await mkdtemp(join(ROOT, 'node_modules', 'bench-resume-'));
  try {
    const memory = new MemoryStore();
    await using held = await holdRollouts(1, () => memory);
    await held.suspend();
    const short = await memory.read(ID);
    const long = grown(short, LONG);
    const [cloud] = held.clouds;
    const parse: number[] = [];
    const open: number[] = [];
    const firstLong: number[] = [];
    const firstShort: number[] = [];
    const firstRequest = async (entries: readonly StoredEntry[], round: string): Promise<number> => {
      const directory = join(folder, round);
      await new FileStore(directory).append(ID, 0, entries);
      // The simulated time stands still: only work is measured, no wait.
      const store = new FileStore(directory);
      const already = cloud!.requests.length;
      const start = performance.now();
      const blueGreen = new BlueGreen({ ...cloud!.options(), store });
      await blueGreen.resume(ID);
      while (cloud!.requests.length === already) await new Promise((resolve) => setImmediate(resolve));
      const ms = performance.now() - start;
      await blueGreen.close();
      return ms;
    };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const longMs = await firstRequest(long, `long-${round}`);
      const shortMs = await firstRequest(short, `short-${round}`);
      const path = join(folder, `long-${round}`, 'rollouts', `${ID}.jsonl`);
      const parseStart = performance.now();
      for (const line of (await readFile(path, 'utf8')).split('\n')) if (line !== '') JSON.parse(line);
      const openStart = performance.now();
      await RolloutJournal.open(new FileStore(join(folder, `long-${round}`)), ID, () => 0);
      const end = performance.now();
      // The first round compiles what the others run.
      if (round === 0) continue;
      firstLong.push(longMs);
      firstShort.push(shortMs);
      parse.push(openStart - parseStart);
      open.push(end - openStart);
    }
    console.log(
      `\nResume: a journal of ${LONG} entries in a FileStore, ${ROUNDS} rounds after one that does not count, real ms\n`,
    );
    const row = (name: string, times: readonly number[]): readonly string[] => [
      name,
      median(times).toFixed(1),
      Math.max(...times).toFixed(1),
      `${(median(times) / median(parse)).toFixed(1)} ×`,
    ];
    console.log(
      table(
        ['', 'median', 'worst', 'beside JSON.parse'],
        [
          row('the file read, its lines parsed by JSON.parse', parse),
          row('the journal opened: read, judged and folded', open),
          row('resumed, until the first request to a cloud', firstLong),
          row(`the same of one with ${short.length} entries`, firstShort),
        ],
      ),
    );
    const found = median(open) / median(parse);
    return [{ what: `opening a journal of ${LONG} entries beside JSON.parse`, found, allowed: ALLOWED, unit: ' ×' }];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The same rollout after it has seen something new at its gate very often. */
function grown(entries: readonly StoredEntry[], length: number): StoredEntry[] {
  const at = entries.findLastIndex(({ type }) => type === 'step-observed');
  const seen = entries[at];
  if (typeof seen?.['saw'] !== 'string') throw new Error('the rollout saw nothing at its gate');
  const { saw } = seen;
  const more = Array.from({ length: length - entries.length }, (_, n) => ({
    ...seen,
    saw: `${saw} ${n}`,
  }));
  return [...entries.slice(0, at + 1), ...more, ...entries.slice(at + 1)];
}
