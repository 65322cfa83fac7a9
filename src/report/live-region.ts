import { STAGES } from '../engine/stages.js';
import { formatDuration } from '../policies/duration.js';
import { cleanLine } from './clean-text.js';
import type { Colours } from './colours.js';
import { clockTime } from './progress-line.js';
import type { RolloutView, StepView } from './rollout-view.js';

/** What a status adds to what the events tell. */
export interface LiveFacts {
  readonly id: string;
  /** Gates that wait for an answer now. */
  readonly openGates: readonly string[];
  /** ISO time at which Spot ends the deployment mode by itself. */
  readonly spotExpiresAt?: string | undefined;
}

/** The lines that are drawn over and over while a rollout runs, none wider than the terminal. */
export function liveRegion(view: RolloutView, facts: LiveFacts, colours: Colours, columns: number): readonly string[] {
  const step = view.steps.findLast(({ status }) => status === 'running') ?? view.steps.at(-1);
  const { bold, dim, yellow, cyan } = colours;
  const fit = (text: string): string => clipped(text, Math.max(20, columns - 1));
  const lines: ReadonlyArray<readonly [string, (text: string) => string]> = [
    ['', (text) => text],
    [`${facts.id} · ${view.targets.join(' · ')}`, bold],
    ...(step === undefined ? [] : stepLines(view, step, colours)),
    [fleetLine(view), cyan],
    ...(facts.spotExpiresAt === undefined
      ? []
      : [[`Spot ends the deployment mode by itself at ${clockTime(facts.spotExpiresAt)} UTC`, dim] as const]),
    ...facts.openGates.map(
      (gate) => [`▶ the gate "${cleanLine(gate)}" waits for an answer: approve or reject it`, yellow] as const,
    ),
    [`${formatDuration(view.lastAt - view.startedAt)} elapsed at ${clockTime(iso(view.lastAt))} UTC`, dim],
  ];
  return lines.filter(([text], index) => index === 0 || text !== '').map(([text, paint]) => paint(fit(text)));
}

function stepLines(
  { steps, lastAt }: RolloutView,
  step: StepView,
  { bold, red, dim }: Colours,
): ReadonlyArray<readonly [string, (text: string) => string]> {
  const back = step.direction === 'undo';
  const at = STAGES.indexOf(step.stage);
  const stage = back ? 'on the way back' : `${step.stage} · stage ${at + 1} of ${STAGES.length}`;
  const bar = back ? '' : ` ${'━'.repeat(at + 1)}${'╌'.repeat(STAGES.length - at - 1)}`;
  const saw = step.notes.findLast(({ sort }) => sort === 'saw')?.text;
  const taken = steps.filter(({ status }) => status === 'done').length;
  const since = `since ${clockTime(iso(step.startedAt))}, ${formatDuration(lastAt - step.startedAt)}`;
  return [
    [`${stage}${bar} ${taken} steps done`, back ? red : bold],
    [`  ${step.title} (${since})`, (text) => text],
    [saw === undefined ? '' : `  sees: ${cleanLine(saw)}`, dim],
  ];
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

const iso = (at: number): string => new Date(at).toISOString();

function clipped(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
