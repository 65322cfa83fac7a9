import type { ElastigroupParts } from './elastigroup-parts.js';
import { spotId, TERMINATED_BY_SPOT } from './elastigroup-parts.js';
import type { ElastigroupSettings, InitialInstance } from './elastigroup-settings.js';
import type { SimulatedInstance } from './parts.js';

/** One place in the Elastigroup: first a request without an instance, then an instance. */
export interface Slot {
  readonly spotInstanceRequestId: string;
  readonly requestedAt: number;
  /** The deployment mode that asked for it; undefined for every other launch. */
  readonly deploymentModeId: string | undefined;
  instance: SimulatedInstance | undefined;
  registersAtLaunch: boolean;
  visibleFrom: number;
  leftAt: number | undefined;
}

export interface Release {
  readonly terminate: boolean;
  readonly drainingMs: number;
}

interface FleetHost {
  readonly elastigroupId: string;
  readonly parts: ElastigroupParts;
  settings(): ElastigroupSettings;
  mayRegister(): boolean;
  lost(slot: Slot): void;
}

const isAlive = (instance: SimulatedInstance) => instance.state === 'pending' || instance.state === 'running';

/** The instances of one Elastigroup: how they come, register, and go. */
export class ElastigroupFleet {
  readonly #host: FleetHost;
  #slots: Slot[] = [];
  /** Of the slots, those that have an instance, by its id. */
  readonly #filled = new Map<string, Slot>();
  #departed: Slot[] = [];

  constructor(host: FleetHost) {
    this.#host = host;
    host.parts.ec2.onChange((instance) => this.#changed(instance));
  }

  /** Those that belong to the Elastigroup now, requests without an instance included; oldest first. */
  get slots(): readonly Slot[] {
    return this.#slots;
  }

  members(): readonly SimulatedInstance[] {
    return this.#slots.flatMap((slot) => slot.instance ?? []);
  }

  running(): readonly SimulatedInstance[] {
    return this.members().filter((instance) => instance.state === 'running');
  }

  slotOf(instanceId: string): Slot | undefined {
    return this.#filled.get(instanceId);
  }

  /** What Spot's answers show: changes of membership are seen late. */
  seen(): readonly Slot[] {
    const now = this.#host.parts.timers.now();
    const lag = this.#host.parts.timings.spotReadAfterWriteMs;
    this.#departed = this.#departed.filter((slot) => now < (slot.leftAt ?? 0) + lag);
    const stillSeen = this.#departed.filter((slot) => slot.instance !== undefined);
    return [...this.#slots, ...stillSeen].filter((slot) => now >= slot.visibleFrom);
  }

  /** Instances that run from the start. */
  addRunning(initial: InitialInstance): void {
    const { ec2 } = this.#host.parts;
    for (let left = initial.count ?? 1; left > 0; left -= 1) {
      const slot = this.#newSlot(undefined, true, 0);
      this.#slots.push(slot);
      slot.instance = ec2.launch({
        elastigroupId: this.#host.elastigroupId,
        tags: initial.tags,
        ...(initial.application === undefined ? {} : { application: initial.application }),
        ...(initial.availabilityZone === undefined ? {} : { availabilityZone: initial.availabilityZone }),
        ...(initial.instanceType === undefined ? {} : { instanceType: initial.instanceType }),
        launchMs: 0,
      });
      this.#filled.set(slot.instance.instanceId, slot);
      this.#arrived(slot);
    }
  }

  /**
   * Asks EC2 for instances with the launch specification's tags.
   *
   * @param never - how many of them are never fulfilled
   */
  request(
    count: number,
    how: { deploymentModeId?: string; registersAtLaunch: boolean; never?: number },
  ): readonly Slot[] {
    const { timers, timings } = this.#host.parts;
    const asked: Slot[] = [];
    for (let index = 0; index < count; index += 1) {
      const slot = this.#newSlot(how.deploymentModeId, how.registersAtLaunch, timings.spotReadAfterWriteMs);
      this.#slots.push(slot);
      asked.push(slot);
      if (index >= (how.never ?? 0)) timers.schedule(timings.spotFulfilMs, () => this.#fulfil(slot));
    }
    return asked;
  }

  /** Takes them out of the Elastigroup at once and out of its own target groups; ends them after the draining time if asked. */
  release(slots: readonly Slot[], how: Release): void {
    for (const slot of slots) {
      if (!this.#slots.includes(slot)) continue;
      this.#leave(slot);
      const { instance } = slot;
      if (instance === undefined || !how.terminate) continue;
      const { ec2, timers } = this.#host.parts;
      timers.schedule(how.drainingMs, () => ec2.terminate(instance.instanceId, TERMINATED_BY_SPOT));
    }
  }

  #newSlot(deploymentModeId: string | undefined, registersAtLaunch: boolean, lagMs: number): Slot {
    const { timers, chance } = this.#host.parts;
    return {
      spotInstanceRequestId: spotId('sir', chance),
      requestedAt: timers.now(),
      deploymentModeId,
      instance: undefined,
      registersAtLaunch,
      visibleFrom: timers.now() + lagMs,
      leftAt: undefined,
    };
  }

  #fulfil(slot: Slot): void {
    if (slot.leftAt !== undefined) return;
    slot.instance = this.#host.parts.ec2.launch({
      elastigroupId: this.#host.elastigroupId,
      tags: this.#host.settings().launchTags,
    });
    this.#filled.set(slot.instance.instanceId, slot);
    // An instance that EC2 starts without delay is running before it is known here.
    this.#arrived(slot);
  }

  #arrived(slot: Slot): void {
    const { instance } = slot;
    if (instance?.state !== 'running') return;
    if (!slot.registersAtLaunch || !this.#host.mayRegister()) return;
    slot.registersAtLaunch = false;
    for (const arn of this.#host.settings().targetGroupArns)
      this.#host.parts.loadBalancing.register(arn, [instance.instanceId]);
  }

  #changed(instance: SimulatedInstance): void {
    const slot = this.slotOf(instance.instanceId);
    if (slot === undefined) return;
    if (isAlive(instance)) this.#arrived(slot);
    else {
      this.#leave(slot);
      this.#host.lost(slot);
    }
  }

  #leave(slot: Slot): void {
    const { ec2, loadBalancing, timers } = this.#host.parts;
    slot.leftAt = timers.now();
    // Out of the list before anybody is told: a listener that looks again must not find it.
    this.#slots = this.#slots.filter((other) => other !== slot);
    this.#departed.push(slot);
    const { instance } = slot;
    if (instance === undefined) return;
    this.#filled.delete(instance.instanceId);
    for (const arn of this.#host.settings().targetGroupArns) loadBalancing.deregister(arn, [instance.instanceId]);
    instance.attached = false;
    ec2.changed(instance);
  }
}
