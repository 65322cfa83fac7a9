import type { BlueGreenErrorJson } from '../errors/blue-green-error.js';
import type { TimedOut, TimeoutAction } from '../policies/timeout.js';
import type { Plan } from './plan.js';
import type { RolloutState, StepState } from './rollout-state.js';
import type { LifecycleStage } from './stages.js';

/** From when on a budget counts: time that nobody drives does not count. */
export interface BudgetClock {
  readonly at: number;
  /** Time that had been lost to suspension by then, over the whole rollout. */
  readonly suspendedMs: number;
}

/** Budgets that began anew after somebody had said that it should go on. */
export interface RenewedClocks {
  readonly rollout?: BudgetClock;
  readonly stages: ReadonlyMap<LifecycleStage, BudgetClock>;
}

/** A time that was up, and what was decided. */
export interface DecidedTimeout {
  readonly action: TimeoutAction;
  readonly scope: TimedOut['scope'];
  readonly stage: LifecycleStage | undefined;
  readonly error: BlueGreenErrorJson;
}

const SCOPES: ReadonlyMap<string, TimedOut['scope']> = new Map([
  ['STEP_TIMED_OUT', 'step'],
  ['STAGE_TIMED_OUT', 'stage'],
  ['ROLLOUT_TIMED_OUT', 'rollout'],
]);

/** Whose time was up, if that is why the way forward ends. */
export function scopeOf({ code }: BlueGreenErrorJson): TimedOut['scope'] | undefined {
  return SCOPES.get(code);
}

export function elapsedSince(clock: BudgetClock, { suspendedMs }: RolloutState, at: number): number {
  return Math.max(0, at - clock.at - (suspendedMs - clock.suspendedMs));
}

export function rolloutElapsedMs(state: RolloutState, at: number): number {
  return elapsedSince(state.clocks.rollout ?? { at: state.startedAt, suspendedMs: 0 }, state, at);
}

/** How long the stage had lasted when a step of it began, or until now for one that begins now. */
export function stageElapsedMs(
  { steps }: Pick<Plan, 'steps'>,
  state: RolloutState,
  stage: LifecycleStage,
  began: BudgetClock,
): number {
  const clock = state.clocks.stages.get(stage) ?? firstStepIn(steps, state, stage) ?? began;
  return Math.max(0, began.at - clock.at - (began.suspendedMs - clock.suspendedMs));
}

/** What keeps a plan going while others wait is no step of a stage. */
function firstStepIn(steps: Plan['steps'], state: RolloutState, stage: LifecycleStage): BudgetClock | undefined {
  for (const step of steps) {
    const begun = step.stage === stage ? state.steps.get(step.id) : undefined;
    if (begun !== undefined && begun.status !== 'skipped') return clockOf(begun);
  }
  return undefined;
}

export const clockOf = ({ startedAt, suspendedMsAtStart }: StepState): BudgetClock => ({
  at: startedAt,
  suspendedMs: suspendedMsAtStart,
});

/** After a time was up somebody lets it go on: what was up begins anew, and nothing else. */
export function goneOnWith(
  state: RolloutState,
  { scope, stage }: DecidedTimeout,
  clock: BudgetClock,
): Pick<RolloutState, 'timedOut' | 'clocks' | 'steps'> {
  const { clocks, steps } = state;
  if (scope === 'rollout') return { timedOut: undefined, clocks: { ...clocks, rollout: clock }, steps };
  const stages = new Map(clocks.stages);
  if (scope === 'stage' && stage !== undefined) stages.set(stage, clock);
  const renewed = [...steps].map(([id, step]): [string, StepState] => [
    id,
    step.status === 'failed' ? begunAnew(step, clock) : step,
  ]);
  return { timedOut: undefined, clocks: { ...clocks, stages }, steps: new Map(renewed) };
}

/** What the step remembers of what it saw stays: a cloud's clock may have begun with it. */
function begunAnew(step: StepState, { at, suspendedMs }: BudgetClock): StepState {
  const { error: _error, endedAt: _endedAt, untilAt: _untilAt, ...kept } = step;
  return { ...kept, status: 'running', startedAt: at, suspendedMsAtStart: suspendedMs, again: true };
}

/** Of a step that begins anew, what it remembers. */
export function remembered({ again, memo, saw, sawAt, facts }: StepState): Partial<StepState> {
  if (again !== true) return {};
  return {
    ...(memo === undefined ? {} : { memo }),
    ...(saw === undefined ? {} : { saw }),
    ...(sawAt === undefined ? {} : { sawAt }),
    ...(facts === undefined ? {} : { facts }),
  };
}
