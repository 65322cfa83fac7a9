import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BlueGreen, MemoryStore, type RolloutEvent, type RolloutResult } from '../src/index.js';
import { SimulatedClock, SimulatedCloud, type Fault } from '../src/testing/index.js';
import { measureLargeElastigroup } from './large-elastigroup.js';
import { openAnotherShop, throttledIn } from './many-shops.js';
import { seconds, table, type Bar } from './report.js';
import { loadEverything } from './warm-up.js';

const COUNTS = [10, 25, 50];
const MB = 1024 * 1024;
/** What the last step before the long wait is called: by then every rollout has its plan, its journal and its clients. */
const UNDER_WAY = 'await-codedeploy';

/** One account: its cloud, its driver, and how many rollouts are made in it. */
interface Account {
  readonly cloud: SimulatedCloud;
  readonly results: readonly RolloutResult[];
}

interface Fleet {
  readonly accounts: readonly Account[];
  readonly cpuMs: number;
  readonly heapBytes: number;
}

type Trouble =
  | { readonly fault: 'refused'; readonly code: string; readonly status: number }
  | { readonly fault: 'server-error'; readonly status: number };

const TROUBLES: Readonly<Record<string, Trouble>> = {
  denied: { fault: 'refused', code: 'AccessDeniedException', status: 403 },
  down: { fault: 'server-error', status: 503 },
};

/** Many rollouts at once in two accounts, under the documented limits; and one Elastigroup of 10,000 instances. */
export async function measureLimits(): Promise<readonly Bar[]> {
  await loadEverything();
  await runFleet(4);
  const fleets: Fleet[] = [];
  for (const count of COUNTS) fleets.push(await runFleet(count));
  console.log('\nRollouts at once in two accounts, documented limits: of each rollout, the clouds’ answers in it\n');
  const row = (name: string, cell: (fleet: Fleet, count: number) => string): readonly string[] => [
    name,
    ...fleets.map((fleet, at) => cell(fleet, COUNTS[at]!)),
  ];
  console.log(
    table(
      ['', ...COUNTS.map((count) => `${count} at once`)],
      [
        row('succeeded', ({ accounts }) => String(resultsOf(accounts).filter(isSuccess).length)),
        row('throttled calls', (fleet) => String(throttledOf(fleet))),
        row('requests', (fleet, count) => (requestsOf(fleet) / count).toFixed(0)),
        row('simulated seconds, the longest', ({ accounts }) => seconds(longest(resultsOf(accounts)))),
        row('CPU ms', ({ cpuMs }, count) => (cpuMs / count).toFixed(0)),
        row('heap while it is under way, KB', ({ heapBytes }, count) => (heapBytes / 1024 / count).toFixed(0)),
      ],
    ),
  );
  const [few, , many] = fleets as [Fleet, Fleet, Fleet];
  const each = (of: (fleet: Fleet) => number): number => of(many) / 50 / (of(few) / 10);
  const bars: Bar[] = [
    {
      what: 'limits: throttled calls of 10, 25 and 50 rollouts',
      found: sum(fleets.map(throttledOf)),
      allowed: 0,
      unit: '',
    },
    {
      what: 'limits: rollouts that did not succeed',
      found: fleets.flatMap(({ accounts }) => resultsOf(accounts)).filter((result) => !isSuccess(result)).length,
      allowed: 0,
      unit: '',
    },
    {
      what: 'limits: CPU of each of 50 beside that of 10',
      found: each(({ cpuMs }) => cpuMs),
      allowed: 1.5,
      unit: ' ×',
    },
    {
      what: 'limits: heap of each of 50 beside that of 10',
      found: each(({ heapBytes }) => heapBytes),
      allowed: 1.5,
      unit: ' ×',
    },
    { what: 'limits: heap of each of 50', found: many.heapBytes / 50 / MB, allowed: 4, unit: ' MB' },
  ];
  for (const [name, trouble] of Object.entries(TROUBLES)) bars.push(...beside(name, many, await runFleet(50, trouble)));
  return [...bars, ...(await measureLargeElastigroup())];
}

/** What became of the first account's rollouts when all calls for the second one failed. */
function beside(name: string, before: Fleet, after: Fleet): readonly Bar[] {
  const [was, is] = [before.accounts[0]!, after.accounts[0]!];
  const slower = longest(is.results) - longest(was.results);
  const more = is.cloud.requests.length - was.cloud.requests.length;
  const lost = is.results.filter((result) => !isSuccess(result)).length;
  console.log(
    `\nThe other account ${name}: ${lost} rollouts lost, ${seconds(slower)} s slower, ${more} more requests, ${throttledIn(is.cloud).length} throttled`,
  );
  return [
    { what: `limits: rollouts lost while the other account is ${name}`, found: lost, allowed: 0, unit: '' },
    {
      what: `limits: seconds slower while the other account is ${name}`,
      found: Math.abs(slower) / 1000,
      allowed: 0,
      unit: ' s',
    },
    {
      what: `limits: calls throttled while the other account is ${name}`,
      found: throttledIn(is.cloud).length,
      allowed: 0,
      unit: '',
    },
  ];
}

async function runFleet(count: number, trouble?: Trouble): Promise<Fleet> {
  const clock = new SimulatedClock();
  const accounts = [0, 1].map((number) => {
    const cloud = new SimulatedCloud({ clock, blue: 1, requestsPerSecond: 0.01 });
    const share = number === 0 ? Math.ceil(count / 2) : Math.floor(count / 2);
    return { cloud, specs: Array.from({ length: share }, (_, at) => openAnotherShop(cloud, at)) };
  });
  if (trouble !== undefined) for (const fault of everywhere(trouble)) accounts[1]!.cloud.inject(fault);
  const heapBefore = heapInUse();
  let heapBytes = Number.NaN;
  let underWay = 0;
  const onEvent = ({ name, data }: RolloutEvent): void => {
    if (name !== 'step:run:started' || (data as { readonly step: string }).step !== UNDER_WAY) return;
    underWay += 1;
    if (underWay === count) heapBytes = heapInUse() - heapBefore;
  };
  const drivers = accounts.map(({ cloud }) => new BlueGreen({ ...cloud.options(), store: new MemoryStore(), onEvent }));
  const cpuBefore = process.cpuUsage();
  const ended = await Promise.all(
    accounts.map(async ({ cloud, specs }, at) => {
      const rollouts = await Promise.all(specs.map((spec) => drivers[at]!.start(spec)));
      return { cloud, results: await Promise.all(rollouts.map((rollout) => rollout.result())) };
    }),
  );
  const { user, system } = process.cpuUsage(cpuBefore);
  await Promise.all([...drivers, ...accounts.map(({ cloud }) => cloud)].map((each) => each.close()));
  return { accounts: ended, cpuMs: (user + system) / 1000, heapBytes };
}

function everywhere(trouble: Trouble): readonly Fault[] {
  const services = ['spot', 'codedeploy', 'ec2', 'elbv2', 'cloudwatch'] as const;
  return services.map((service) => ({ ...trouble, on: { service, times: Number.MAX_SAFE_INTEGER } }));
}

const isSuccess = ({ outcome }: RolloutResult): boolean => outcome === 'succeeded';
const resultsOf = (accounts: readonly Account[]): readonly RolloutResult[] =>
  accounts.flatMap(({ results }) => results);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const throttledOf = ({ accounts }: Fleet): number => sum(accounts.map(({ cloud }) => throttledIn(cloud).length));
const requestsOf = ({ accounts }: Fleet): number => sum(accounts.map(({ cloud }) => cloud.requests.length));

/** Simulated milliseconds of the rollout that took the longest. */
function longest(results: readonly RolloutResult[]): number {
  return Math.max(
    ...results.map(({ startedAt, finishedAt }) => Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)),
  );
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapInUse(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
