import type { Ec2Model, LoadBalancingModel, SimulatedInstance, Timers } from './parts.js';

export type Colour = 'blue' | 'green' | 'other';

/** What became of the users' requests so far. */
export interface TrafficCounts {
  readonly blue: number;
  readonly green: number;
  readonly other: number;
  /** No target to go to, or a target that could not answer. */
  readonly failed: number;
  readonly total: number;
}

/** A stretch of time in which requests failed, for the message of a test that wanted none. */
export interface TrafficFailure {
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly because: string;
}

type Receiver = { readonly outcome: Colour } | { readonly outcome: 'failed'; readonly because: string };

interface Flow {
  readonly targetGroupArn: string;
  receivers: readonly Receiver[];
  /** Who is next, in turn. */
  next: number;
}

const NO_TARGET: Receiver = { outcome: 'failed', because: 'no target is registered' };

/**
 * Users of every watched target group, at a steady rate, one target after the other. Nothing ticks: requests are
 * counted for the whole stretch since the last change, whenever something changes or somebody asks.
 */
export class Traffic {
  readonly #timers: Timers;
  readonly #ec2: Ec2Model;
  readonly #loadBalancing: LoadBalancingModel;
  readonly #perSecond: number;
  readonly #colourOf: (instance: SimulatedInstance) => Colour;
  readonly #flows: Flow[] = [];
  readonly #failures: Array<{ from: number; to: number; count: number; because: string }> = [];
  #counts: Record<Colour | 'failed', number> = { blue: 0, green: 0, other: 0, failed: 0 };
  #countedUntil: number;

  constructor(parts: {
    readonly timers: Timers;
    readonly ec2: Ec2Model;
    readonly loadBalancing: LoadBalancingModel;
    readonly requestsPerSecond: number;
    readonly colourOf: (instance: SimulatedInstance) => Colour;
  }) {
    this.#timers = parts.timers;
    this.#ec2 = parts.ec2;
    this.#loadBalancing = parts.loadBalancing;
    this.#perSecond = parts.requestsPerSecond;
    this.#colourOf = parts.colourOf;
    this.#countedUntil = parts.timers.now();
    this.#ec2.onChange(() => this.#changed());
    this.#loadBalancing.onChange(() => this.#changed());
  }

  /** From now on users come to this target group. */
  watch(nameOrArn: string): void {
    this.#count();
    const { arn } = this.#loadBalancing.targetGroup(nameOrArn);
    if (!this.#flows.some((flow) => flow.targetGroupArn === arn))
      this.#flows.push({ targetGroupArn: arn, receivers: this.#receivers(arn), next: 0 });
  }

  get counts(): TrafficCounts {
    this.#count();
    const { blue, green, other, failed } = this.#counts;
    return { blue, green, other, failed, total: blue + green + other + failed };
  }

  get failures(): readonly TrafficFailure[] {
    this.#count();
    return this.#failures.map(({ from, to, count, because }) => ({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      count,
      because,
    }));
  }

  /** Which share of the requests each colour answers at this moment, in percent. */
  shares(nameOrArn: string): Readonly<Record<Colour | 'failed', number>> {
    const shares = { blue: 0, green: 0, other: 0, failed: 0 };
    const receivers = this.#receivers(this.#loadBalancing.targetGroup(nameOrArn).arn);
    for (const { outcome } of receivers) shares[outcome] += 100 / receivers.length;
    return shares;
  }

  /** Starts counting anew. */
  reset(): void {
    this.#count();
    this.#counts = { blue: 0, green: 0, other: 0, failed: 0 };
    this.#failures.length = 0;
  }

  #changed(): void {
    // To see who would receive costs as much as there are targets, at every change of each of them.
    if (this.#perSecond === 0) return;
    this.#count();
    for (const flow of this.#flows) flow.receivers = this.#receivers(flow.targetGroupArn);
  }

  // Users' request number k comes k / perSecond seconds after the epoch, so that no stretch rounds anything away.
  #count(): void {
    const from = this.#countedUntil;
    const to = this.#timers.now();
    this.#countedUntil = to;
    const arrived = (at: number): number => Math.floor((at * this.#perSecond) / 1000);
    const requests = arrived(to) - arrived(from);
    if (requests <= 0) return;
    for (const flow of this.#flows) {
      const { receivers } = flow;
      const size = receivers.length;
      for (const [index, receiver] of receivers.entries()) {
        const turn = (index - (flow.next % size) + size) % size;
        const count = Math.floor(requests / size) + (turn < requests % size ? 1 : 0);
        this.#counts[receiver.outcome] += count;
        if (receiver.outcome === 'failed' && count > 0) this.#noteFailure(from, to, count, receiver.because);
      }
      flow.next = (flow.next + requests) % size;
    }
  }

  #noteFailure(from: number, to: number, count: number, because: string): void {
    const last = this.#failures.findLast((failure) => failure.because === because && failure.to === from);
    if (last === undefined) this.#failures.push({ from, to, count, because });
    else {
      last.to = to;
      last.count += count;
    }
  }

  // With no healthy target the load balancer fails open: it tries every registered one.
  #receivers(targetGroupArn: string): readonly Receiver[] {
    const targets = this.#loadBalancing.health(targetGroupArn);
    const healthy = targets.filter((target) => target.state === 'healthy');
    const tried =
      healthy.length > 0 ? healthy : targets.filter(({ state }) => state === 'initial' || state === 'unhealthy');
    return tried.length > 0 ? tried.map(({ instanceId }) => this.#answerOf(instanceId)) : [NO_TARGET];
  }

  #answerOf(instanceId: string): Receiver {
    const instance = this.#ec2.get(instanceId);
    if (instance?.state !== 'running')
      return {
        outcome: 'failed',
        because: `${instanceId} is ${instance?.state ?? 'gone'} and still receives requests`,
      };
    if (instance.application?.healthy !== true)
      return { outcome: 'failed', because: `the application on ${instanceId} does not answer` };
    return { outcome: this.#colourOf(instance) };
  }
}
