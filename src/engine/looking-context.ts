import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';
import type { Direction } from './journal.js';
import type { RolloutState } from './rollout-state.js';
import type { StepContext } from './step.js';

/** What a step is given by somebody who only looks: it can change nothing, and nothing is written down. */
export interface LookingContext extends StepContext {
  readonly warnings: ReadonlyArray<{ readonly code: string; readonly message: string }>;
  /** Lets later steps find what this one answered. */
  remember(stepId: string, output: Json): void;
}

/** Looks with the eyes of a rollout, at `state`, without driving it. */
export function lookingContext(look: {
  readonly state: RolloutState;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly direction?: Direction;
}): LookingContext {
  const { now, signal, direction = 'forward' } = look;
  const warnings: Array<{ readonly code: string; readonly message: string }> = [];
  let { state } = look;
  return {
    rolloutId: state.rolloutId,
    direction,
    signal,
    lasting: signal,
    now,
    warnings,
    get state() {
      return state;
    },
    output: <T>(id: string, where: Direction = 'forward') => {
      const step = (where === 'forward' ? state.steps : state.undone).get(id);
      return step?.status === 'done' ? (step.output as T) : undefined;
    },
    effect: ({ call }) =>
      Promise.reject(new BlueGreenError('INTERNAL', `${call} was about to be sent by somebody who may only look`)),
    warn: async (code, message) => void warnings.push({ code, message }),
    remember: (id, output) => {
      const at = { startedAt: now(), endedAt: now(), suspendedMsAtStart: state.suspendedMs };
      state = { ...state, steps: new Map(state.steps).set(id, { status: 'done', output, ...at }) };
    },
  };
}
