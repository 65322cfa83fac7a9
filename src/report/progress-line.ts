import type { RolloutEvent } from '../events/events.js';
import { answerCommand } from './answer-command.js';
import { cleanText, firstLine } from './clean-text.js';
import type { Colours } from './colours.js';
import { npxCommand, type WholeCommand } from './shell-command.js';
import { evidenceHashTold } from './told-facts.js';

/** An event as one line with its time, and the lines below it; undefined for what only a machine wants to know. */
export function progressLine(
  event: RolloutEvent,
  rolloutId: string,
  colours: Colours,
  command: WholeCommand = npxCommand,
): string | undefined {
  const text = wordsOf(event, rolloutId, command);
  if (text === undefined) return undefined;
  const [head = '', ...more] = cleanText(text).split('\n');
  // What follows is indented: a line end from outside must not look like a line of ours.
  return [
    `${colours.dim(clockTime(event.at))} ${painted(head, event, colours)}`,
    ...more.map((line) => `${INDENT}${line}`),
  ].join('\n');
}

/** `09:03:36`; the day is said once, at the start, and again when it changes. */
export function clockTime(at: string): string {
  return at.slice(11, 19);
}

export function dayOf(at: string): string {
  return at.slice(0, 10);
}

/** Without the day where it is today's. */
export function timeOn(at: string, now: string): string {
  return dayOf(at) === dayOf(now) ? clockTime(at) : `${dayOf(at)} ${clockTime(at)}`;
}

const GATE = 'gate/';

const INDENT = `${' '.repeat(9)}│ `;

function wordsOf(event: RolloutEvent, rolloutId: string, command: WholeCommand): string | undefined {
  switch (event.name) {
    case 'step:run:started': {
      const { untilAt } = event.data;
      return untilAt === undefined ? event.text : `${event.text} (until ${timeOn(untilAt, event.at)})`;
    }
    case 'rollout:unwind:started':
      // In full at the step that failed.
      return `taking the release back: ${firstLine(event.data.error.message)}`;
    case 'step:run:failed':
      return `${event.data.step}: ${event.data.error.code}: ${event.data.error.message}`;
    case 'operation:send:refused':
      return `  ← ${event.data.key} refused: ${firstLine(event.data.error.message)}`;
    case 'rollout:finish:recorded':
      return OUTCOMES[event.data.outcome] ?? event.data.outcome;
    case 'step:run:observed': {
      const { step, facts } = event.data;
      const sees = `  sees: ${event.text}`;
      if (!step.startsWith(GATE)) return sees;
      const gate = { rolloutId, gate: step.slice(GATE.length), hash: evidenceHashTold(facts) };
      return `${sees}\nto say yes: ${answerCommand(gate, command).join(' ')}`;
    }
    case 'operation:send:intended':
      return `  → ${event.text}`;
    case 'operation:send:completed':
      return `  ← ${event.text}${typeof event.data.result === 'string' ? `: ${event.data.result}` : ''}`;
    default:
      return event.level === 'debug' ? undefined : event.text;
  }
}

export const OUTCOMES: Readonly<Record<string, string>> = {
  succeeded: 'succeeded: everything that serves is proven green',
  'rolled-back': 'rolled back: everything is as it was before',
  refused: 'refused: nothing was touched',
  failed: 'failed: neither the release nor the way back could be finished; the receipt says what differs',
  suspended: 'suspended: nobody drives the rollout now; resume it',
};

function painted(text: string, { name, level, data }: RolloutEvent, colours: Colours): string {
  const { bold, red, yellow, green, dim, cyan } = colours;
  if (name === 'rollout:finish:recorded') return bold((data.outcome === 'succeeded' ? green : red)(text));
  if (level === 'error') return red(text);
  if (level === 'warn') return yellow(text);
  if (name === 'step:run:observed') return dim(text);
  if (name.startsWith('operation:')) return cyan(text);
  return text;
}
