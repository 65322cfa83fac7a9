import Table from 'cli-table3';
import type { BlueGreen, OpenGate, RolloutEvent, RolloutStatus } from '../index.js';
import { formatDuration } from '../policies/duration.js';
import { cleanLine } from '../report/clean-text.js';
import type { CliContext } from './cli-context.js';
import { commandLine, type SamePlace } from './command-line.js';
import type { CommonOptions } from './drive-rollout.js';
import { withEngine } from './engine.js';
import type { Ending } from './exit-codes.js';
import { coloursFor, jsonLine, rows, say } from './output.js';
import { missingFolder } from './store-folder.js';
import { endError, receiptCount, triedAgain, uncleanLines } from './receipt-text.js';

/** `status [ID]`: all rollouts of the store as a table, or everything about one. */
export async function status(context: CliContext, options: CommonOptions, id: string | undefined): Promise<Ending> {
  const { stdout, stderr, clock } = context;
  const unreadable: string[] = [];
  const tell = ({ name, data }: RolloutEvent): void => {
    if (name === 'store:journal:unreadable') unreadable.push(data.message);
  };
  const work = async (engine: BlueGreen, folder: string | undefined): Promise<Ending> => {
    const missing = await missingFolder(folder);
    if (missing !== undefined)
      say(stderr, cleanLine(`warning: ${missing}; --store names the one that rollouts are kept in`));
    const found = id === undefined ? await engine.list() : await engine.status(id);
    if (options.json === true) say(stdout, jsonLine(found));
    else if ('length' in found) say(stdout, found.length === 0 ? noneIn(folder) : tableOf(found, clock.now()));
    else for (const line of details(found, context, options)) say(stdout, line);
    for (const message of unreadable) say(stderr, cleanLine(`warning: ${message}`));
    return unreadable.length === 0 ? 'succeeded' : 'error';
  };
  return withEngine(context, options, work, tell);
}

const NO_LINES = Object.fromEntries(
  'top|top-mid|top-left|top-right|bottom|bottom-mid|bottom-left|bottom-right|left|left-mid|mid|mid-mid|right|right-mid'
    .split('|')
    .map((part) => [part, '']),
);

const noneIn = (folder: string | undefined): string =>
  cleanLine(`no rollouts in ${folder ?? 'the store that the configuration names'}`);

function tableOf(rollouts: readonly RolloutStatus[], now: number): string {
  const table = new Table({
    head: ['ID', 'KIND', 'OUTCOME', 'STEP', 'AGE', 'LAST ENTRY', 'OPEN GATES'],
    chars: { ...NO_LINES, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const rollout of rollouts) {
    const { id, kind, step, startedAt, lastEntryAt, openGates } = rollout;
    const [age, idle] = [startedAt, lastEntryAt].map((at) => wholeUnits(now - Date.parse(at)));
    table.push(
      [id, kind, standing(rollout), step ?? '-', age ?? '', `${idle} ago`, openGates.join(', ') || '-'].map(cleanLine),
    );
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function standing({ outcome, direction }: RolloutStatus): string {
  return direction === 'undo' && (outcome === 'running' || outcome === 'suspended')
    ? `${outcome}, going back`
    : outcome;
}

/** To the second below two minutes, to the minute above: an age needs no more. */
function wholeUnits(ms: number): string {
  const unit = Math.abs(ms) < 120_000 ? 1_000 : 60_000;
  return formatDuration(Math.round(ms / unit) * unit);
}

function details(found: RolloutStatus, context: CliContext, place: SamePlace): readonly string[] {
  const { id, kind, step, saw, startedAt, lastEntryAt, finishedAt, pivotPassedAt, spotExpiresAt } = found;
  const now = context.clock.now();
  const ago = (at: string | undefined): string | undefined =>
    at === undefined ? undefined : `${at} (${wholeUnits(now - Date.parse(at))} ago)`;
  const { bold, isColorSupported } = coloursFor(context.stdout, context);
  return [
    `${bold(cleanLine(id))} ${standing(found)}`,
    ...rows([
      ['kind', kind],
      ['step', step],
      ['it saw', saw],
      ['started', ago(startedAt)],
      ['last entry', ago(lastEntryAt)],
      ['pivot passed', ago(pivotPassedAt)],
      ['order to abort', orderText(found)],
      ['finished', ago(finishedAt)],
      ['receipt', receiptCount(found)],
      ['Spot ends the mode', finishedAt === undefined ? spotExpiresAt : undefined],
      ...found.warnings.map(({ code, message }) => ['warning', `${code}: ${message}`] as const),
    ]),
    ...found.gates.flatMap((gate) => gateLines(id, gate, place)),
    ...lastLines(found, place, isColorSupported),
  ];
}

/** What went wrong, and how it goes on. */
function lastLines(found: RolloutStatus, place: SamePlace, colour: boolean): readonly string[] {
  const { id, direction, finishedAt, error } = found;
  const told = (shown: typeof error): readonly string[] =>
    shown === undefined ? uncleanLines(found) : endError(shown, found, colour).split('\n');
  if (finishedAt !== undefined) return [...told(error), ...triedAgain(found, place)];
  const hint = `go on when nobody drives it: ${commandLine(['resume', id], place)}`;
  // Why it goes back has a hint for the time after that; until then there is one thing to do.
  return direction === 'undo' && error !== undefined ? told({ ...error, hint }) : [...told(error), `  ${hint}`];
}

function orderText({ abortOrdered, direction, finishedAt }: RolloutStatus): string | undefined {
  if (abortOrdered === undefined) return undefined;
  const given = `by ${abortOrdered.by}: ${abortOrdered.reason}`;
  const open = direction === 'forward' && finishedAt === undefined;
  return open ? `${given} (not obeyed yet: whoever drives it does, or resumes it)` : given;
}

function gateLines(id: string, { name, evidence, hash, untilAt }: OpenGate, place: SamePlace): readonly string[] {
  const seen = typeof evidence === 'object' && evidence !== null ? Object.entries(evidence) : [];
  // The yes is for what is shown here, not for what may have become of it meanwhile.
  const hashed = hash === undefined ? [] : ['--evidence', hash];
  return [
    `  the gate ${cleanLine(name)} waits for an answer${untilAt === undefined ? '' : ` until ${untilAt}`}:`,
    ...rows(seen.map(([what, value]) => [what, typeof value === 'string' ? value : JSON.stringify(value)])).map(
      (line) => `  ${line}`,
    ),
    `    ${commandLine(['approve', id, name, ...hashed], place)}`,
    `    ${commandLine(['reject', id, name, '--reason', 'WHY'], place)}`,
  ];
}
