import type { Lateness, Race } from './race.js';
import { raceAll } from './race-processes.js';
import { mean, median, quantile, seconds, table, type Bar } from './report.js';
import { defaultScenarios, realisticScenario } from './scenarios.js';

const SEEDS = 30;
const ALLOWED = 1.05;

/** How much of a rollout's time is the library's own: its time over that of a driver that knows everything at once. */
export async function measureRollout(): Promise<readonly Bar[]> {
  const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);
  const races = await raceAll([...seeds.map(realisticScenario), ...defaultScenarios()]);
  const realistic = races.slice(0, SEEDS);
  const fast = races.slice(SEEDS);

  console.log(`\nRollout time over that of the omniscient driver, simulated; realistic timings, ${SEEDS} seeds\n`);
  print(realistic);
  console.log('\nThe same with the simulated cloud’s default timings, which are short for tests\n');
  print(fast);
  console.log('\nWhere the library’s extra seconds come from (mean and worst; of those rollouts that have the wait)\n');
  printLateness([
    ['realistic', realistic],
    ['default', fast],
  ]);
  const ratios = realistic.map(({ ratio }) => ratio);
  const fastest = Math.max(...fast.map(({ ratio }) => ratio));
  return [
    { what: `rollout time beside omniscient, median of ${SEEDS}`, found: median(ratios), allowed: ALLOWED, unit: ' ×' },
    {
      what: `rollout time beside omniscient, worst of ${SEEDS}`,
      found: Math.max(...ratios),
      allowed: ALLOWED,
      unit: ' ×',
    },
    {
      what: 'rollout time beside omniscient, worst with default timings',
      found: fastest,
      allowed: ALLOWED,
      unit: ' ×',
    },
  ];
}

function print(races: readonly Race[]): void {
  const rows = races.map(({ scenario, omniscientMs, libraryMs, ratio }) => [
    scenario.name,
    seconds(omniscientMs),
    seconds(libraryMs),
    seconds(libraryMs - omniscientMs),
    `${ratio.toFixed(3)} ×`,
  ]);
  console.log(table(['', 'omniscient s', 'library s', 'extra s', 'ratio'], rows));
  const ratios = races.map(({ ratio }) => ratio);
  const [middle, high, worst] = [median(ratios), quantile(ratios, 0.9), Math.max(...ratios)].map((ratio) =>
    ratio.toFixed(3),
  );
  const requests = median(races.map((each) => each.requests)).toFixed(0);
  console.log(`median ${middle} ×, 90 % ${high} ×, worst ${worst} ×; ${requests} requests a rollout`);
}

function printLateness(groups: ReadonlyArray<readonly [string, readonly Race[]]>): void {
  const names = Object.keys(groups[0]?.[1][0]?.late ?? {}) as Array<keyof Lateness>;
  const rows = names.map((name) => [
    name,
    ...groups.flatMap(([, races]) => {
      const values = races.map(({ late }) => late[name]).filter((value) => !Number.isNaN(value));
      return [seconds(mean(values)), seconds(Math.max(...values))];
    }),
  ]);
  console.log(table(['', ...groups.flatMap(([name]) => [`${name}: mean s`, 'worst s'])], rows));
}
