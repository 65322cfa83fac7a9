import type { SimulatedTimings } from '../options.js';
import { randomText } from './chance.js';
import type { Chance, Ec2Model, LoadBalancingModel, SimulatedInstance, SimulatedTargetGroup, Timers } from './parts.js';
import { Refusal } from './parts.js';
import type { Target, TargetHealthReason } from './target.js';
import { DRAINING, FAILED_CHECKS, IN_REGISTRATION, NO_REASON, NOT_IN_USE, invalidState } from './target.js';

type Verdict = 'healthy' | 'unhealthy';

interface HeldTargetGroup {
  readonly targetGroup: SimulatedTargetGroup;
  readonly inUse: boolean;
  readonly targets: Map<string, Target>;
}

/** Elastic Load Balancing: target groups of instances, whose health follows the application on the instance. */
export class LoadBalancingSimulation implements LoadBalancingModel {
  readonly #timers: Timers;
  readonly #chance: Chance;
  readonly #timings: SimulatedTimings;
  readonly #ec2: Ec2Model;
  readonly #account: { readonly region: string; readonly accountId: string };
  readonly #held: HeldTargetGroup[] = [];
  readonly #listeners: Array<(targetGroupArn: string, instanceId: string) => void> = [];

  constructor(parts: {
    readonly timers: Timers;
    readonly chance: Chance;
    readonly timings: SimulatedTimings;
    readonly ec2: Ec2Model;
    readonly account: { readonly region: string; readonly accountId: string };
  }) {
    this.#timers = parts.timers;
    this.#chance = parts.chance;
    this.#timings = parts.timings;
    this.#ec2 = parts.ec2;
    this.#account = parts.account;
    this.#ec2.onChange((instance) => this.#instanceChanged(instance));
  }

  /** `inUse: false` is a target group that no listener names: its targets stay `unused`. */
  createTargetGroup(
    input: Parameters<LoadBalancingModel['createTargetGroup']>[0] & { readonly inUse?: boolean },
  ): SimulatedTargetGroup {
    if (this.#held.some((held) => held.targetGroup.name === input.name))
      throw new Refusal('DuplicateTargetGroupName', `A target group with the name '${input.name}' already exists`);
    const { region, accountId } = this.#account;
    const targetGroup: SimulatedTargetGroup = {
      arn:
        input.arn ??
        `arn:aws:elasticloadbalancing:${region}:${accountId}:targetgroup/${input.name}/${randomText(this.#chance, 16)}`,
      name: input.name,
      port: input.port ?? 80,
      deregistrationDelayMs: input.deregistrationDelayMs ?? 300_000,
    };
    this.#held.push({ targetGroup, inUse: input.inUse ?? true, targets: new Map() });
    return targetGroup;
  }

  targetGroup(nameOrArn: string): SimulatedTargetGroup {
    return this.#find(nameOrArn).targetGroup;
  }

  targetGroups(): readonly SimulatedTargetGroup[] {
    return this.#held.map((held) => held.targetGroup);
  }

  /** Whether a listener names it. */
  isInUse(nameOrArn: string): boolean {
    return this.#find(nameOrArn).inUse;
  }

  register(nameOrArn: string, instanceIds: readonly string[]): void {
    const held = this.#find(nameOrArn);
    const idle = instanceIds.filter((instanceId) => this.#ec2.get(instanceId)?.state !== 'running');
    if (idle.length > 0)
      throw new Refusal(
        'InvalidTarget',
        `The following targets are not in a running state and cannot be registered: '${idle.join("', '")}'`,
      );
    for (const instanceId of new Set(instanceIds)) {
      const known = held.targets.get(instanceId);
      if (known !== undefined && known.state !== 'draining' && known.state !== 'unused') continue;
      known?.timer?.cancel();
      this.#startChecks(held, instanceId);
    }
  }

  /** As if everything registered had been so for long, and its checks had come to their verdict. */
  finishChecks(nameOrArn: string): void {
    const held = this.#find(nameOrArn);
    for (const target of held.targets.values()) {
      target.registeredAt = Number.NEGATIVE_INFINITY;
      if (target.state !== 'initial') continue;
      target.timer?.cancel();
      this.#judge(held, target);
    }
  }

  deregister(nameOrArn: string, instanceIds: readonly string[]): void {
    const held = this.#find(nameOrArn);
    for (const instanceId of new Set(instanceIds)) {
      const target = held.targets.get(instanceId);
      if (target === undefined || target.state === 'draining') continue;
      if (target.state === 'unused') this.#forget(held, target);
      else {
        this.#become(held, target, 'draining', DRAINING);
        this.#after(held, target, held.targetGroup.deregistrationDelayMs, () => this.#forget(held, target));
      }
    }
  }

  health(nameOrArn: string): ReturnType<LoadBalancingModel['health']> {
    return [...this.#find(nameOrArn).targets.values()].map(({ instanceId, state, reason }) => ({
      instanceId,
      state,
      ...reason,
    }));
  }

  stateOf(nameOrArn: string, instanceId: string): Target['state'] | undefined {
    return this.#find(nameOrArn).targets.get(instanceId)?.state;
  }

  /** When the target was registered last: an explicit question may not know it yet. */
  registeredAt(nameOrArn: string, instanceId: string): number | undefined {
    return this.#find(nameOrArn).targets.get(instanceId)?.registeredAt;
  }

  onChange(listener: (targetGroupArn: string, instanceId: string) => void): void {
    this.#listeners.push(listener);
  }

  #find(nameOrArn: string): HeldTargetGroup {
    const held = this.#held.find(({ targetGroup }) => targetGroup.name === nameOrArn || targetGroup.arn === nameOrArn);
    if (held === undefined) throw new Refusal('TargetGroupNotFound', `Target groups '${nameOrArn}' not found`);
    return held;
  }

  #startChecks(held: HeldTargetGroup, instanceId: string): void {
    const target: Target = { instanceId, registeredAt: this.#timers.now(), state: 'initial', reason: IN_REGISTRATION };
    held.targets.set(instanceId, target);
    if (!held.inUse) {
      this.#become(held, target, 'unused', NOT_IN_USE);
      return;
    }
    this.#after(held, target, this.#timings.healthyAfterMs, () => this.#judge(held, target));
    this.#tell(held, instanceId);
  }

  #judge(held: HeldTargetGroup, target: Target): void {
    target.awaiting = undefined;
    const verdict = this.#verdict(target.instanceId);
    this.#become(held, target, verdict, verdict === 'healthy' ? NO_REASON : FAILED_CHECKS);
  }

  #verdict(instanceId: string): Verdict {
    const instance = this.#ec2.get(instanceId);
    return instance?.state === 'running' && instance.application?.healthy === true ? 'healthy' : 'unhealthy';
  }

  #instanceChanged(instance: SimulatedInstance): void {
    for (const held of this.#held) {
      const target = held.targets.get(instance.instanceId);
      if (target === undefined || target.state === 'draining') continue;
      if (instance.state === 'terminated' || instance.state === 'stopped') this.#lose(held, target, instance.state);
      else if (target.state === 'healthy' || target.state === 'unhealthy') this.#recheck(held, target);
      else if (target.state === 'unused' && held.inUse && instance.state === 'running')
        this.#startChecks(held, instance.instanceId);
    }
  }

  // Health checks need some successes or failures in a row; a verdict that is taken back in the meantime never shows.
  #recheck(held: HeldTargetGroup, target: Target): void {
    const verdict = this.#verdict(target.instanceId);
    const awaited = verdict === target.state ? undefined : verdict;
    if (awaited === target.awaiting) return;
    target.timer?.cancel();
    target.awaiting = awaited;
    if (awaited === undefined) return;
    const { healthyAfterMs, unhealthyAfterMs } = this.#timings;
    this.#after(held, target, awaited === 'healthy' ? healthyAfterMs : unhealthyAfterMs, () =>
      this.#judge(held, target),
    );
  }

  #lose(held: HeldTargetGroup, target: Target, state: 'terminated' | 'stopped'): void {
    if (target.state === 'unused') return;
    target.timer?.cancel();
    target.awaiting = undefined;
    this.#become(held, target, 'unused', invalidState(state));
    if (state === 'terminated')
      this.#after(held, target, held.targetGroup.deregistrationDelayMs, () => this.#forget(held, target));
  }

  #after(held: HeldTargetGroup, target: Target, delayMs: number, run: () => void): void {
    target.timer?.cancel();
    target.timer = this.#timers.schedule(delayMs, () => {
      if (held.targets.get(target.instanceId) === target) run();
    });
  }

  #become(held: HeldTargetGroup, target: Target, state: Target['state'], reason: TargetHealthReason): void {
    const same = target.state === state;
    target.state = state;
    target.reason = reason;
    if (!same) this.#tell(held, target.instanceId);
  }

  #forget(held: HeldTargetGroup, target: Target): void {
    target.timer?.cancel();
    held.targets.delete(target.instanceId);
    this.#tell(held, target.instanceId);
  }

  #tell(held: HeldTargetGroup, instanceId: string): void {
    for (const listener of this.#listeners) listener(held.targetGroup.arn, instanceId);
  }
}
