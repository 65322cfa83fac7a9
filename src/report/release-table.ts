import type { ColourTold, InstanceTold, ReleaseTold } from './told-facts.js';

/** More of them are counted, not listed. */
const MOST_LISTED = 12;

/** The release instance by instance where there are few, and else how many stand where. */
export function releaseTable({ green, blue, instances }: ReleaseTold, room: number): readonly string[] {
  const total = (green['total'] ?? 0) + (blue['total'] ?? 0);
  const all = instances.length === total;
  if (all && total > 0 && total <= Math.min(MOST_LISTED, room)) return listed(instances);
  // Of many only those are told that are not where most are: they say how many failed, and not how many are where.
  const failed = instances.filter(({ status }) => status === 'Failed');
  return [
    ...counts('green', green, all ? instances : []),
    ...counts('blue', blue, all ? instances : []),
    ...failed.slice(0, 3).map((instance) => `  ✗ ${cells(instance).join(' ')}`),
  ];
}

function listed(instances: readonly InstanceTold[]): readonly string[] {
  const rows = [...instances].sort((a, b) => (a.colour === b.colour ? 0 : a.colour === 'green' ? -1 : 1)).map(cells);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

function cells({ colour, id, status, event, eventStatus }: InstanceTold): readonly string[] {
  const at =
    event === undefined || (status === 'Succeeded' && eventStatus === 'Succeeded')
      ? ''
      : ` · ${event} ${eventStatus ?? ''}`;
  return [colour, id, `${status}${at}`];
}

const STATES: ReadonlyArray<readonly [name: string, words: string]> = [
  ['failed', 'failed'],
  ['succeeded', 'succeeded'],
  ['ready', 'ready'],
  ['inProgress', 'under way'],
  ['pending', 'pending'],
];

function counts(colour: 'green' | 'blue', told: ColourTold, instances: readonly InstanceTold[]): readonly string[] {
  if ((told['total'] ?? 0) === 0) return [];
  const states = STATES.filter(([name]) => (told[name] ?? 0) > 0).map(([name, words]) => `${told[name]} ${words}`);
  const events = new Map<string, number>();
  for (const each of instances) {
    if (each.colour === colour && each.eventStatus === 'InProgress' && each.event !== undefined)
      events.set(each.event, (events.get(each.event) ?? 0) + 1);
  }
  const at = [...events].map(([event, times]) => `${event} on ${times}`);
  return [`  ${colour} ${told['total']}: ${[...states, ...at].join(', ')}`];
}
