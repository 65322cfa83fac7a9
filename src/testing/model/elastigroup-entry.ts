import type { DeploymentModeConfig } from './deployment-mode.js';
import { DeploymentMode } from './deployment-mode.js';
import { ElastigroupFleet } from './elastigroup-fleet.js';
import { ElastigroupHealing } from './elastigroup-healing.js';
import { ElastigroupLog } from './elastigroup-log.js';
import type { ElastigroupParts } from './elastigroup-parts.js';
import { spotId } from './elastigroup-parts.js';
import { ElastigroupRolls } from './elastigroup-rolls.js';
import type { ElastigroupOptions, ElastigroupSettings, InitialInstance } from './elastigroup-settings.js';
import { changedSettings, settingsOf } from './elastigroup-settings.js';
import { ElastigroupSuspensions } from './elastigroup-suspensions.js';
import type { SimulatedInstance } from './parts.js';
import { Refusal } from './parts.js';

const VANISHES_AFTER_MS = 10_000;

/** One Elastigroup with everything that Spot keeps about it. */
export class ElastigroupEntry {
  readonly createdAt: number;
  readonly fleet: ElastigroupFleet;
  readonly healing: ElastigroupHealing;
  readonly log: ElastigroupLog;
  readonly rolls: ElastigroupRolls;
  readonly suspensions: ElastigroupSuspensions;
  readonly #parts: ElastigroupParts;
  readonly #modes: DeploymentMode[] = [];
  #colouring: DeploymentMode | undefined;
  readonly #initial: readonly SimulatedInstance[];
  #settings: ElastigroupSettings;
  #updatedAt: number;

  constructor(
    parts: ElastigroupParts,
    readonly id: string,
    options: ElastigroupOptions,
    instances: readonly InitialInstance[],
  ) {
    this.#parts = parts;
    this.#settings = settingsOf(options);
    this.createdAt = parts.timers.now();
    this.#updatedAt = this.createdAt;
    this.log = new ElastigroupLog(parts.timers);
    this.rolls = new ElastigroupRolls(parts);
    this.suspensions = new ElastigroupSuspensions(parts.timers, () => this.healing.resume());
    const settings = () => this.#settings;
    this.fleet = new ElastigroupFleet({
      elastigroupId: id,
      parts,
      settings,
      mayRegister: () => !this.suspensions.isSuspended('LB_REGISTRATION'),
      lost: (slot) => this.healing.lost(slot),
    });
    this.healing = new ElastigroupHealing({
      parts,
      settings,
      fleet: this.fleet,
      log: this.log,
      suspensions: this.suspensions,
      runningMode: () => this.runningMode(),
      registersAtLaunch: () =>
        this.runningMode() === undefined ||
        (this.#settings.targetGroupArns.length > 0 && parts.undocumented.registersAtLaunchDuringMode === 'registers'),
    });
    for (const initial of instances) this.fleet.addRunning(initial);
    this.#initial = this.fleet.members();
  }

  get settings(): ElastigroupSettings {
    return this.#settings;
  }

  get updatedAt(): number {
    return this.#updatedAt;
  }

  update(changes: Partial<ElastigroupOptions>): void {
    this.#settings = changedSettings(this.#settings, changes);
    this.touch();
  }

  touch(): void {
    this.#updatedAt = this.#parts.timers.now();
  }

  runningMode(): DeploymentMode | undefined {
    return this.#modes.find((mode) => mode.isRunning);
  }

  /** Refuses what neither a roll nor a deployment mode lets through; a second mode only where Spot does. */
  refuseWhileReplacing(wanted: 'roll' | 'mode'): void {
    const roll = this.rolls.running();
    if (roll !== undefined)
      throw new Refusal('ROLL_IN_PROGRESS', `The Elastigroup ${this.id} is in the roll ${roll.rollId}.`);
    const mode = this.runningMode();
    if (mode !== undefined && (wanted === 'roll' || this.#parts.undocumented.secondMode === 'refused'))
      throw new Refusal('DEPLOYMENT_IN_PROGRESS', `The Elastigroup ${this.id} is in the deployment ${mode.id}.`);
  }

  enterMode(config: DeploymentModeConfig): DeploymentMode {
    const mode = new DeploymentMode(
      {
        parts: this.#parts,
        fleet: this.fleet,
        log: this.log,
        settings: () => this.#settings,
        liftSuspensions: () => this.#liftSuspensions(),
        ended: () => this.healing.modeEnded(),
      },
      spotId('cdbg', this.#parts.chance),
      config,
    );
    this.#modes.push(mode);
    if (config.aside !== true) this.#colouring = mode;
    return mode;
  }

  #liftSuspensions(): void {
    // Without a suspension there is no question.
    const none = this.suspensions.list().length === 0;
    if (none || this.#parts.undocumented.suspensionsAfterMode === 'lifted') this.suspensions.liftAll();
  }

  /** Modes that Spot still knows, latest first. */
  modes(): readonly DeploymentMode[] {
    const now = this.#parts.timers.now();
    const known = ({ endedAt }: DeploymentMode) =>
      endedAt === undefined || now < endedAt + VANISHES_AFTER_MS || this.#parts.undocumented.finishedMode === 'listed';
    return this.#modes.filter(known).reverse();
  }

  /** As `modes`, without what Spot's answers do not show yet. */
  modesSeen(): readonly DeploymentMode[] {
    const since = this.#parts.timers.now() - this.#parts.timings.spotReadAfterWriteMs;
    return this.modes().filter((mode) => mode.createdAt <= since);
  }

  /** Blue as of the last mode that is not aside (before any: what was there from the start); green is what that mode launched. */
  coloured(colour: 'blue' | 'green'): readonly SimulatedInstance[] {
    const last = this.#colouring;
    if (colour === 'green') return last?.greenInstances() ?? [];
    return last?.blue ?? this.#initial;
  }
}
