import type { ElastigroupFleet, Slot } from './elastigroup-fleet.js';
import type { ElastigroupParts } from './elastigroup-parts.js';
import type { ElastigroupSettings } from './elastigroup-settings.js';
import type { SimulatedInstance } from './parts.js';

interface GreenHost {
  readonly parts: ElastigroupParts;
  readonly fleet: ElastigroupFleet;
  readonly deploymentModeId: string;
  settings(): ElastigroupSettings;
}

/** What a mode launches, and what becomes of the Elastigroup's target meanwhile. */
export class ModeGreen {
  readonly #host: GreenHost;
  #slots: readonly Slot[] = [];
  #targetRaisedBy = 0;

  constructor(host: GreenHost) {
    this.#host = host;
  }

  /** Those that are gone included. */
  instances(): readonly SimulatedInstance[] {
    return this.#slots.flatMap((slot) => slot.instance ?? []);
  }

  ids(): ReadonlySet<string> {
    return new Set(this.instances().map((instance) => instance.instanceId));
  }

  has(slot: Slot): boolean {
    return this.#slots.includes(slot);
  }

  launch(wanted: number): void {
    const { fleet, parts, deploymentModeId } = this.#host;
    const { capacity, targetGroupArns } = this.#host.settings();
    const { undocumented } = parts;
    // A question is asked only where its answer makes a difference: see `questionsAsked`.
    const upTo = (count: number, room: number): number =>
      count <= room || undocumented.maximumDuringMode === 'bypassed' ? count : Math.max(0, room);
    const count = upTo(wanted, capacity.maximum - fleet.slots.length);
    const never = parts.faults.take('green-never-launches');
    this.#slots = fleet.request(count, {
      deploymentModeId,
      registersAtLaunch: targetGroupArns.length > 0 && undocumented.registersAtLaunchDuringMode === 'registers',
      never: never === undefined ? 0 : (never.count ?? count),
    });
    if (undocumented.targetDuringMode === 'unchanged') return;
    const target = upTo(capacity.target * 2, capacity.maximum);
    this.#targetRaisedBy = target - capacity.target;
    capacity.target = target;
  }

  /** Those that were lost are not waited for; where none is left, there is nothing that runs. */
  allRun(): boolean {
    const awaited = this.#slots.filter((slot) => slot.leftAt === undefined);
    return awaited.length > 0 && awaited.every((slot) => slot.instance?.state === 'running');
  }

  tag(tags: Readonly<Record<string, string>>): void {
    const running = this.instances().filter((instance) => instance.state === 'running');
    const ids = running.map((instance) => instance.instanceId);
    if (ids.length > 0) this.#host.parts.ec2.createTags(ids, tags);
  }

  /** Somebody set the target by hand: it is no longer put back. */
  targetSet(): void {
    this.#targetRaisedBy = 0;
  }

  putTargetBack(): void {
    const { capacity } = this.#host.settings();
    capacity.target = Math.max(capacity.minimum, capacity.target - this.#targetRaisedBy);
    this.#targetRaisedBy = 0;
  }
}
