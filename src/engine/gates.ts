import { BlueGreenError } from '../errors/blue-green-error.js';
import { isDue, shown, type ShownEvidence, type ShownMemo } from './gate-evidence.js';
import type { Hold, InspectedView } from './hold.js';
import type { GateAnswer, RolloutState } from './rollout-state.js';
import type { LifecycleStage } from './stages.js';
import type { Look, StepContext, Verdict, WaitStep } from './step.js';

export const gateStepId = (gate: string): string => `gate/${gate}`;

/** One gate as the plan places it. */
export interface PlannedGate {
  readonly name: string;
  readonly before: LifecycleStage;
  /** How long an answer is waited for. */
  readonly withinMs: number;
  /** What happens then: the release is taken back, or the gate stays open until a cloud's own limit. */
  readonly onExpiry: 'unwind' | 'hold';
  /** Whether a yes has to name what it was given for. */
  readonly evidence: 'required' | 'optional';
  readonly hold: Hold;
}

/** Stands still until somebody answers. Silence never passes. */
export function gateStep(gate: PlannedGate): WaitStep<InspectedView> {
  const { name, withinMs, hold } = gate;
  const staysOpen = gate.onExpiry === 'hold';
  return {
    type: 'wait',
    id: gateStepId(name),
    version: 1,
    stage: gate.before,
    title: `wait until somebody answers the gate "${name}"`,
    gate: { name, evidence: gate.evidence },
    within: () => (staysOpen ? Number.POSITIVE_INFINITY : withinMs),
    until: hold.until,
    observe: async (context) => {
      const seen = await hold.inspect(context);
      if (staysOpen && seen.failed === undefined && isOverdue(gate, context)) {
        const message = `nobody answered the gate "${name}" within ${withinMs} ms: it stays open`;
        await context.warn('GATE_OVERDUE', message);
      }
      return seen;
    },
    judge: (seen, look, { state }) => ({ ...judge(gate, seen, look, state), pivot: seen.pivot }),
  };
}

function isOverdue({ name, withinMs }: PlannedGate, context: StepContext): boolean {
  const { state } = context;
  const step = state.steps.get(gateStepId(name));
  if (step === undefined || state.gates.has(name)) return false;
  return context.now() - step.startedAt - (state.suspendedMs - step.suspendedMsAtStart) >= withinMs;
}

function judge(gate: PlannedGate, seen: InspectedView, look: Look, state: RolloutState): Verdict {
  const { failed } = seen;
  if (failed !== undefined) return { failed };
  const { name } = gate;
  const before = state.steps.get(gateStepId(name))?.facts as ShownEvidence | undefined;
  const current = seen.evidence === undefined ? before : shown(seen.evidence);
  const given = state.gates.get(name);
  if (given?.answer === 'rejected') return { failed: rejected(name, given) };
  const because = given === undefined ? undefined : whyItDoesNotCount(gate, given, current?.hash);
  if (given !== undefined && because === undefined) {
    const { by, reason = null, evidence } = given;
    return { ready: { by, reason, ...(evidence === undefined ? {} : { evidence }) } };
  }
  if (look.last) return { failed: expired(name, look.elapsedMs, because) };
  const pending = stillOpen(gate, seen, look, state, current, because !== undefined);
  if (given === undefined || because === undefined) return pending;
  return { ...pending, refusesAnswer: { gate: name, by: given.by, because } };
}

/** A yes is for what was there when it was given: what is there now must be the same. */
function whyItDoesNotCount(gate: PlannedGate, given: GateAnswer, hash: string | undefined): string | undefined {
  if (given.evidence === undefined)
    return gate.evidence === 'required' ? 'it does not say for which evidence' : undefined;
  if (given.evidence === hash) return undefined;
  return `it was given for evidence ${given.evidence}, and now it is ${hash ?? 'not known'}`;
}

function stillOpen(
  { name, withinMs, onExpiry }: PlannedGate,
  { lookAgainInMs = Number.POSITIVE_INFINITY }: InspectedView,
  look: Look,
  state: RolloutState,
  current: ShownEvidence | undefined,
  atOnce: boolean,
): Extract<Verdict, { readonly pending: string }> {
  const leftMs = onExpiry === 'hold' ? withinMs - look.elapsedMs : 0;
  const overdue = onExpiry === 'hold' && leftMs <= 0;
  const wording = (hash: string | undefined): string =>
    `${overdue ? 'overdue: ' : ''}waiting for an answer to the gate "${name}"${hash === undefined ? '' : ` (evidence ${hash})`}`;
  const memo = (look.memo ?? undefined) as ShownMemo | undefined;
  const next = Math.min(lookAgainInMs, leftMs > 0 ? leftMs : Number.POSITIVE_INFINITY);
  const rest = { holding: true, ...(Number.isFinite(next) ? { lookAgainInMs: next } : {}) } as const;
  if (current === undefined) return { pending: wording(memo?.hash), memo, ...rest };
  // Where something is written down anyway, it is what is there now.
  const isWritten = memo === undefined || state.steps.get(gateStepId(name))?.saw !== wording(memo.hash);
  if (memo?.hash !== current.hash && (isWritten || atOnce || isDue(memo, look.at))) {
    const shownNow: ShownMemo = { hash: current.hash, changes: (memo?.changes ?? -1) + 1, shownAt: look.at };
    return { pending: wording(current.hash), memo: shownNow, facts: current, ...rest };
  }
  return { pending: wording(memo?.hash), memo, ...rest };
}

function rejected(gate: string, { by, reason }: GateAnswer): BlueGreenError {
  const message = `${by} said no at the gate "${gate}": ${reason ?? 'no reason given'}`;
  return new BlueGreenError('GATE_REJECTED', message, { details: { gate, by, reason: reason ?? null } });
}

function expired(gate: string, waitedMs: number, because: string | undefined): BlueGreenError {
  const message =
    because === undefined
      ? `nobody answered the gate "${gate}" in time`
      : `the last answer to the gate "${gate}" does not count: ${because}; and there was no other in time`;
  return new BlueGreenError('GATE_EXPIRED', message, { details: { gate, waitedMs } });
}
