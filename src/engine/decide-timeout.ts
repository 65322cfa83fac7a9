import { BlueGreenError, type BlueGreenErrorJson } from '../errors/blue-green-error.js';
import type { OnTimeout, TimedOut, TimeoutAction } from '../policies/timeout.js';
import type { Clock } from '../ports/clock.js';
import { askInTime, wordsOf } from './ask-in-time.js';
import type { JournalFact } from './journal.js';
import type { RolloutState } from './rollout-state.js';

/** What is to become of a rollout whose time is up: always the same, or what somebody says. */
export interface TimeoutDecider {
  readonly decide: TimeoutAction | OnTimeout;
  /** As it stands in the journal. */
  readonly name: string;
  /** Whether there would be anything to resume from. */
  readonly canHold: boolean;
}

export const TIMEOUT_ACTIONS = ['rollback', 'fail', 'hold'] as const satisfies readonly TimeoutAction[];

const WITHIN_MS = 30_000;

interface Ground {
  readonly decider: TimeoutDecider;
  readonly clock: Clock;
  readonly state: RolloutState;
  /** This process is to stop driving. */
  readonly stop: AbortSignal;
}

/** Asks once; whatever is no answer takes the release back, like any other failure. */
export async function decideTimeout(
  ground: Ground,
  scope: TimedOut['scope'],
  error: BlueGreenErrorJson,
): Promise<Extract<JournalFact, { readonly type: 'timeout-decided' }>> {
  const { decider, state } = ground;
  const { decide, name } = decider;
  const stepId = scope === 'rollout' ? undefined : error.stepId;
  const stage = stepId === undefined ? undefined : state.steps.get(stepId)?.stage;
  const said = typeof decide === 'string' ? { action: decide } : await ask(ground, decide, scope, stepId, error);
  const { action, because } = allowed(decider, said);
  return {
    type: 'timeout-decided',
    action,
    scope,
    error,
    by: name,
    ...(stage === undefined ? {} : { stage }),
    ...(because === undefined ? {} : { because }),
  };
}

/** Ends this process's driving; what stands in the journal is not touched. */
export function heldBack({ code, message, blame, stepId, details }: BlueGreenErrorJson): BlueGreenError {
  const hint =
    'It is held: resume goes on with a new budget, abort takes the release back. The clouds’ own limits run on.';
  return new BlueGreenError(code, message, { blame, hint, stepId, details });
}

interface Said {
  readonly action: TimeoutAction;
  readonly because?: string;
}

function allowed({ canHold }: TimeoutDecider, said: Said): Said {
  if (said.action !== 'hold' || canHold) return said;
  return { action: 'rollback', because: 'it cannot be held: the store keeps nothing to resume from' };
}

async function ask(
  { clock, state, stop, decider: { name } }: Ground,
  decide: OnTimeout,
  scope: TimedOut['scope'],
  stepId: string | undefined,
  error: BlueGreenErrorJson,
): Promise<Said> {
  const stage = stepId === undefined ? undefined : state.steps.get(stepId)?.stage;
  const asked = askInTime(clock, WITHIN_MS, stop, () =>
    decide({
      rolloutId: state.rolloutId,
      kind: state.kind,
      scope,
      ...(stepId === undefined ? {} : { stepId }),
      ...(stage === undefined ? {} : { stage }),
      pivotPassed: state.pivot !== undefined,
      timesHeld: state.timesHeld,
      error,
    }),
  );
  try {
    // Where this process is to stop, whoever resumes asks again.
    const heard = await asked.heard;
    if ('threw' in heard) return rollback(`${name} threw ${wordsOf(heard.threw)}`);
    if ('silentForMs' in heard) return rollback(`${name} did not answer within ${WITHIN_MS} ms`);
    const { said } = heard;
    if (TIMEOUT_ACTIONS.some((known) => known === said)) return { action: said };
    return rollback(`${name} answered ${JSON.stringify(said)?.slice(0, 100) ?? typeof said}`);
  } finally {
    asked.over();
  }
}

const rollback = (because: string): Said => ({ action: 'rollback', because });
