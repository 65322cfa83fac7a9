import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredEntry } from '../src/ports/rollout-store.js';
import { FileStore } from '../src/stores/file-store.js';
import { ROOT } from './fresh-build.js';
import { sampleEntry } from './journal-entries.js';
import { median, quantile, table, type Bar } from './report.js';

const STEPS = 300;
const WARM_UP = 20;
const LONG = 10_000;
const ALLOWED = 4;

/** Journalling a step, beside a bare append and fdatasync of the same bytes to a file that stays open. */
export async function measureJournal(): Promise<readonly Bar[]> {
  // Not the folder for temporary files, which may be kept in memory: there nothing ever waits for a disk.
  const folder = await mkdtemp(join(ROOT, 'node_modules', 'bench-journal-'));
  try {
    const short = await measure(folder, 'short', 0);
    const long = await measure(folder, 'long', LONG);
    const rows = [
      ['a short journal', short],
      [`one of ${LONG} entries`, long],
    ] as const;
    console.log(
      `\nJournal: one entry appended by FileStore, beside a bare append + fdatasync; ${STEPS} of each, in turns\n`,
    );
    console.log(
      table(
        ['', 'journal ms', 'worst', 'bare ms', 'worst', 'ratio', '90 %', 'worst'],
        rows.map(([name, { ours, bare, ratios }]) => [
          name,
          ...[median(ours), Math.max(...ours), median(bare), Math.max(...bare)].map((ms) => ms.toFixed(3)),
          ...[median(ratios), quantile(ratios, 0.9), Math.max(...ratios)].map((ratio) => `${ratio.toFixed(2)} ×`),
        ]),
      ),
    );
    return rows.map(([name, { ours, bare }]) => ({
      what: `journalling a step beside a bare append + fdatasync, medians, ${name}`,
      found: median(ours) / median(bare),
      allowed: ALLOWED,
      unit: ' ×',
    }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Turns {
  readonly ours: readonly number[];
  readonly bare: readonly number[];
  readonly ratios: readonly number[];
}

async function measure(folder: string, id: string, before: number): Promise<Turns> {
  const store = new FileStore(folder);
  if (before > 0)
    await store.append(
      id,
      0,
      Array.from({ length: before }, (_, n) => sampleEntry(n)),
    );
  const file = await open(join(folder, `${id}.bare`), 'a');
  const ours: number[] = [];
  const bare: number[] = [];
  try {
    for (let n = 0; n < STEPS + WARM_UP; n += 1) {
      const entry: StoredEntry = sampleEntry(before + n);
      // What a line says of itself besides the entry: its number, and whose write it is.
      const line = { seq: before + n, first: before + n, write: '0'.repeat(36), entry };
      const bytes = Buffer.from(`\t${JSON.stringify(line)}\n`);
      const start = performance.now();
      await file.write(bytes);
      await file.datasync();
      const between = performance.now();
      await store.append(id, before + n, [entry]);
      const end = performance.now();
      if (n < WARM_UP) continue;
      bare.push(between - start);
      ours.push(end - between);
    }
  } finally {
    await file.close();
  }
  return { ours, bare, ratios: ours.map((ms, index) => ms / (bare[index] ?? Number.NaN)) };
}
