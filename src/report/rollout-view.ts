import type { EventPayload, RolloutEvent } from '../events/events.js';
import type { LifecycleStage } from '../engine/stages.js';
import { cleanLine, cleanText, firstLine } from './clean-text.js';
import { EMPTY_FLEETS, fleetsAfter, idsToldBy, type FleetPoint } from './fleet-history.js';
import { healthTo, type HealthPoint } from './health-history.js';
import { releaseTold, type ReleaseTold } from './told-facts.js';
import { textOf } from './unknown-values.js';

/** Something that happened while a step ran. */
export interface Note {
  readonly at: number;
  readonly sort: 'saw' | 'operation' | 'answer' | 'order' | 'trouble';
  readonly text: string;
}

export interface StepView {
  readonly id: string;
  readonly direction: 'forward' | 'undo';
  readonly title: string;
  readonly stage: LifecycleStage;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly status: 'running' | 'done' | 'failed';
  /** It stood and looked: nothing of ours changed anything meanwhile. */
  readonly waits: boolean;
  /** When a wait gives up. */
  readonly untilAt?: number;
  /** What it told machines last; its texts are not clean. */
  readonly facts?: unknown;
  readonly notes: readonly Note[];
}

/** Who answered a gate, and why. */
export interface GateAnswerView {
  readonly gate: string;
  readonly at: number;
  readonly answer: 'approved' | 'rejected';
  readonly by: string;
  readonly reason?: string;
  /** The hash of the evidence that the answer names. */
  readonly evidence?: string;
}

export interface Milestone {
  readonly at: number;
  readonly sort: 'pivot' | 'unwind' | 'abort' | 'stopped' | 'resumed' | 'refused';
  readonly text: string;
}

/** What the events of a rollout tell, folded: the live region and the report draw this. Every text in it is clean. */
export interface RolloutView {
  readonly kind: string;
  readonly targets: readonly string[];
  readonly startedAt: number;
  readonly lastAt: number;
  readonly outcome?: string;
  readonly steps: readonly StepView[];
  readonly milestones: readonly Milestone[];
  readonly warnings: ReadonlyArray<{ readonly at: number; readonly text: string }>;
  readonly fleets: readonly FleetPoint[];
  readonly health: readonly HealthPoint[];
  /** The release instance by instance, whenever a wait told it. */
  readonly releases: ReadonlyArray<{ readonly at: number; readonly told: ReleaseTold }>;
  readonly answers: readonly GateAnswerView[];
  /** Of each step that failed on an instance: on which, and in which of CodeDeploy's events. */
  readonly failures: ReadonlyArray<{ readonly at: number; readonly id: string; readonly event: string }>;
  readonly blueIds: readonly string[];
  readonly greenIds: readonly string[];
  /** CodeDeploy's own ids, in their order. */
  readonly codeDeployDeploymentIds: readonly string[];
}

export const EMPTY_VIEW: RolloutView = Object.freeze({
  kind: '',
  targets: [],
  startedAt: 0,
  lastAt: 0,
  steps: [],
  milestones: [],
  warnings: [],
  fleets: [],
  health: [],
  releases: [],
  answers: [],
  failures: [],
  blueIds: [],
  greenIds: [],
  codeDeployDeploymentIds: [],
});

export function viewAfter(before: RolloutView, event: RolloutEvent): RolloutView {
  const at = Date.parse(event.at);
  const view = {
    ...before,
    lastAt: Math.max(before.lastAt, at),
    ...fleetsOf(before, event, at),
    ...healthOf(before, event, at),
    ...idsToldBy(event),
  };
  const milestone = (sort: Milestone['sort'], text: string): RolloutView => ({
    ...view,
    milestones: [...view.milestones, { at, sort, text: cleanText(text) }],
  });
  switch (event.name) {
    case 'rollout:start:recorded': {
      const { kind, targets } = event.data;
      return { ...view, kind: cleanLine(kind), targets: targets.map(cleanLine), startedAt: at };
    }
    case 'rollout:drive:started':
      return event.data.resumed ? milestone('resumed', 'another process drives on') : view;
    case 'rollout:drive:stopped':
      return milestone('stopped', event.data.because);
    case 'rollout:abort:ordered':
      return milestone('abort', `${event.data.by} gave the order to abort: ${event.data.reason}`);
    case 'rollout:abort:refused':
      return milestone('refused', `too late to abort: ${event.data.because}`);
    case 'rollout:unwind:started':
      return milestone('unwind', firstLine(event.data.error.message));
    case 'rollout:pivot:passed':
      return milestone('pivot', event.data.fact);
    case 'rollout:check:warned':
    case 'store:choice:warned':
      return { ...view, warnings: [...view.warnings, { at, text: cleanText(event.data.message) }] };
    case 'rollout:finish:recorded':
      return { ...view, outcome: cleanLine(event.data.outcome) };
    case 'gate:answer:recorded': {
      const { gate, answer, by, reason } = event.data;
      const text = `${by} ${answer} it${reason === undefined || reason === '' ? '' : `: ${reason}`}`;
      const evidence = textOf(event.data, 'evidence');
      const given: GateAnswerView = {
        gate: cleanLine(gate),
        at,
        answer,
        by: cleanLine(by),
        ...(reason === undefined || reason === '' ? {} : { reason: cleanText(reason) }),
        ...(evidence === undefined ? {} : { evidence: cleanLine(evidence) }),
      };
      const answered = { ...view, answers: [...view.answers, given] };
      return withNote(answered, `gate/${gate}`, { at, sort: answer === 'approved' ? 'answer' : 'trouble', text });
    }
    case 'gate:answer:refused': {
      const { gate, by, because } = event.data;
      const text = `the yes of ${by} does not count: ${because}`;
      const open = view.answers.filter((given) => given.gate !== cleanLine(gate));
      return withNote({ ...view, answers: open }, `gate/${gate}`, { at, sort: 'trouble', text });
    }
    case 'step:run:started':
      return withStart(view, event.data, at);
    case 'step:run:observed':
      return withSight(view, event.data, at);
    case 'step:run:completed':
      return withEnd(view, event.data, at, 'done');
    case 'step:run:failed':
      return withNote(
        withEnd(withFailure(view, event.data.error.details, at), event.data, at, 'failed'),
        event.data.step,
        {
          at,
          sort: 'trouble',
          text: firstLine(event.data.error.message),
        },
      );
    case 'operation:send:intended': {
      const { step, call, token } = event.data;
      return withNote(view, step, { at, sort: 'operation', text: `${call} (${token})` });
    }
    case 'operation:send:completed': {
      const { how, result, key } = event.data;
      const ids = key.startsWith('release-green/') && typeof result === 'string' ? [cleanLine(result)] : [];
      const next = { ...view, codeDeployDeploymentIds: [...view.codeDeployDeploymentIds, ...ids] };
      return withNote(next, undefined, { at, sort: 'answer', text: answerOf(how, result) });
    }
    case 'operation:send:refused':
      return withNote(view, undefined, { at, sort: 'trouble', text: `refused: ${event.data.error.message}` });
    default:
      return view;
  }
}

function fleetsOf(view: RolloutView, event: RolloutEvent, at: number): Pick<RolloutView, 'fleets'> {
  const last = view.fleets.at(-1) ?? EMPTY_FLEETS;
  const next = fleetsAfter(last, event, at);
  return { fleets: next === last ? view.fleets : [...view.fleets, next] };
}

function healthOf(view: RolloutView, event: RolloutEvent, at: number): Pick<RolloutView, 'health'> {
  const next = healthTo(view.health.at(-1), event, at);
  return { health: next === undefined ? view.health : [...view.health, next] };
}

function withFailure(view: RolloutView, details: unknown, at: number): RolloutView {
  const id = textOf(details, 'instanceId');
  const event = textOf(details, 'event');
  if (id === undefined || event === undefined) return view;
  return { ...view, failures: [...view.failures, { at, id: cleanLine(id), event: cleanLine(event) }] };
}

function answerOf(how: 'answered' | 'found' | 'presumed', result: unknown): string {
  const id = typeof result === 'string' ? `: ${result}` : '';
  if (how === 'answered') return `done${id}`;
  return how === 'found' ? `its answer was lost; what it did was found${id}` : 'could not be told; taken as done';
}

type StepName = Pick<StepView, 'id' | 'direction'>;

function withStart(
  view: RolloutView,
  { step, direction, title, stage, untilAt }: EventPayload<'step:run:started'>,
  at: number,
): RolloutView {
  const until = Date.parse(untilAt ?? '');
  const limit = Number.isNaN(until) ? {} : { untilAt: until };
  const isIt = (each: StepView): boolean => each.status === 'running' && isStep(each, { id: step, direction });
  // After a resume a step that had begun begins again: for the reader it is the same one.
  if (view.steps.some(isIt)) return changeLast(view, isIt, (each) => ({ ...each, ...limit }));
  const started: StepView = {
    id: cleanLine(step),
    direction,
    title: cleanLine(title),
    stage: stage as LifecycleStage,
    startedAt: at,
    status: 'running',
    waits: false,
    ...limit,
    notes: [],
  };
  return { ...view, steps: [...view.steps, started] };
}

function withEnd(
  view: RolloutView,
  { step, direction }: { step: string; direction: StepView['direction'] },
  at: number,
  status: 'done' | 'failed',
): RolloutView {
  return changeLast(
    view,
    (each) => isStep(each, { id: step, direction }),
    (each) => ({ ...each, status, endedAt: at }),
  );
}

function withSight(
  view: RolloutView,
  { step, direction, saw, facts }: EventPayload<'step:run:observed'>,
  at: number,
): RolloutView {
  const noted = withNote(view, step, { at, sort: 'saw', text: saw });
  if (facts === undefined) return noted;
  const told = releaseTold(facts);
  const releases = told === undefined ? noted.releases : [...noted.releases, { at, told }];
  return changeLast(
    { ...noted, releases },
    (each) => isStep(each, { id: step, direction }),
    (each) => ({ ...each, facts }),
  );
}

/** Under the step, or without one under the step that runs. */
function withNote(view: RolloutView, step: string | undefined, note: Note): RolloutView {
  const id = step === undefined ? view.steps.at(-1)?.id : cleanLine(step);
  return changeLast(
    view,
    (each) => each.id === id,
    (each) => ({
      ...each,
      waits: each.waits || note.sort === 'saw',
      notes: [...each.notes, { ...note, text: cleanText(note.text) }],
    }),
  );
}

function changeLast(
  view: RolloutView,
  isIt: (step: StepView) => boolean,
  change: (step: StepView) => StepView,
): RolloutView {
  const at = view.steps.findLastIndex(isIt);
  return at === -1 ? view : { ...view, steps: view.steps.map((step, index) => (index === at ? change(step) : step)) };
}

function isStep(step: StepView, name: StepName): boolean {
  return step.id === cleanLine(name.id) && step.direction === name.direction;
}
