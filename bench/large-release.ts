import { BlueGreen, fixedPolling, MemoryStore, type RolloutEvent } from '../src/index.js';
import { SHOP_SPEC } from '../src/testing/shop.js';
import { cpuOfProcess, watchStalls, type StallWatch } from './longest-stall.js';
import { LargeReleaseWire } from './large-release-wire.js';
import { table, type Bar } from './report.js';

const WARM_UP = 200;
const COUNTS = [1_000, 3_000, 10_000];
/** What the services give at a time: EC2 takes 200 values in a filter, CodeDeploy lists targets and tells about 25. */
const FILTER_VALUES = 200;
const TARGETS_LISTED = 10;
const TARGETS_TOLD = 25;

/** What a release of so many blue instances onto as many green ones took. */
interface Release {
  readonly instances: number;
  readonly outcome: string;
  readonly calls: number;
  /** Calls of the largest look at the fleets, and of the largest look at the running release. */
  readonly look: number;
  readonly least: number;
  readonly cpuMs: number;
  readonly stalledMs: number;
  readonly stalledIn: string;
  readonly entries: number;
  readonly journalBytes: number;
}

/** Whole releases of large Elastigroups: calls of a look, stalls, CPU and journal, and whether they grow with the instances alone. */
export async function measureLargeRelease(): Promise<readonly Bar[]> {
  await releaseOf(WARM_UP);
  const releases: Release[] = [];
  for (const count of COUNTS) releases.push(await releaseOf(count));
  console.log('\nOne release of a large Elastigroup, blue and green as many each, a look a minute, MemoryStore\n');
  const row = (name: string, cell: (release: Release) => string): readonly string[] => [name, ...releases.map(cell)];
  console.log(
    table(
      ['', ...COUNTS.map((count) => count.toLocaleString('en'))],
      [
        row('outcome', ({ outcome }) => outcome),
        row('calls', ({ calls }) => String(calls)),
        row('calls of one look at each, the largest', ({ look }) => String(look)),
        row('at least', ({ least }) => String(least)),
        row('longest stall, ms of CPU', ({ stalledMs }) => stalledMs.toFixed(1)),
        row('in the step', ({ stalledIn }) => stalledIn),
        row('CPU ms an instance', ({ cpuMs, instances }) => (cpuMs / instances).toFixed(2)),
        row('journal entries', ({ entries }) => String(entries)),
        row('journal bytes an instance', ({ journalBytes, instances }) => (journalBytes / instances).toFixed(0)),
      ],
    ),
  );
  const [small, , large] = releases as [Release, Release, Release];
  const grown = (of: (release: Release) => number): number =>
    of(large) / large.instances / (of(small) / small.instances);
  return [
    {
      what: 'large: releases that did not succeed',
      found: releases.filter(({ outcome }) => outcome !== 'succeeded').length,
      allowed: 0,
      unit: '',
    },
    {
      what: 'large: calls of a full look beside the least',
      found: large.look / large.least,
      allowed: 1.05,
      unit: ' ×',
    },
    { what: 'large: longest stall of the event loop, CPU', found: large.stalledMs, allowed: 50, unit: ' ms' },
    {
      what: 'large: CPU an instance of 10,000 beside 1,000',
      found: grown(({ cpuMs }) => cpuMs),
      allowed: 1.5,
      unit: ' ×',
    },
    {
      what: 'large: journal an instance of 10,000 beside 1,000',
      found: grown(({ journalBytes }) => journalBytes),
      allowed: 1.1,
      unit: ' ×',
    },
  ];
}

async function releaseOf(instances: number): Promise<Release> {
  let step = 'start';
  let stalledIn = '';
  const asked: Array<readonly [step: string, operation: string]> = [];
  const watch: { stalls?: StallWatch } = {};
  await using wire = new LargeReleaseWire(
    (operation) => asked.push([step, operation]),
    () => watch.stalls?.restart(),
  );
  const store = new MemoryStore();
  const blueGreen = new BlueGreen({
    ...(await wire.open(instances)),
    store,
    // Each look at 10,000 is some 3,000 calls: the simulated services take their time for them.
    polling: fixedPolling({ every: '60s', urgent: '60s' }),
    logger: false,
    onEvent: ({ name, data }: RolloutEvent) => {
      if (name === 'step:run:started') ({ step } = data as { readonly step: string });
    },
  });
  const before = cpuOfProcess();
  const stalls = watchStalls(() => (stalledIn = step));
  watch.stalls = stalls;
  const rollout = await blueGreen.start(SHOP_SPEC, { id: 'large' });
  const { outcome } = await rollout.result();
  stalls.stop();
  const cpuMs = cpuOfProcess() - before - wire.waitingMs;
  await blueGreen.close();
  const journal = (await store.read('large')).map((entry) => JSON.stringify(entry).length);
  return {
    instances,
    outcome,
    calls: asked.length,
    look: largestLook(asked, 'await-green', /codeDeploy/i) + largestLook(asked, 'await-codedeploy', /^GetDeployment$/),
    least: leastOf(instances),
    cpuMs,
    stalledMs: stalls.longestMs,
    stalledIn,
    entries: journal.length,
    journalBytes: journal.reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** Of the looks of a step, each of which begins with that call, the one with the most calls. */
function largestLook(
  asked: ReadonlyArray<readonly [step: string, operation: string]>,
  step: string,
  first: RegExp,
): number {
  let largest = 0;
  let calls = 0;
  for (const [, operation] of asked.filter(([of]) => of === step)) {
    calls = first.test(operation) ? 1 : calls + 1;
    largest = Math.max(largest, calls);
  }
  return largest;
}

/** One look at both fleets, and one at the release onto all of green while none of blue has left. */
function leastOf(instances: number): number {
  const pages = (of: number, size: number): number => Math.ceil(of / size);
  const mode = 1;
  const targetHealth = 1;
  const fleets = mode + 1 + 2 * pages(instances, FILTER_VALUES) + targetHealth;
  const targets = pages(2 * instances, TARGETS_LISTED) + pages(2 * instances, TARGETS_TOLD);
  return fleets + 1 + targets + mode + pages(2 * instances, FILTER_VALUES) + targetHealth;
}
