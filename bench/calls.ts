import type { SimulatedCloudOptions } from '../src/testing/simulated-cloud-options.js';
import type { CloudRequest } from '../src/testing/wire/request-log.js';
import { runLibrary, type LibraryEnd } from './library-rollout.js';
import { seconds, table, type Bar } from './report.js';
import { loadEverything } from './warm-up.js';

const MINUTE = 60_000;

const STORIES: ReadonlyArray<readonly [string, SimulatedCloudOptions]> = [
  ['3 instances', { blue: 3 }],
  ['30 instances', { blue: 30 }],
  // The longest way back: the last script fails, when green already takes traffic.
  ['rollback of 3', { blue: 3, faults: [{ fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' }] }],
];

/** Which calls a rollout makes: how many, how many a minute, and how many in its busiest minute, which the limits count. */
export async function measureCalls(): Promise<readonly Bar[]> {
  await loadEverything();
  // The first rollout compiles and warms what all the others use: its real time would say nothing.
  await runLibrary({ blue: 1 });
  const ends: Array<readonly [string, LibraryEnd]> = [];
  for (const [name, options] of STORIES) ends.push([name, await runLibrary(options)]);

  console.log('\nAPI calls of one rollout, by operation: all · a simulated minute · in the busiest minute\n');
  const all = ends.map(([, end]) => end);
  const operations = [...new Set(all.flatMap(({ cloud }) => cloud.requests.map(nameOf)))].sort();
  const cells = (wanted: (request: CloudRequest) => boolean): readonly string[] =>
    all.map(({ cloud, tookMs }) => {
      const times = cloud.requests.filter(wanted).map(({ atMs }) => atMs);
      if (times.length === 0) return '–';
      const perMinute = (times.length / (tookMs / MINUTE)).toFixed(1);
      return `${times.length} · ${perMinute.padStart(5)} · ${String(busiestMinute(times)).padStart(3)}`;
    });
  console.log(
    table(
      ['', ...ends.map(([name]) => name)],
      [
        ...operations.map((operation) => [operation, ...cells((request) => nameOf(request) === operation)]),
        ['all', ...cells(() => true)],
        ['of them refused', ...cells(({ status }) => typeof status === 'number' && status >= 400)],
        ['outcome', ...all.map(({ result }) => result.outcome)],
        ['simulated s', ...all.map(({ tookMs }) => seconds(tookMs))],
        ['real ms', ...all.map(({ realMs }) => realMs.toFixed(0))],
      ],
    ),
  );
  const [calm, large, back] = all.map(({ result }) => result.outcome);
  const wrong = [calm !== 'succeeded', large !== 'succeeded', back !== 'rolled-back'].filter(Boolean).length;
  return [{ what: 'calls: rollouts that ended otherwise than they should', found: wrong, allowed: 0, unit: '' }];
}

const nameOf = ({ service, operation }: CloudRequest): string => `${service} ${operation}`;

/** The most of these instants within any minute. */
export function busiestMinute(times: readonly number[]): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE).length));
}
