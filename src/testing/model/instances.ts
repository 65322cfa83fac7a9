import type { SimulatedTimings } from '../options.js';
import { randomText } from './chance.js';
import type { Chance, Ec2Model, SimulatedInstance, TagCondition, TagView, Timers } from './parts.js';
import { Refusal } from './parts.js';
import { TagHistory } from './tag-history.js';

const VISIBLE_AFTER_TERMINATION_MS = 3_600_000;
const ZONES = 'abc';

interface Held {
  readonly instance: SimulatedInstance;
  readonly tags: TagHistory;
}

/** EC2: instances, their states, and tags that others see late. */
export class Ec2Simulation implements Ec2Model {
  readonly #timers: Timers;
  readonly #chance: Chance;
  readonly #timings: SimulatedTimings;
  readonly #region: string;
  readonly #held = new Map<string, Held>();
  readonly #listeners: Array<(instance: SimulatedInstance) => void> = [];

  constructor(parts: {
    readonly timers: Timers;
    readonly chance: Chance;
    readonly timings: SimulatedTimings;
    readonly region: string;
  }) {
    this.#timers = parts.timers;
    this.#chance = parts.chance;
    this.#timings = parts.timings;
    this.#region = parts.region;
  }

  launch(input: Parameters<Ec2Model['launch']>[0]): SimulatedInstance {
    const launchMs = input.launchMs ?? this.#timings.launchMs;
    const count = this.#held.size;
    // An instance that is there at once has been there for long: everybody knows its tags.
    const tags = new TagHistory(launchMs === 0 ? Number.NEGATIVE_INFINITY : this.#timers.now(), input.tags);
    const instance: SimulatedInstance = {
      instanceId: `i-0${randomText(this.#chance, 16)}`,
      privateIp: `10.0.${Math.floor(count / 200)}.${(count % 200) + 10}`,
      availabilityZone: input.availabilityZone ?? `${this.#region}${ZONES.charAt(count % ZONES.length)}`,
      instanceType: input.instanceType ?? 'm5.large',
      launchedAt: this.#timers.now(),
      elastigroupId: input.elastigroupId,
      attached: input.elastigroupId !== undefined,
      state: launchMs === 0 ? 'running' : 'pending',
      stateReason: undefined,
      terminatedAt: undefined,
      get tags() {
        return tags.now();
      },
      application: input.application,
      agentAlive: true,
    };
    this.#held.set(instance.instanceId, { instance, tags });
    if (launchMs > 0) this.#after(launchMs, instance, 'pending', 'running');
    this.changed(instance);
    return instance;
  }

  terminate(instanceId: string, reason: { readonly code: string; readonly message: string }): void {
    const { instance } = this.#known(instanceId);
    if (instance.state === 'shutting-down' || instance.state === 'terminated') return;
    instance.state = 'shutting-down';
    instance.stateReason = reason;
    this.#after(this.#timings.terminationMs, instance, 'shutting-down', 'terminated');
    this.changed(instance);
  }

  stop(instanceId: string): void {
    const { instance } = this.#known(instanceId);
    if (instance.state === 'stopping' || instance.state === 'stopped') return;
    if (instance.state !== 'running')
      throw new Refusal(
        'IncorrectInstanceState',
        `Instance '${instanceId}' cannot be stopped: it is ${instance.state}`,
      );
    instance.state = 'stopping';
    instance.stateReason = {
      code: 'Client.UserInitiatedShutdown',
      message: 'Client.UserInitiatedShutdown: User initiated shutdown',
    };
    this.#after(this.#timings.terminationMs, instance, 'stopping', 'stopped');
    this.changed(instance);
  }

  get(instanceId: string): SimulatedInstance | undefined {
    return this.#held.get(instanceId)?.instance;
  }

  all(): readonly SimulatedInstance[] {
    return [...this.#held.values()].map((held) => held.instance);
  }

  /** As the API lists them: a terminated instance disappears after an hour. */
  visible(): readonly SimulatedInstance[] {
    const since = this.#timers.now() - VISIBLE_AFTER_TERMINATION_MS;
    return this.all().filter((instance) => instance.terminatedAt === undefined || instance.terminatedAt > since);
  }

  createTags(instanceIds: readonly string[], tags: Readonly<Record<string, string>>): void {
    this.#changeTags(instanceIds, (live) => {
      for (const [key, value] of Object.entries(tags)) live.set(key, value);
    });
  }

  deleteTags(instanceIds: readonly string[], keys: readonly string[]): void {
    this.#changeTags(instanceIds, (live) => {
      for (const key of keys) live.delete(key);
    });
  }

  tagsSeen(instance: SimulatedInstance, view: TagView): ReadonlyMap<string, string> {
    const { tags } = this.#known(instance.instanceId);
    if (view === 'truth') return tags.now();
    const lag = view === 'ec2' ? this.#timings.tagVisibleInEc2Ms : this.#timings.tagVisibleInCodeDeployMs;
    return tags.at(this.#timers.now() - lag);
  }

  find(conditions: readonly TagCondition[], view: TagView): readonly SimulatedInstance[] {
    return this.all().filter((instance) => {
      if (instance.state === 'terminated') return false;
      const tags = this.tagsSeen(instance, view);
      return conditions.every(({ key, values }) => {
        const value = tags.get(key);
        return value !== undefined && (values === undefined || values.includes(value));
      });
    });
  }

  onChange(listener: (instance: SimulatedInstance) => void): void {
    this.#listeners.push(listener);
  }

  changed(instance: SimulatedInstance): void {
    for (const listener of this.#listeners) listener(instance);
  }

  #known(instanceId: string): Held {
    const held = this.#held.get(instanceId);
    if (held === undefined)
      throw new Refusal('InvalidInstanceID.NotFound', `The instance ID '${instanceId}' does not exist`);
    return held;
  }

  #changeTags(instanceIds: readonly string[], change: (tags: Map<string, string>) => void): void {
    // All or nothing: one unknown id refuses the whole call.
    const held = instanceIds.map((instanceId) => this.#known(instanceId));
    for (const { tags, instance } of held) {
      tags.change(this.#timers.now(), change);
      this.changed(instance);
    }
  }

  #after(
    delayMs: number,
    instance: SimulatedInstance,
    from: SimulatedInstance['state'],
    to: SimulatedInstance['state'],
  ): void {
    this.#timers.schedule(delayMs, () => {
      if (instance.state !== from) return;
      instance.state = to;
      if (to === 'terminated') instance.terminatedAt = this.#timers.now();
      this.changed(instance);
    });
  }
}
