import type { Fault } from '../faults.js';
import type { ElastigroupParts } from './elastigroup-parts.js';
import type { SimulatedInstance } from './parts.js';

type Interruption = Extract<Fault, { readonly fault: 'interruption' }>;

const INTERRUPTED = Object.freeze({
  code: 'Server.SpotInstanceTermination',
  message: 'Server.SpotInstanceTermination: Spot instance termination',
});

/**
 * AWS takes instances back at a time. Where there is no such instance yet at that time, it goes as soon as it runs. An
 * interruption that waits for a lifecycle event is CodeDeploy's to trigger.
 */
export function watchInterruptions(
  { timers, faults, ec2 }: ElastigroupParts,
  coloured: (colour: 'blue' | 'green') => readonly SimulatedInstance[],
): void {
  const startedAt = timers.now();
  const due = new Set<Interruption>();

  const strike = (): void => {
    for (const fault of [...due]) {
      const instance = coloured(fault.colour)[fault.instance ?? 0];
      if (instance === undefined || instance.state === 'pending') continue;
      due.delete(fault);
      // A board that was cleared meanwhile has called it off.
      if (faults.remove(fault)) ec2.terminate(instance.instanceId, INTERRUPTED);
    }
  };

  faults.onAdded((fault) => {
    if (fault.fault !== 'interruption' || fault.event !== undefined) return;
    timers.schedule(Math.max(0, startedAt + (fault.atMs ?? 0) - timers.now()), () => {
      due.add(fault);
      strike();
    });
  });
  ec2.onChange(strike);
}
