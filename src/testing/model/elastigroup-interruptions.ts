import type { Fault } from '../faults.js';
import type { ElastigroupParts } from './elastigroup-parts.js';
import type { SimulatedInstance } from './parts.js';

type Mishap = Extract<Fault, { readonly fault: 'interruption' | 'agent-dead' }>;

const INTERRUPTED = Object.freeze({
  code: 'Server.SpotInstanceTermination',
  message: 'Server.SpotInstanceTermination: Spot instance termination',
});

/**
 * What happens to an instance at a time: AWS takes it back, or its CodeDeploy agent falls silent. Where there is no such
 * instance yet at that time, as soon as it runs. One that waits for a lifecycle event is CodeDeploy's to trigger.
 */
export function watchInterruptions(
  { timers, faults, ec2 }: ElastigroupParts,
  coloured: (colour: 'blue' | 'green') => readonly SimulatedInstance[],
): void {
  const startedAt = timers.now();
  const due = new Set<Mishap>();

  const befall = ({ fault }: Mishap, instance: SimulatedInstance): void => {
    if (fault === 'interruption') return ec2.terminate(instance.instanceId, INTERRUPTED);
    instance.agentAlive = false;
    ec2.changed(instance);
  };

  const strike = (): void => {
    for (const mishap of [...due]) {
      const instance = coloured(mishap.colour)[mishap.instance ?? 0];
      if (instance === undefined || instance.state === 'pending') continue;
      due.delete(mishap);
      // A board that was cleared meanwhile has called it off.
      if (faults.remove(mishap)) befall(mishap, instance);
    }
  };

  faults.onAdded((fault) => {
    if ((fault.fault !== 'interruption' && fault.fault !== 'agent-dead') || fault.event !== undefined) return;
    timers.schedule(Math.max(0, startedAt + (fault.atMs ?? 0) - timers.now()), () => {
      due.add(fault);
      strike();
    });
  });
  ec2.onChange(strike);
}
