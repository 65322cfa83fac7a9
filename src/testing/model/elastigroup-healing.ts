import type { DeploymentMode } from './deployment-mode.js';
import type { ElastigroupFleet, Slot } from './elastigroup-fleet.js';
import type { ElastigroupLog } from './elastigroup-log.js';
import type { ElastigroupParts } from './elastigroup-parts.js';
import type { ElastigroupSettings } from './elastigroup-settings.js';
import type { ElastigroupSuspensions } from './elastigroup-suspensions.js';

interface HealingHost {
  readonly parts: ElastigroupParts;
  readonly fleet: ElastigroupFleet;
  readonly log: ElastigroupLog;
  readonly suspensions: ElastigroupSuspensions;
  settings(): ElastigroupSettings;
  runningMode(): DeploymentMode | undefined;
  registersAtLaunch(): boolean;
}

/** Keeps one Elastigroup at its target: replaces what was lost, and follows a changed target. */
export class ElastigroupHealing {
  readonly #host: HealingHost;
  #postponed: Slot[] = [];
  #fillUpPostponed = false;
  #targetChangedDuringMode = false;

  constructor(host: HealingHost) {
    this.#host = host;
  }

  /** An instance went that Spot did not take. */
  lost(slot: Slot): void {
    const instanceId = slot.instance?.instanceId;
    this.#host.log.write('WARN', `Instance ${instanceId ?? slot.spotInstanceRequestId} is gone.`, instanceId);
    const { timers, timings } = this.#host.parts;
    timers.schedule(timings.healingMs, () => this.#heal(slot));
  }

  /** Called when a suspension ends. */
  resume(): void {
    if (this.#host.suspensions.isSuspended('AUTO_HEALING')) return;
    const postponed = this.#postponed;
    this.#postponed = [];
    for (const slot of postponed) this.#heal(slot);
    if (this.#fillUpPostponed) this.#fillUp();
  }

  /** Brings the Elastigroup to its target, both ways. While a mode runs this waits for its end. */
  followTarget(): void {
    const { fleet, log } = this.#host;
    if (this.#host.runningMode() !== undefined) {
      this.#targetChangedDuringMode = true;
      return;
    }
    this.#targetChangedDuringMode = false;
    const { capacity, drainingTimeoutSeconds } = this.#host.settings();
    const surplus = fleet.slots.length - capacity.target;
    if (surplus < 0) this.launch(-surplus);
    if (surplus <= 0) return;
    log.write('INFO', `Scaling in by ${surplus}: the newest go.`);
    fleet.release(fleet.slots.slice(-surplus), { terminate: true, drainingMs: drainingTimeoutSeconds * 1000 });
  }

  /** What the mode did not do: losses it did not replace, and a target that changed meanwhile. */
  modeEnded(): void {
    if (this.#targetChangedDuringMode) this.followTarget();
    const { timers, timings } = this.#host.parts;
    timers.schedule(timings.healingMs, () => this.#fillUp());
  }

  launch(count: number): void {
    if (count <= 0) return;
    this.#host.log.write('INFO', `Launching ${count} instances.`);
    this.#host.fleet.request(count, { registersAtLaunch: this.#host.registersAtLaunch() });
  }

  #missing(): number {
    return Math.max(0, this.#host.settings().capacity.target - this.#host.fleet.slots.length);
  }

  #fillUp(): void {
    this.#fillUpPostponed = this.#host.suspensions.isSuspended('AUTO_HEALING');
    if (!this.#fillUpPostponed && this.#host.runningMode() === undefined) this.launch(this.#missing());
  }

  #heal(slot: Slot): void {
    if (this.#host.suspensions.isSuspended('AUTO_HEALING')) {
      this.#postponed.push(slot);
      return;
    }
    const mode = this.#host.runningMode();
    if (mode === undefined) this.launch(Math.min(1, this.#missing()));
    else if (mode.needs(slot) && this.#host.parts.undocumented.healingDuringMode === 'replaces') this.launch(1);
  }
}
