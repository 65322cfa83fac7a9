import { BlueGreenError } from './errors/blue-green-error.js';
import { checkWords } from './engine/check-words.js';
import { gateStepId } from './engine/gates.js';
import type { ShownEvidence } from './engine/gate-evidence.js';
import type { JournalFact } from './engine/journal.js';
import type { Plan } from './engine/plan.js';
import type { RolloutJournal } from './engine/rollout-journal.js';
import type { RolloutState } from './engine/rollout-state.js';

/** A yes at a gate. */
export interface Approval {
  readonly by: string;
  readonly reason?: string | undefined;
  /** The hash of what it is given for: `hash` of the gate in the status. */
  readonly evidence?: string | undefined;
}

/** Writes the answer to a gate that is open, or not reached yet; one that cannot count is refused and nothing is written. */
export async function answerGate(
  journal: RolloutJournal,
  plan: Plan,
  gate: string,
  answer: 'approved' | 'rejected',
  { by, reason, evidence }: Approval,
): Promise<void> {
  checkWords({ by, reason, evidence });
  await journal.refresh();
  const asked = plan.steps.flatMap((step) => (step.type === 'wait' && step.gate?.name === gate ? [step.gate] : []))[0];
  const fact: JournalFact = {
    type: 'gate-answered',
    gate,
    answer,
    by,
    ...(reason === undefined ? {} : { reason }),
    ...(evidence === undefined || answer === 'rejected' ? {} : { evidence }),
  };
  // Somebody else may answer, or the gate's time may be up, while this answer is on its way to the store.
  await journal.append(fact, (state) => {
    const seen = state.steps.get(gateStepId(gate));
    if (asked === undefined || !isOpen(state, gate)) throw noSuchGate(plan, state, gate);
    const shown = seen?.facts as ShownEvidence | undefined;
    if (answer === 'approved') mustBeForWhatIsThere(gate, asked.evidence === 'required', evidence, shown);
  });
}

function isOpen(state: RolloutState, gate: string): boolean {
  const status = state.steps.get(gateStepId(gate))?.status;
  const goesForward = state.finished === undefined && state.unwinding === undefined;
  return goesForward && !state.gates.has(gate) && status !== 'done' && status !== 'failed';
}

function noSuchGate(plan: Plan, state: RolloutState, gate: string): BlueGreenError {
  const known = plan.steps.flatMap((step) => (step.type === 'wait' && step.gate !== undefined ? [step.gate.name] : []));
  const message = `rollout ${state.rolloutId} has no gate "${gate}" that an answer could open: ${whyNot(state, gate, known)}`;
  return new BlueGreenError('GATE_UNKNOWN', message, {
    details: { gate, known: known.includes(gate), answered: state.gates.has(gate) },
  });
}

function whyNot({ finished, unwinding, gates }: RolloutState, gate: string, known: readonly string[]): string {
  if (!known.includes(gate)) return `its gates are ${known.map((name) => `"${name}"`).join(', ') || 'none'}`;
  if (finished !== undefined) return `it has ended ${finished.outcome}`;
  if (unwinding !== undefined) return 'it goes back';
  const given = gates.get(gate);
  return given === undefined ? 'its time was up' : `${given.by} has ${given.answer} it already`;
}

function mustBeForWhatIsThere(
  gate: string,
  required: boolean,
  given: string | undefined,
  shown: ShownEvidence | undefined,
): void {
  if (given === undefined && !required) return;
  const now = shown === undefined ? 'there is none yet: the gate is not reached' : `it is ${shown.hash} now`;
  const details = { gate, given: given ?? null, current: shown?.hash ?? null };
  if (given === undefined) {
    const message = `the gate "${gate}" takes a yes only with the hash of its evidence; ${now}`;
    throw new BlueGreenError('EVIDENCE_REQUIRED', message, { details });
  }
  if (given !== shown?.hash) {
    const message = `the yes to the gate "${gate}" is for evidence ${given}; ${now}`;
    throw new BlueGreenError('EVIDENCE_STALE', message, { details });
  }
}
