import { AWAIT_TURN, AWAIT_TURN_MS, awaitTurn, type TurnGround } from './engine/await-turn.js';
import type { Plan } from './engine/plan.js';
import type { RolloutState } from './engine/rollout-state.js';
import type { TimeoutPolicy } from './policies/timeout.js';

/** The plan with the wait for its turn before everything else, if it is one that waits. */
export function withTurn(
  plan: Plan,
  ground: Pick<TurnGround, 'store' | 'clock' | 'rolloutId' | 'takeBack'> & { readonly timeout: TimeoutPolicy },
): Plan {
  const { whenBusy = 'fail', targets } = plan;
  if (whenBusy === 'fail') return plan;
  const waitMs = ground.timeout({ scope: 'step', stepId: AWAIT_TURN, derivedMs: AWAIT_TURN_MS });
  const steps = [awaitTurn({ ...ground, targets, whenBusy }), ...plan.steps];
  return { ...plan, steps, withinMs: plan.withinMs + waitMs };
}

/** Whether a step of the plan takes the targets, and has not yet. */
export function takesTargetsItself(plan: Plan, { steps }: RolloutState): boolean {
  return plan.steps.some(({ id }) => id === AWAIT_TURN) && steps.get(AWAIT_TURN)?.status !== 'done';
}
