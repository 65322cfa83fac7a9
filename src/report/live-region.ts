import { STAGES } from '../engine/stages.js';
import { formatDuration } from '../policies/duration.js';
import { answerCommand } from './answer-command.js';
import { cleanLine } from './clean-text.js';
import type { Colours } from './colours.js';
import { clockTime, timeOn } from './progress-line.js';
import { releaseTable } from './release-table.js';
import type { RolloutView, StepView } from './rollout-view.js';
import { commandLines, type WholeCommand } from './shell-command.js';
import { bakeEndTold, evidenceHashTold, releaseTold } from './told-facts.js';

/** What a status adds to what the events tell. */
export interface LiveFacts {
  readonly id: string;
  /** Gates that wait for an answer now. */
  readonly openGates: readonly string[];
  /** ISO time at which Spot ends the deployment mode by itself. */
  readonly spotExpiresAt?: string | undefined;
  readonly command: WholeCommand;
}

/** Rows that everything but the table of instances may take. */
const OTHER_ROWS = 12;

type Line = readonly [text: string, paint: (text: string) => string];

/**
 * The lines that are drawn over and over while a rollout runs, none wider than the terminal; a command is broken where a
 * shell allows it, and never cut.
 */
export function liveRegion(
  view: RolloutView,
  facts: LiveFacts,
  colours: Colours,
  columns: number,
  rows = Number.POSITIVE_INFINITY,
): readonly string[] {
  const step = view.steps.findLast(({ status }) => status === 'running') ?? view.steps.at(-1);
  const { bold, dim, yellow, cyan } = colours;
  const width = Math.max(20, columns - 1);
  const lines: readonly Line[] = [
    ['', same],
    [`${facts.id} · ${view.targets.join(' · ')}`, bold],
    ...(step === undefined ? [] : stepLines(view, step, colours, rows)),
    [fleetLine(view), cyan],
    ...(facts.spotExpiresAt === undefined
      ? []
      : [
          [
            `Spot ends the deployment mode by itself at ${timeLeft(Date.parse(facts.spotExpiresAt), view)}`,
            dim,
          ] as const,
        ]),
    ...facts.openGates.flatMap((gate) => gateLines(view, facts, gate, width, yellow)),
    [`${formatDuration(view.lastAt - view.startedAt)} elapsed at ${clockTime(iso(view.lastAt))} UTC`, dim],
  ];
  const isCommand = (text: string): boolean => text.startsWith(COMMAND);
  return lines
    .filter(([text], index) => index === 0 || text !== '')
    .map(([text, paint]) => paint(isCommand(text) ? text : clipped(text, width)));
}

function stepLines(view: RolloutView, step: StepView, { bold, red, dim }: Colours, rows: number): readonly Line[] {
  const { steps, lastAt } = view;
  const back = step.direction === 'undo';
  const at = STAGES.indexOf(step.stage);
  const stage = back ? 'on the way back' : `${step.stage} · stage ${at + 1} of ${STAGES.length}`;
  const bar = back ? '' : ` ${'━'.repeat(at + 1)}${'╌'.repeat(STAGES.length - at - 1)}`;
  const saw = step.notes.findLast(({ sort }) => sort === 'saw')?.text;
  const taken = steps.filter(({ status }) => status === 'done').length;
  const since = `since ${clockTime(iso(step.startedAt))}, ${formatDuration(lastAt - step.startedAt)}`;
  const until =
    step.untilAt === undefined || step.status !== 'running' ? '' : `  until ${timeLeft(step.untilAt, view)}`;
  const bakeEndsAt = bakeEndTold(step.facts);
  const told = releaseTold(step.facts);
  return [
    [`${stage}${bar} ${taken} steps done`, back ? red : bold],
    [`  ${step.title} (${since})`, same],
    [until, same],
    [bakeEndsAt === undefined ? '' : `  the bake ends at ${timeLeft(bakeEndsAt, view)}`, bold],
    [saw === undefined ? '' : `  sees: ${cleanLine(saw)}`, dim],
    ...(told === undefined ? [] : releaseTable(told, rows - OTHER_ROWS).map((line): Line => [line, same])),
  ];
}

const COMMAND = '    ';

/** Who must act, and how. */
function gateLines(
  view: RolloutView,
  { id, command }: LiveFacts,
  gate: string,
  width: number,
  paint: Line[1],
): readonly Line[] {
  const name = cleanLine(gate);
  const step = view.steps.findLast(({ id: each }) => each === `gate/${name}`);
  const until = step?.untilAt === undefined ? '' : `, until ${timeLeft(step.untilAt, view)}`;
  const parts = answerCommand({ rolloutId: id, gate: name, hash: evidenceHashTold(step?.facts) }, command);
  return [
    [`▶ the gate "${name}" waits for an answer: approve or reject it${until}`, paint],
    ...commandLines(parts, width - COMMAND.length).map((line): Line => [`${COMMAND}${line}`, paint]),
  ];
}

/** `14:32:00 UTC (in 12 min)`, by the time of the last event. */
function timeLeft(at: number, { lastAt }: RolloutView): string {
  if (Number.isNaN(at)) return 'a time that is not known';
  const leftMs = at - lastAt;
  return `${timeOn(iso(at), iso(lastAt))} UTC (${leftMs > 0 ? `in ${formatDuration(leftMs)}` : 'now'})`;
}

function fleetLine({ fleets }: RolloutView): string {
  const { blue, green, wanted, released } = fleets.at(-1) ?? {};
  const parts = [
    blue === undefined ? '' : `blue ${blue}`,
    green === undefined ? '' : `green ${green}${wanted === undefined ? '' : `/${wanted}`}`,
    released === undefined || green === undefined ? '' : `released ${released}/${green}`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

const same = (text: string): string => text;
const iso = (at: number): string => new Date(at).toISOString();

function clipped(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
