import type { Direction } from './journal.js';
import type { DriverEnvironment } from './driving.js';
import type { Step, StepContext, WaitStep } from './step.js';
import { clockOf, rolloutElapsedMs, stageElapsedMs, type BudgetClock } from './timed-out.js';

type Ground = Pick<DriverEnvironment, 'plan' | 'journal' | 'timeout'>;

/** How long a wait may take from its beginning on, and whose limit that is. */
export interface WaitBudget {
  readonly withinMs: number;
  /** Set where the wait's stage ends before the wait's own limit: what the whole stage may take. */
  readonly stageMs?: number;
}

/** The way back has no stages: it takes what it takes. */
export function budgetOf(ground: Ground, step: WaitStep, context: StepContext): WaitBudget {
  const ownMs = ground.timeout({ scope: 'step', stepId: step.id, derivedMs: step.within(context) });
  if (context.direction === 'undo') return { withinMs: ownMs };
  const { stageMs, leftMs } = stageLeft(ground, step);
  return leftMs < ownMs ? { withinMs: leftMs, stageMs } : { withinMs: ownMs };
}

/** What a step's stage may take, and what was left of that when the step began. */
export function stageLeft(
  { plan, journal, timeout }: Ground,
  { id, stage }: Step,
): { readonly stageMs: number; readonly leftMs: number } {
  const stageMs = timeout({ scope: 'stage', stage, derivedMs: Number.POSITIVE_INFINITY });
  if (!Number.isFinite(stageMs)) return { stageMs, leftMs: stageMs };
  const { state } = journal;
  const step = state.steps.get(id);
  const now: BudgetClock = { at: journal.engineTime(), suspendedMs: state.suspendedMs };
  const began = step === undefined || step.again === true ? now : clockOf(step);
  return { stageMs, leftMs: Math.max(0, stageMs - stageElapsedMs(plan, state, stage, began)) };
}

/** Engine time at which a wait that starts now gives up; undefined where it has no end of its own. */
export function givesUpAt(ground: Ground, step: Step, context: StepContext): number | undefined {
  if (step.type !== 'wait') return undefined;
  const cloudsLimit = step.until?.(context) ?? Number.POSITIVE_INFINITY;
  const now = context.now();
  const ownLimit = now + Math.min(budgetOf(ground, step, context).withinMs, rolloutLeftMs(ground, context.direction));
  const at = Math.min(ownLimit, cloudsLimit);
  return at <= LAST_DATE_MS ? at : undefined;
}

/** What comes later cannot be told as a date. */
const LAST_DATE_MS = 8.64e15;

/** Past the pivot, and on the way back, the rollout has no end of its own. */
function rolloutLeftMs({ plan, journal }: Ground, direction: Direction): number {
  const { state } = journal;
  if (direction === 'undo' || state.pivot !== undefined) return Number.POSITIVE_INFINITY;
  return plan.withinMs - rolloutElapsedMs(state, journal.engineTime());
}

/** How long a wait may sleep before something else is due: the end of the rollout's time, or the upkeep of the plan. */
export function undisturbedMs(ground: Ground, direction: Direction): number {
  if (direction === 'undo') return Number.POSITIVE_INFINITY;
  const { plan, journal } = ground;
  const upkeepMs = (plan.upkeep?.(journal.state)?.dueAt ?? Number.POSITIVE_INFINITY) - journal.engineTime();
  return Math.min(rolloutLeftMs(ground, direction) + 1, upkeepMs);
}
