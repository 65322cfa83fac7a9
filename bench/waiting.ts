import { basename, join } from 'node:path';
import { inProcesses } from './in-processes.js';
import { mean, quantile, seconds, table, type Bar } from './report.js';
import { CLASSES, readTimings, type DurationClass, type Timings } from './timings.js';
import { WAITERS, type Wait, type Waiter, type WaitOrder } from './wait-all.js';

const RUNS = 1000;
const RUNS_IN_AN_ORDER = 50;
const SHIPPED = ['heavy-tailed.json', 'bimodal.json'].map((name) => join(import.meta.dirname, 'timings', name));
const OURS: Waiter = 'this library';

/** Of the mean over the runs of each class. */
const MOST_READS: Readonly<Record<DurationClass, number>> = { '60': 12, '300': 21, '900': 61, '3600': 120 };

/** A share of what the very deployment takes, and no less than so many milliseconds. */
const allowance =
  (leastMs: number, percent: number) =>
  ({ totalMs }: Wait): number =>
    Math.max(leastMs, (totalMs * percent) / 100);
const MEAN_LATE = allowance(3_000, 1);
const MOST_LATE = allowance(10_000, 3);
const MEAN_FAILURE_LATE = allowance(10_000, 0.5);
const FAILURE_LATE = allowance(20_000, 1);
const SEEN_IN_TIME = 0.95;

/**
 * How late the end, or the failure of an instance, of a CodeDeploy deployment is known, and what that costs in reads:
 * the library beside the waiters that people use, on the same drawn deployments.
 */
export async function measureWaiting(files: readonly string[] = SHIPPED): Promise<readonly Bar[]> {
  const bars: Bar[] = [];
  for (const path of files) bars.push(...(await measureFile(path)));
  return bars;
}

async function measureFile(path: string): Promise<readonly Bar[]> {
  const timings = readTimings(path);
  const waits = await inProcesses<WaitOrder, Wait>('wait-process.ts', ordersOf(timings));
  const name = basename(path, '.json');
  console.log(`\nWaiting, ${name}${timings.about === undefined ? '' : `: ${timings.about}`}`);
  console.log(
    `${RUNS} deployments that succeed and ${RUNS} in which an instance fails, of each duration; simulated time. Late: from the\n` +
      'end, or the failure of that instance, until it is known. Reads: GetDeployment for that deployment, the first and the last\n' +
      'included, mean over the runs that succeed; ours lists its targets with each. Requests: all of them, to any cloud.\n',
  );
  print(waits);
  return CLASSES.flatMap((duration) => barsOf(name, duration, waits));
}

function ordersOf(timings: Timings): readonly WaitOrder[] {
  const seeds = Array.from({ length: RUNS }, (_, index) => index + 1);
  const hands = Array.from({ length: RUNS / RUNS_IN_AN_ORDER }, (_, hand) =>
    seeds.slice(hand * RUNS_IN_AN_ORDER, (hand + 1) * RUNS_IN_AN_ORDER),
  );
  return hands.flatMap((hand) =>
    CLASSES.flatMap((duration) => [false, true].map((fails) => ({ timings, duration, fails, seeds: hand }))),
  );
}

function print(waits: readonly Wait[]): void {
  const rows = CLASSES.flatMap((duration) =>
    (Object.keys(WAITERS) as Waiter[]).map((waiter, index) => {
      const own = waits.filter((wait) => wait.waiter === waiter && wait.duration === duration);
      const ends = own.filter(({ fails }) => !fails);
      const failures = own.filter(({ fails }) => fails).map(({ lateMs }) => lateMs);
      const known = ends.map(({ lateMs }) => lateMs).filter(Number.isFinite);
      const knownFailures = failures.filter(Number.isFinite);
      const given = ends.length - known.length + (failures.length - knownFailures.length);
      return [
        `${index === 0 ? `${duration} s`.padEnd(8) : ' '.repeat(8)}${waiter}`,
        known.length === 0 ? '' : seconds(mean(known)),
        known.length === 0 ? '' : seconds(Math.max(...known)),
        mean(ends.map(({ reads }) => reads)).toFixed(1),
        String(
          quantile(
            ends.map(({ reads }) => reads),
            0.95,
          ),
        ),
        mean(ends.map(({ requests }) => requests)).toFixed(0),
        knownFailures.length === 0 ? '' : seconds(mean(knownFailures)),
        knownFailures.length === 0 ? '' : seconds(quantile(knownFailures, SEEN_IN_TIME)),
        given === 0 ? '' : `${((given / own.length) * 100).toFixed(1)} %`,
      ];
    }),
  );
  const head = [
    '',
    'late: mean s',
    'worst s',
    'reads',
    '95 %',
    'requests',
    'failure late: mean s',
    '95 %: s',
    'gave up',
  ];
  console.log(table(head, rows));
}

function barsOf(name: string, duration: DurationClass, all: readonly Wait[]): readonly Bar[] {
  const own = all.filter((wait) => wait.waiter === OURS && wait.duration === duration);
  const ends = own.filter(({ fails }) => !fails);
  const failures = own.filter(({ fails }) => fails);
  const of = `${name}, ${duration} s:`;
  const meanBar = (what: string, waits: readonly Wait[], allowed: (wait: Wait) => number): Bar => ({
    what: `${of} ${what}`,
    found: mean(waits.map(({ lateMs }) => lateMs)) / 1000,
    allowed: mean(waits.map(allowed)) / 1000,
    unit: ' s',
  });
  const shareOfAllowed = ends.map((wait) => (wait.lateMs / MOST_LATE(wait)) * 100);
  const tooLate = failures.filter((wait) => wait.lateMs > FAILURE_LATE(wait)).length / failures.length;
  return [
    meanBar('mean late', ends, MEAN_LATE),
    { what: `${of} worst late, of max(10 s, 3 %)`, found: Math.max(...shareOfAllowed), allowed: 100, unit: ' %' },
    { what: `${of} reads`, found: mean(ends.map(({ reads }) => reads)), allowed: MOST_READS[duration], unit: '' },
    meanBar('failure, mean late', failures, MEAN_FAILURE_LATE),
    {
      what: `${of} failures seen later than max(20 s, 1 %)`,
      found: tooLate * 100,
      allowed: (1 - SEEN_IN_TIME) * 100,
      unit: ' %',
    },
  ];
}
