import { BlueGreenError } from '../errors/blue-green-error.js';
import type { LifecycleStage } from './stages.js';
import type { StepContext, WaitStep } from './step.js';

export const gateStepId = (gate: string): string => `gate/${gate}`;

/** Stands still until somebody answers. Silence never passes. */
export function gateStep(gate: {
  readonly name: string;
  readonly before: LifecycleStage;
  readonly withinMs: (context: StepContext) => number;
}): WaitStep<void> {
  return {
    type: 'wait',
    id: gateStepId(gate.name),
    version: 1,
    stage: gate.before,
    title: `wait until somebody answers the gate "${gate.name}"`,
    within: gate.withinMs,
    observe: async () => {},
    judge: (_nothing, look, { state }) => {
      const given = state.gates.get(gate.name);
      if (given?.answer === 'approved') return { ready: { by: given.by, reason: given.reason ?? null } };
      if (given !== undefined) {
        const message = `${given.by} said no at the gate "${gate.name}": ${given.reason ?? 'no reason given'}`;
        return {
          failed: new BlueGreenError('GATE_REJECTED', message, {
            details: { gate: gate.name, by: given.by, reason: given.reason ?? null },
          }),
        };
      }
      if (!look.last) return { pending: `waiting for an answer to the gate "${gate.name}"` };
      const message = `nobody answered the gate "${gate.name}" in time`;
      return {
        failed: new BlueGreenError('GATE_EXPIRED', message, { details: { gate: gate.name, waitedMs: look.elapsedMs } }),
      };
    },
  };
}
