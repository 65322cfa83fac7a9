import type { RolloutState } from './rollout-state.js';
import { goneOnWith } from './timed-out.js';

/**
 * Of the way back nothing counts as done: each of its steps looks first, and acts on what still differs. Past the pivot the step
 * that failed, and what comes after it, runs again; what was done by then is not sent a second time. What was stopped before the
 * pivot because its time was up, and not taken back, goes on.
 */
export function takenUpAgain(before: RolloutState, at: number): Partial<RolloutState> {
  const { suspendedMs, timedOut } = before;
  const goesOn = timedOut !== undefined && before.unwinding === undefined;
  const state = goesOn ? { ...before, ...goneOnWith(before, timedOut, { at, suspendedMs }) } : before;
  const steps = [...state.steps.keys()];
  const failedAt = steps.findIndex((id) => before.steps.get(id)?.status === 'failed');
  const forward = state.pivot === undefined || failedAt === -1 ? [] : steps.slice(failedAt);
  return {
    finished: undefined,
    timedOut: state.timedOut,
    clocks: state.clocks,
    undone: new Map(),
    steps: new Map([...state.steps].filter(([id]) => !forward.includes(id))),
    operations: new Map([...state.operations].filter(([, { step }]) => !state.undone.has(step))),
  };
}
