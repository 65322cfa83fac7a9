import type { DeploymentMode, DeploymentModeConfig } from './deployment-mode.js';
import { ElastigroupEntry } from './elastigroup-entry.js';
import type { Slot } from './elastigroup-fleet.js';
import { watchInterruptions } from './elastigroup-interruptions.js';
import type { LogEntry, LogQuery } from './elastigroup-log.js';
import type { ElastigroupParts } from './elastigroup-parts.js';
import type { RollOptions, RollView } from './elastigroup-rolls.js';
import type { ElastigroupOptions, ElastigroupSettings, InitialInstance } from './elastigroup-settings.js';
import type { SpotProcess, SuspensionView } from './elastigroup-suspensions.js';
import type { ElastigroupsModel, SimulatedInstance } from './parts.js';
import { Refusal } from './parts.js';

export interface CreateElastigroup extends ElastigroupOptions {
  readonly id: string;
  /** Running from the start. */
  readonly instances: readonly InitialInstance[];
}

export interface ElastigroupView {
  readonly id: string;
  readonly settings: ElastigroupSettings;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Detach {
  readonly instanceIds: readonly string[];
  readonly terminate: boolean;
  readonly decrementTargetCapacity: boolean;
  /** Absent: the Elastigroup's own `strategy.drainingTimeout`. */
  readonly drainingTimeoutSeconds?: number | undefined;
}

export type InstanceHealth = 'HEALTHY' | 'UNHEALTHY' | 'INSUFFICIENT_DATA' | 'UNKNOWN';

/** Spot: Elastigroups, what they launch and replace, and their blue/green deployment mode. */
export class ElastigroupSimulation implements ElastigroupsModel {
  readonly #parts: ElastigroupParts;
  readonly #entries = new Map<string, ElastigroupEntry>();

  constructor(parts: ElastigroupParts) {
    this.#parts = parts;
    watchInterruptions(parts, (colour) => [...this.#entries.values()].flatMap((entry) => entry.coloured(colour)));
  }

  // What a test sets up.

  createElastigroup(input: CreateElastigroup): void {
    const { id, instances, ...options } = input;
    if (this.#entries.has(id)) throw new Error(`There is already an Elastigroup ${id}.`);
    checkCapacity(options.capacity);
    for (const arn of options.targetGroupArns ?? []) this.#parts.loadBalancing.targetGroup(arn);
    this.#entries.set(id, new ElastigroupEntry(this.#parts, id, options, instances));
  }

  /** Changes settings as somebody in Spot's console would. A changed target is followed by `scale`, not by this. */
  update(elastigroupId: string, changes: Partial<ElastigroupOptions>): void {
    if (changes.capacity !== undefined) checkCapacity(changes.capacity);
    this.#find(elastigroupId).update(changes);
  }

  /**
   * What a scaling policy does: sets the target and launches or terminates towards it.
   *
   * @returns false when it does nothing, because AUTO_SCALE is suspended or a mode runs
   */
  scale(elastigroupId: string, target: number): boolean {
    const entry = this.#find(elastigroupId);
    if (entry.suspensions.isSuspended('AUTO_SCALE') || entry.runningMode() !== undefined) return false;
    const { capacity } = entry.settings;
    capacity.target = Math.max(capacity.minimum, Math.min(capacity.maximum, target));
    entry.healing.followTarget();
    return true;
  }

  colourOf(instanceId: string): 'blue' | 'green' | 'other' {
    const instance = this.#parts.ec2.get(instanceId);
    if (instance === undefined) return 'other';
    for (const entry of this.#entries.values())
      for (const colour of ['blue', 'green'] as const) if (entry.coloured(colour).includes(instance)) return colour;
    return 'other';
  }

  /** The instances of that colour, those that are gone included. */
  coloured(elastigroupId: string, colour: 'blue' | 'green'): readonly SimulatedInstance[] {
    return this.#find(elastigroupId).coloured(colour);
  }

  members(elastigroupId: string): readonly SimulatedInstance[] {
    return this.#find(elastigroupId).fleet.members();
  }

  /** The mode that runs in any of the Elastigroups; the one that was entered last, where there are several. */
  runningMode(): DeploymentMode | undefined {
    const running = [...this.#entries.values()].flatMap((entry) => entry.modes().filter(({ isRunning }) => isRunning));
    return running.sort((one, other) => other.createdAt - one.createdAt)[0];
  }

  // What Spot's API offers.

  read(elastigroupId: string): ElastigroupView {
    return this.#find(elastigroupId);
  }

  status(elastigroupId: string): readonly Slot[] {
    return this.#find(elastigroupId).fleet.seen();
  }

  healthOf(elastigroupId: string, instance: SimulatedInstance): InstanceHealth {
    const { targetGroupArns } = this.#find(elastigroupId).settings;
    if (instance.state === 'pending') return 'INSUFFICIENT_DATA';
    if (instance.state !== 'running') return 'UNHEALTHY';
    const states = targetGroupArns.map((arn) => this.#parts.loadBalancing.stateOf(arn, instance.instanceId));
    if (states.includes('unhealthy')) return 'UNHEALTHY';
    return states.every((state) => state === 'healthy') ? 'HEALTHY' : 'INSUFFICIENT_DATA';
  }

  setCapacity(elastigroupId: string, capacity: { minimum: number; target: number; maximum: number }): void {
    const entry = this.#find(elastigroupId);
    checkCapacity(capacity);
    const roll = entry.rolls.running();
    if (roll !== undefined)
      throw new Refusal('ROLL_IN_PROGRESS', `The Elastigroup ${elastigroupId} is in the roll ${roll.rollId}.`);
    Object.assign(entry.settings.capacity, capacity);
    entry.runningMode()?.targetSet();
    entry.touch();
    entry.healing.followTarget();
  }

  /** All or nothing: an id that does not belong to the Elastigroup refuses the whole call. */
  detach(elastigroupId: string, detach: Detach): void {
    const { fleet, settings, healing, log } = this.#find(elastigroupId);
    const { capacity } = settings;
    const slots = [...new Set(detach.instanceIds)].map((instanceId) => {
      const slot = fleet.slotOf(instanceId);
      if (slot !== undefined) return slot;
      throw new Refusal(
        'INSTANCE_NOT_IN_GROUP',
        `Instance ${instanceId} does not belong to ${elastigroupId}.`,
        400,
        'instancesToDetach',
      );
    });
    const target = detach.decrementTargetCapacity ? capacity.target - slots.length : capacity.target;
    if (detach.decrementTargetCapacity && target < capacity.minimum)
      throw new Refusal(
        'TARGET_BELOW_MINIMUM',
        `The target would become ${target}, below the minimum of ${capacity.minimum}.`,
        400,
        'shouldDecrementTargetCapacity',
      );
    capacity.target = target;
    log.write('INFO', `Detaching ${slots.length} instances.`);
    fleet.release(slots, {
      terminate: detach.terminate,
      drainingMs: (detach.drainingTimeoutSeconds ?? settings.drainingTimeoutSeconds) * 1000,
    });
    if (detach.decrementTargetCapacity) return;
    const missing = Math.min(slots.length, capacity.target - fleet.slots.length);
    const fillsUp =
      missing === slots.length || this.#parts.undocumented.detachWithoutDecrement === 'fills-up-to-target';
    healing.launch(fillsUp ? missing : slots.length);
  }

  suspensions(elastigroupId: string): readonly SuspensionView[] {
    return this.#find(elastigroupId).suspensions.list();
  }

  suspend(elastigroupId: string, process: SpotProcess, ttlMinutes?: number): void {
    this.#find(elastigroupId).suspensions.suspend(process, ttlMinutes);
  }

  resume(elastigroupId: string, processes: readonly SpotProcess[]): void {
    this.#find(elastigroupId).suspensions.lift(processes);
  }

  startRoll(elastigroupId: string, options: Partial<RollOptions> = {}): RollView {
    const entry = this.#find(elastigroupId);
    entry.refuseWhileReplacing('roll');
    return entry.rolls.start({ batchSizePercentage: 50, gracePeriod: 300, ...options });
  }

  rolls(elastigroupId: string): readonly RollView[] {
    return this.#find(elastigroupId).rolls.list();
  }

  roll(elastigroupId: string, rollId: string): RollView {
    return this.#find(elastigroupId).rolls.get(rollId);
  }

  stopRoll(elastigroupId: string, rollId: string): void {
    this.#find(elastigroupId).rolls.stop(rollId);
  }

  logs(elastigroupId: string, query: LogQuery): readonly LogEntry[] {
    return this.#find(elastigroupId).log.read(query);
  }

  enterDeploymentMode(elastigroupId: string, config: DeploymentModeConfig): DeploymentMode {
    const entry = this.#find(elastigroupId);
    entry.refuseWhileReplacing('mode');
    for (const { applicationName, deploymentGroupName } of config.deploymentGroups)
      if (!this.#parts.codeDeploy.hasDeploymentGroup(applicationName, deploymentGroupName))
        throw new Refusal(
          'DEPLOYMENT_GROUP_DOESNT_EXIST',
          `There is no deployment group ${deploymentGroupName} in the application ${applicationName}.`,
          400,
          'deploymentGroups',
        );
    if (entry.fleet.running().length === 0)
      throw new Refusal('NO_RUNNING_INSTANCES', `The Elastigroup ${elastigroupId} has no running instances.`);
    return entry.enterMode(config);
  }

  /** Latest first. */
  deploymentModes(elastigroupId: string): readonly DeploymentMode[] {
    return this.#find(elastigroupId).modesSeen();
  }

  stopDeploymentMode(elastigroupId: string, deploymentModeId: string): void {
    const mode = this.#find(elastigroupId)
      .modes()
      .find(({ id }) => id === deploymentModeId);
    if (mode === undefined)
      throw new Refusal('DEPLOYMENT_DOESNT_EXIST', `There is no deployment ${deploymentModeId}.`, 404);
    mode.stop();
  }

  #find(elastigroupId: string): ElastigroupEntry {
    const entry = this.#entries.get(elastigroupId);
    if (entry === undefined)
      throw new Refusal('GROUP_DOESNT_EXIST', `The Elastigroup ${elastigroupId} does not exist.`, 404);
    return entry;
  }
}

function checkCapacity({ minimum, target, maximum }: { minimum: number; target: number; maximum: number }): void {
  if (minimum < 0 || minimum > target || target > maximum)
    throw new Refusal(
      'INVALID_CAPACITY',
      `Capacity must hold 0 <= minimum <= target <= maximum, not ${minimum}, ${target}, ${maximum}.`,
      400,
      'capacity',
    );
}
