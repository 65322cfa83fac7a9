import type { Ec2Model, SimulatedInstance, Timers } from './parts.js';

/** Which agents answer: those of running instances that have finished booting and whose agent is alive. */
export class CodeDeployAgents {
  readonly #runningSince = new Map<string, number>();

  constructor(
    private readonly timers: Timers,
    ec2: Ec2Model,
    private readonly bootMs: number,
  ) {
    const note = (instance: SimulatedInstance): void => {
      if (instance.state !== 'running') this.#runningSince.delete(instance.instanceId);
      else if (!this.#runningSince.has(instance.instanceId)) {
        this.#runningSince.set(instance.instanceId, timers.now());
      }
    };
    ec2.onChange(note);
    for (const instance of ec2.all()) note(instance);
  }

  answers(instance: SimulatedInstance | undefined): boolean {
    if (instance?.state !== 'running' || !instance.agentAlive) return false;
    // An application that was there from the start came with the machine: such an instance has long booted.
    const since = this.#runningSince.get(instance.instanceId) ?? this.timers.now();
    return instance.application !== undefined || this.timers.now() - since >= this.bootMs;
  }
}
