import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FileStore } from '../src/stores/file-store.js';
import { ROOT } from './fresh-build.js';
import { holdRollouts } from './held-rollouts.js';
import { table, type Bar } from './report.js';
import { loadEverything } from './warm-up.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** How many wait at once, and how long they are watched: each hour of each costs seconds of this machine. */
const ONE = { count: 1, waitMs: HOUR };
const MANY = { count: 50, waitMs: 6 * MINUTE };
const WARM_UP_MS = 2 * MINUTE;
const MB = 1024 * 1024;
const KB = 1024;

interface Cost {
  /** Of one rollout with its clients, when it came to its gate. */
  readonly heapBytes: number;
  /** By so much it grew for each hour of waiting. */
  readonly grownBytes: number;
  /** Of one rollout in an hour of waiting, with the simulated cloud's answers to it. */
  readonly cpuMs: number;
  /** Of its cloud alone in the same hours, without anybody who asks. */
  readonly cloudMs: number;
  readonly requests: number;
  readonly entries: number;
}

/** What a rollout costs that waits at a gate, and what fifty at once cost in one process. */
export async function measureFleet(): Promise<readonly Bar[]> {
  await loadEverything();
  // Compiles and warms what all the others use.
  await measure(ONE);
  const one = await measure(ONE);
  const many = await measure(MANY);
  const costs = [one, many];
  console.log(
    '\nWaiting at a gate in Ready, FileStore, default polling: of each rollout, by how many wait in one process\n',
  );
  const row = (name: string, cell: (cost: Cost) => string): readonly string[] => [name, ...costs.map(cell)];
  console.log(
    table(
      ['', ...[ONE, MANY].map(({ count }) => `${count} at once`)],
      [
        row('heap with clients of its own, KB', ({ heapBytes }) => (heapBytes / KB).toFixed(0)),
        row('heap grown in an hour, KB', ({ grownBytes }) => (grownBytes / KB).toFixed(1)),
        row('CPU ms in a simulated hour, the cloud’s answers in it', ({ cpuMs }) => cpuMs.toFixed(0)),
        row('of it the cloud when nobody asks', ({ cloudMs }) => cloudMs.toFixed(0)),
        row('requests in a simulated hour', ({ requests }) => requests.toFixed(0)),
        row('journal entries in a simulated hour', ({ entries }) => entries.toFixed(1)),
      ],
    ),
  );
  return [
    { what: 'fleet: CPU of each of 50 beside that of one', found: many.cpuMs / one.cpuMs, allowed: 2, unit: ' ×' },
    { what: 'fleet: heap of each of 50', found: many.heapBytes / MB, allowed: 4, unit: ' MB' },
    { what: 'fleet: heap that each of 50 gains in an hour', found: many.grownBytes / KB, allowed: 1024, unit: ' KB' },
    { what: 'fleet: CPU of each of 50 in an hour', found: many.cpuMs / 1000, allowed: 20, unit: ' s' },
  ];
}

async function measure({ count, waitMs }: typeof ONE): Promise<Cost> {
  const folder = await mkdtemp(join(ROOT, 'node_modules', 'bench-fleet-'));
  try {
    let heapBefore = 0;
    await using held = await holdRollouts(
      count,
      (index) => new FileStore(join(folder, String(index))),
      () => (heapBefore = heapInUse()),
    );
    const { clouds } = held;
    // What the simulated cloud remembers of what it was asked is no cost of the library.
    const forgetRequests = (): number => clouds.reduce((sum, { requests }) => sum + requests.splice(0).length, 0);
    // The first looks at the gate still warm up.
    await held.pass(WARM_UP_MS);
    forgetRequests();
    const heapAtGate = heapInUse();
    const entriesBefore = await entriesIn(folder, count);
    const cpuBefore = process.cpuUsage();
    await held.pass(waitMs);
    const cpuMs = cpuSince(cpuBefore);
    const requests = forgetRequests();
    const heapAfter = heapInUse();
    const entries = (await entriesIn(folder, count)) - entriesBefore;
    await held.suspend();
    const cloudBefore = process.cpuUsage();
    held.clock.advance(waitMs);
    const cloudMs = cpuSince(cloudBefore);
    const each = (total: number): number => total / count;
    const hours = waitMs / HOUR;
    return {
      heapBytes: each(heapAtGate - heapBefore),
      grownBytes: each(heapAfter - heapAtGate) / hours,
      cpuMs: each(cpuMs) / hours,
      cloudMs: each(cloudMs) / hours,
      requests: each(requests) / hours,
      entries: each(entries) / hours,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function entriesIn(folder: string, count: number): Promise<number> {
  let entries = 0;
  for (let index = 0; index < count; index += 1) {
    entries += (await new FileStore(join(folder, String(index))).read(`held-${index}`)).length;
  }
  return entries;
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapInUse(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
