import { BlueGreenError, type BlueGreenErrorJson } from '../errors/blue-green-error.js';
import type { TimedOut, TimeoutAction } from '../policies/timeout.js';
import type { Outcome } from './journal.js';
import { anythingIntended, undoStepsOf, type Plan } from './plan.js';
import { isClean, type ReceiptLine } from './receipt.js';
import type { OperationState, RolloutState } from './rollout-state.js';
import type { ReadStep, Step, WaitStep } from './step.js';
import { rolloutElapsedMs, scopeOf } from './timed-out.js';

/** What the driver does next. */
export type Action =
  | { readonly do: 'run'; readonly step: Step }
  | { readonly do: 'skip'; readonly step: Step; readonly direction: 'forward' | 'undo' }
  | { readonly do: 'undo'; readonly step: Step }
  /** Looks whether the point of no return is passed; then either goes back or goes on. */
  | { readonly do: 'judge-pivot'; readonly because: BlueGreenErrorJson }
  /** Waits until what was sent can be seen, before anything is taken back: what does not show yet would not be. */
  | { readonly do: 'settle'; readonly forMs: number }
  | { readonly do: 'refuse-abort'; readonly because: string }
  /** A time was up: what becomes of it is the policy's to say, and written down before anything else. */
  | { readonly do: 'decide-timeout'; readonly scope: TimedOut['scope']; readonly because: BlueGreenErrorJson }
  /** This process stops driving; whoever resumes goes on. */
  | { readonly do: 'hold'; readonly because: BlueGreenErrorJson }
  | {
      readonly do: 'finish';
      readonly outcome: Exclude<Outcome, 'suspended'>;
      readonly lines: readonly ReceiptLine[];
      readonly error?: BlueGreenErrorJson;
    }
  | { readonly do: 'nothing' };

/** Decides from the journal alone, without looking at anything; `unsettledMs`: until a call must show what it did. */
export function nextAction(
  plan: Plan,
  state: RolloutState,
  now: number,
  unsettledMs: (key: string, operation: OperationState) => number,
): Action {
  if (state.finished !== undefined) return { do: 'nothing' };
  if (state.unwinding !== undefined) return nextUndo(plan, state, state.unwinding);
  const failure = whyStop(plan, state, now);
  if (failure === undefined) return nextForward(plan, state, now);
  const decided = whatTheTimeoutMeans(state, failure);
  if (decided === 'open' || decided === 'hold') {
    const scope = scopeOf(failure);
    if (decided === 'hold' || scope === undefined) return { do: 'hold', because: failure };
    return { do: 'decide-timeout', scope, because: failure };
  }
  if (state.pivot !== undefined) return nextPastPivot(plan, state, failure);
  const refusal = refusedBeforeAnything(plan, state, failure);
  if (refusal !== undefined) return refusal;
  if (decided === 'fail') return ending(state, standing(plan), (lines) => unfinished(lines, failure));
  const forMs = Math.max(0, ...[...state.operations].map(([key, operation]) => unsettledMs(key, operation)));
  return forMs > 0 ? { do: 'settle', forMs } : { do: 'judge-pivot', because: failure };
}

function nextForward(plan: Plan, state: RolloutState, now: number): Action {
  const due = plan.upkeep?.(state);
  if (due !== undefined && due.dueAt <= now) return { do: 'run', step: due.step };
  for (const step of plan.steps) {
    const status = state.steps.get(step.id)?.status;
    if (status === 'done' || status === 'skipped') continue;
    if (status === undefined && step.when?.(state) === false) return { do: 'skip', step, direction: 'forward' };
    return { do: 'run', step };
  }
  return { do: 'finish', outcome: 'succeeded', lines: plan.fleets(state).lines };
}

/** Why the way forward ends here, if it does. */
function whyStop(plan: Plan, state: RolloutState, now: number): BlueGreenErrorJson | undefined {
  for (const step of state.steps.values()) if (step.error !== undefined) return step.error;
  if (state.abort !== undefined) {
    const { by, reason } = state.abort;
    return new BlueGreenError('ABORTED', `${by} gave the order to abort: ${reason}`, {
      details: { by, reason },
    }).toJSON();
  }
  const activeMs = rolloutElapsedMs(state, now);
  if (state.pivot === undefined && activeMs > plan.withinMs) {
    const message = `the rollout has taken ${activeMs} ms of the ${plan.withinMs} ms that it was allowed`;
    return new BlueGreenError('ROLLOUT_TIMED_OUT', message, {
      details: { activeMs, withinMs: plan.withinMs },
    }).toJSON();
  }
  return undefined;
}

/** What was decided about a time that is up; an order to abort that can still be obeyed is above every policy. */
function whatTheTimeoutMeans(
  { abort, pivot, timedOut }: RolloutState,
  failure: BlueGreenErrorJson,
): TimeoutAction | 'open' | undefined {
  if (scopeOf(failure) === undefined || (abort !== undefined && pivot === undefined)) return undefined;
  return timedOut?.action ?? 'open';
}

/** One look at everything beside what was captured, where the rollout stops before the pivot and takes nothing back. */
function standing({ verifyRestored, takeStock }: Plan): ReadStep {
  return {
    ...takeStock,
    id: `${takeStock.id}/before-pivot`,
    read: async (context) => {
      if (verifyRestored.type === 'read') return verifyRestored.read(context);
      const look = { at: context.now(), elapsedMs: 0, memo: undefined, last: true };
      const verdict = verifyRestored.judge(await verifyRestored.observe(context), look, context);
      if ('failed' in verdict) throw verdict.failed;
      return 'ready' in verdict ? verdict.ready : { lines: [] };
    },
  };
}

/** Nothing was sent to any cloud: there is nothing to take back, and no pivot that could be ours. */
function refusedBeforeAnything(plan: Plan, state: RolloutState, failure: BlueGreenErrorJson): Action | undefined {
  if (anythingIntended(state)) return undefined;
  const lines: ReceiptLine[] = plan.targets.map((subject) => ({
    what: 'everything',
    subject,
    verdict: 'never-changed',
  }));
  const saidNo = [...state.steps.values()].some((step) => step.status === 'failed');
  return { do: 'finish', outcome: saidNo ? 'refused' : 'rolled-back', lines, error: failure };
}

function nextPastPivot(plan: Plan, state: RolloutState, failure: BlueGreenErrorJson): Action {
  const failed = [...state.steps.values()].some((step) => step.status === 'failed');
  if (!failed) return { do: 'refuse-abort', because: state.pivot?.fact ?? '' };
  return ending(state, plan.takeStock, (lines) => unfinished(lines, failure));
}

/** Where everything stands as it should, what did not come to its end is what somebody has to look at. */
function unfinished(lines: readonly ReceiptLine[], failure: BlueGreenErrorJson): Action {
  const { stepId, message: because } = failure;
  const left: ReceiptLine = {
    what: 'rest of the release',
    subject: stepId ?? 'rollout',
    verdict: 'not-checked',
    because,
  };
  return { do: 'finish', outcome: 'failed', lines: isClean(lines) ? [...lines, left] : lines, error: failure };
}

function nextUndo(plan: Plan, state: RolloutState, because: BlueGreenErrorJson): Action {
  const failed = [...state.undone.values()].find((step) => step.error !== undefined)?.error;
  if (failed === undefined) {
    for (const step of undoStepsOf(plan, state)) {
      const status = state.undone.get(step.id)?.status;
      if (status === 'done' || status === 'skipped') continue;
      if (status === undefined && step.when?.(state) === false) return { do: 'skip', step, direction: 'undo' };
      return { do: 'undo', step };
    }
  }
  // What is seen at the end decides, not whether every step of the way back went well.
  return ending(state, plan.verifyRestored, (lines) => ({
    do: 'finish',
    outcome: isClean(lines) ? 'rolled-back' : 'failed',
    lines,
    error: because,
  }));
}

function ending(
  state: RolloutState,
  step: ReadStep | WaitStep,
  finish: (lines: readonly ReceiptLine[]) => Action,
): Action {
  const status = state.undone.get(step.id);
  if (status?.status === 'done')
    return finish((status.output as { lines?: readonly ReceiptLine[] } | undefined)?.lines ?? []);
  if (status?.status === 'failed') {
    const because = status.error?.message ?? 'it could not be looked at';
    return finish([{ what: 'everything', subject: 'the end', verdict: 'not-checked', because }]);
  }
  return { do: 'undo', step };
}
