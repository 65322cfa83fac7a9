import { BlueGreenError } from './errors/blue-green-error.js';
import { checkWords } from './engine/check-words.js';
import { gateStepId } from './engine/gates.js';
import type { ShownEvidence } from './engine/gate-evidence.js';
import type { JournalFact } from './engine/journal.js';
import type { Plan } from './engine/plan.js';
import type { RolloutJournal } from './engine/rollout-journal.js';

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
  const { state } = journal;
  const asked = plan.steps.flatMap((step) => (step.type === 'wait' && step.gate?.name === gate ? [step.gate] : []))[0];
  const seen = state.steps.get(gateStepId(gate));
  const open = state.finished === undefined && state.unwinding === undefined && !state.gates.has(gate);
  if (asked === undefined || !open || seen?.status === 'done' || seen?.status === 'failed') {
    const message = `rollout ${journal.rolloutId} has no gate "${gate}" that an answer could open`;
    throw new BlueGreenError('GATE_UNKNOWN', message, {
      details: { gate, known: asked !== undefined, answered: state.gates.has(gate) },
    });
  }
  const shown = seen?.facts as ShownEvidence | undefined;
  if (answer === 'approved') mustBeForWhatIsThere(gate, asked.evidence === 'required', evidence, shown);
  const fact: JournalFact = {
    type: 'gate-answered',
    gate,
    answer,
    by,
    ...(reason === undefined ? {} : { reason }),
    ...(evidence === undefined || answer === 'rejected' ? {} : { evidence }),
  };
  await journal.append(fact);
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
