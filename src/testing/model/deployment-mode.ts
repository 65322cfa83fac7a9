import { findUserDeployment, isOver } from './deployment-mode-deployments.js';
import { ModeGreen } from './deployment-mode-green.js';
import { ModeProgress } from './deployment-mode-progress.js';
import type { TerminalState } from './deployment-mode-states.js';
import { isBlueDispensable, isEnding, isTerminal, isTooLateToStop } from './deployment-mode-states.js';
import type { ElastigroupFleet, Slot } from './elastigroup-fleet.js';
import type { ElastigroupLog } from './elastigroup-log.js';
import type { ElastigroupParts } from './elastigroup-parts.js';
import type { ElastigroupSettings, SpotDeploymentGroup } from './elastigroup-settings.js';
import type { SimulatedDeploymentSummary, SimulatedInstance } from './parts.js';
import { Refusal } from './parts.js';

export interface DeploymentModeConfig {
  /** In the unit that `undocumented.modeTimeoutUnit` says. */
  readonly timeout: number;
  readonly tags: ReadonlyArray<{ readonly tagKey: string; readonly tagValue: string }>;
  readonly deploymentGroups: readonly SpotDeploymentGroup[];
  /** Somebody else's, beside the one that a story is about: it gives no instance a colour. */
  readonly aside?: boolean;
}

export interface DeploymentModeHost {
  readonly parts: ElastigroupParts;
  readonly fleet: ElastigroupFleet;
  readonly log: ElastigroupLog;
  settings(): ElastigroupSettings;
  liftSuspensions(): void;
  ended(mode: DeploymentMode): void;
}

const ROLLBACK_ATTEMPTS = 6;

/** Spot's own blue/green state machine over one Elastigroup, `cdbg-…`. */
export class DeploymentMode {
  readonly createdAt: number;
  readonly blue: readonly SimulatedInstance[];
  readonly #host: DeploymentModeHost;
  readonly #parts: ElastigroupParts;
  readonly #progress: ModeProgress;
  readonly #green: ModeGreen;
  #userDeployment: SimulatedDeploymentSummary | undefined;

  constructor(
    host: DeploymentModeHost,
    readonly id: string,
    readonly config: DeploymentModeConfig,
  ) {
    this.#host = host;
    this.#parts = host.parts;
    this.createdAt = this.#parts.timers.now();
    this.blue = host.fleet.running();
    this.#green = new ModeGreen({
      parts: host.parts,
      fleet: host.fleet,
      deploymentModeId: id,
      settings: () => host.settings(),
    });
    const unitMs = this.#parts.undocumented.modeTimeoutUnit === 'seconds' ? 1000 : 60_000;
    this.#progress = new ModeProgress({
      parts: this.#parts,
      timeoutMs: config.timeout * unitMs,
      say: (severity, what) => this.#say(severity, what),
      timedOut: () => this.#failed('the deployment timed out'),
      gaveUp: () => this.#failed('the deployment stayed unstable'),
    });
    this.#progress.enter('STARTING', () => this.#validate());
  }

  get isRunning(): boolean {
    return !isTerminal(this.#progress.state);
  }

  /** When it reached a final state. */
  get endedAt(): number | undefined {
    return this.#progress.endedAt;
  }

  /** What GET answers: not always where the mode is. */
  shownState(): string {
    return this.#progress.shownState();
  }

  /** The instances that the mode launched, those that are gone included. */
  greenInstances(): readonly SimulatedInstance[] {
    return this.#green.instances();
  }

  /** Whether Spot wants a replacement for what was lost while the mode runs. */
  needs(lost: Slot): boolean {
    const { state } = this.#progress;
    if (isEnding(state)) return lost.deploymentModeId !== this.id;
    if (!isBlueDispensable(state)) return true;
    return !this.blue.some((instance) => instance === lost.instance);
  }

  /** Somebody set the target by hand: the mode no longer puts it back at its end. */
  targetSet(): void {
    this.#green.targetSet();
  }

  stop(): void {
    const { state } = this.#progress;
    if (isTerminal(state) || isTooLateToStop(state))
      throw new Refusal('CANT_STOP_DEPLOYMENT', `The deployment ${this.id} is in ${state} and cannot be stopped.`);
    if (isEnding(state)) return;
    this.#progress.enter('STOPPING', () => {
      const leftBehind = this.#parts.faults.take('green-left-behind') !== undefined;
      if (leftBehind || this.#parts.undocumented.stopMode === 'leaves-green') this.#end('FINISHED_STOPPED');
      else this.#removeGreen('FINISHED_STOPPED');
    });
  }

  #validate(): void {
    this.#progress.enter('VALIDATE_TAGS', () => {
      const bad = this.blue.find((instance) => {
        const tags = this.#parts.ec2.tagsSeen(instance, 'ec2');
        return this.config.tags.some(({ tagKey, tagValue }) => [undefined, tagValue].includes(tags.get(tagKey)));
      });
      if (bad === undefined) this.#launch();
      else {
        const keys = this.config.tags.map((tag) => tag.tagKey).join(', ');
        this.#say('WARN', `instance ${bad.instanceId} does not carry each of ${keys} with another value`);
        this.#end('FINISHED_ERROR');
      }
    });
  }

  #launch(): void {
    this.#progress.enter('LAUNCHING_NEW_INSTANCES', () => {
      this.#green.launch(this.blue.length);
      this.#progress.enter('AWAITING_INSTANCES_LAUNCH', () => this.#awaitLaunch(), this.#parts.timings.spotPollMs);
    });
  }

  #awaitLaunch(): void {
    if (!this.#green.allRun()) {
      this.#progress.lookAgain(() => this.#awaitLaunch());
      return;
    }
    this.#progress.enter('TAG_INSTANCES_WITH_GREEN_TAG', () => {
      this.#green.tag(Object.fromEntries(this.config.tags.map((tag) => [tag.tagKey, tag.tagValue])));
      this.#progress.enter(
        'AWAITING_USER_DEPLOYMENT',
        () => this.#awaitUserDeployment(),
        this.#parts.timings.spotPollMs,
      );
    });
  }

  #awaitUserDeployment(): void {
    this.#userDeployment = findUserDeployment(this.#parts, this.config.deploymentGroups, this.#green.ids());
    if (this.#userDeployment === undefined) this.#progress.lookAgain(() => this.#awaitUserDeployment());
    else
      this.#progress.enter(
        'AWAITING_DEPLOYMENT_TO_FINISH',
        () => this.#awaitDeployment(),
        this.#parts.timings.spotPollMs,
      );
  }

  #awaitDeployment(): void {
    const status = this.#parts.codeDeploy.deployment(this.#userDeployment?.deploymentId ?? '')?.status;
    if (status === 'Succeeded') this.#succeeded();
    else if (status === 'Failed' || status === 'Stopped') this.#failed(`the CodeDeploy deployment is ${status}`);
    else this.#progress.lookAgain(() => this.#awaitDeployment());
  }

  #succeeded(): void {
    const wait = this.#parts.timings.waitBeforeTerminationMs;
    this.#progress.enter(
      'WAIT_BEFORE_TERMINATION',
      () => {
        const left = this.#parts.faults.take('blue-not-removed');
        if (left === undefined) this.#removeBlue();
        else if (left.finishes === true) this.#finish();
      },
      wait,
    );
  }

  #removeBlue(): void {
    this.#progress.enter('REMOVE_OLD_INSTANCES', () => {
      const blue = new Set(this.blue);
      this.#remove((slot) => slot.instance !== undefined && blue.has(slot.instance));
      this.#untilGone(this.blue, () => this.#finish());
    });
  }

  #finish(): void {
    this.#progress.enter('REMOVE_ALL_SUSPENSIONS', () => {
      this.#host.liftSuspensions();
      if (this.#parts.undocumented.greenTagsAfterFinish === 'rewritten') this.#green.tag(this.#tagsOfBlue());
      this.#end('FINISHED');
    });
  }

  #failed(because: string): void {
    this.#say('WARN', because);
    switch (this.#parts.undocumented.whenDeploymentFails) {
      case 'rolls-back-itself':
        this.#progress.enter('ROLLBACK_START', () => {
          if (this.#userDeployment === undefined) this.#removeGreen('FINISHED_ERROR');
          else this.#progress.enter('ROLLBACK_CREATE_DEPLOYMENT', () => this.#createRollback(this.#userDeployment, 1));
        });
        return;
      case 'only-removes-green':
        this.#removeGreen('FINISHED_ERROR');
        return;
      case 'does-nothing':
        if (this.#progress.expired) this.#end('FINISHED_ERROR');
        return;
    }
  }

  #createRollback(failed: SimulatedDeploymentSummary | undefined, attempt: number): void {
    const blueIds = this.blue.filter((instance) => instance.state === 'running').map((instance) => instance.instanceId);
    if (failed === undefined || blueIds.length === 0) {
      this.#removeGreen('FINISHED_ERROR');
      return;
    }
    try {
      const { codeDeploy } = this.#parts;
      const made = codeDeploy.createSpotRollback(failed.applicationName, failed.deploymentGroupName, blueIds);
      const awaitIt = () => {
        const status = codeDeploy.deployment(made.deploymentId)?.status;
        if (status === undefined || isOver(status)) this.#removeGreen('FINISHED_ERROR');
        else this.#progress.lookAgain(awaitIt);
      };
      this.#progress.enter('ROLLBACK_REPLACE_OLD_NEW_INSTANCES', awaitIt, this.#parts.timings.spotPollMs);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.#say('WARN', `the rollback deployment was refused: ${refusal.message}`);
      const busy = refusal.code === 'DeploymentLimitExceededException';
      if (busy && attempt < ROLLBACK_ATTEMPTS)
        this.#progress.lookAgain(() => this.#createRollback(failed, attempt + 1));
      else this.#removeGreen('FINISHED_ERROR');
    }
  }

  #removeGreen(end: TerminalState): void {
    this.#progress.enter('REMOVE_NEW_INSTANCES', () => {
      this.#remove((slot) => this.#green.has(slot));
      this.#untilGone(this.greenInstances(), () => this.#end(end));
    });
  }

  #remove(which: (slot: Slot) => boolean): void {
    const drainingMs = this.#host.settings().drainingTimeoutSeconds * 1000;
    this.#host.fleet.release(this.#host.fleet.slots.filter(which), { terminate: true, drainingMs });
  }

  /** Somebody may have taken instances out of the Elastigroup and kept them running: only those that Spot ends are waited for. */
  #untilGone(instances: readonly SimulatedInstance[], then: () => void): void {
    const drainingMs = this.#host.settings().drainingTimeoutSeconds * 1000;
    if (instances.some(({ state }) => state === 'running' || state === 'pending'))
      this.#progress.schedule(drainingMs + 1, then);
    else then();
  }

  #tagsOfBlue(): Readonly<Record<string, string>> {
    const tags = this.blue[0]?.tags;
    return Object.fromEntries(this.config.tags.map(({ tagKey, tagValue }) => [tagKey, tags?.get(tagKey) ?? tagValue]));
  }

  #end(state: TerminalState): void {
    this.#progress.end(state);
    this.#green.putTargetBack();
    this.#host.ended(this);
  }

  #say(severity: 'INFO' | 'WARN', what: string): void {
    this.#host.log.write(severity, `CodeDeploy blue/green deployment ${this.id}: ${what}`);
  }
}
