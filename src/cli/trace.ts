import type { CloudTrace, TraceEntry } from '../index.js';
import { formatDuration } from '../policies/duration.js';
import { cleanLine } from '../report/clean-text.js';
import type { CliContext } from './cli-context.js';
import type { CommonOptions } from './drive-rollout.js';
import { withEngine } from './engine.js';
import type { Ending } from './exit-codes.js';
import { coloursFor, jsonLine, say } from './output.js';

/** `trace ID`: what the clouds did during a rollout, one line for each thing that changed. */
export async function trace(context: CliContext, options: CommonOptions, id: string): Promise<Ending> {
  const { stdout } = context;
  const found = await withEngine(context, options, (engine) => engine.trace(id));
  if (options.json === true) say(stdout, jsonLine(found));
  else for (const line of linesOf(found, coloursFor(stdout, context).bold)) say(stdout, line);
  return 'succeeded';
}

type Value = TraceEntry['now'];

/** Ids beyond these are counted: a fleet of hundreds that changes alike is one line. */
const NAMED = 4;

function linesOf(found: CloudTrace, bold: (text: string) => string): readonly string[] {
  const { rolloutId, startedAt, entries, droppedEntries } = found;
  const title = `${bold(cleanLine(rolloutId))} what the clouds did since ${startedAt}`;
  if (entries.length === 0) return [title, '  nothing was written down'];
  const table = entries.map((entry) => cellsOf(entry, startedAt));
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  return [
    title,
    ...table.map(([time = '', where = '', who = '', ...rest]) => {
      const told = [time.padStart(widths[0] ?? 0), where.padEnd(widths[1] ?? 0), who.padEnd(widths[2] ?? 0), ...rest];
      return `  ${told.join('  ')}`.trimEnd();
    }),
    ...(droppedEntries === undefined ? [] : [`  the trace was full: ${droppedEntries} entries were left out`]),
  ];
}

function cellsOf(entry: TraceEntry, startedAt: string): readonly string[] {
  const { at, cloud, what, subjects, now } = entry;
  return [
    `+${sinceStart(at, startedAt)}`,
    `${cloud} ${what === 'still' ? textOf(now) : what}`,
    nameOf(subjects),
    what === 'still' ? 'still so' : changeOf(entry, startedAt),
  ].map(cleanLine);
}

function changeOf({ now, was, wasUntil }: TraceEntry, startedAt: string): string {
  if (was === undefined) return textOf(now);
  const until = wasUntil === undefined ? '' : ` (until +${sinceStart(wasUntil, startedAt)})`;
  return `${textOf(was)} → ${textOf(now)}${until}`;
}

function nameOf(subjects: readonly string[]): string {
  const more = subjects.length - NAMED;
  return `${subjects.slice(0, NAMED).join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Whole seconds: looks are further apart than that. */
const sinceStart = (at: string, startedAt: string): string =>
  formatDuration(Math.max(0, Math.round((Date.parse(at) - Date.parse(startedAt)) / 1_000) * 1_000));

function textOf(value: Value): string {
  if (value === null) return 'gone';
  if (value === true) return 'there';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : value.map(textOf).join(', ');
  const members = Object.entries(value).filter(([, held]) => held !== undefined);
  return members.length === 0
    ? 'none'
    : members.map(([key, held]) => `${key}=${held === null ? 'null' : textOf(held ?? null)}`).join(' ');
}
