import type { CodeDeployAgents } from './code-deploy-agents.js';
import {
  isActive,
  labelled,
  type SimulatedCodeDeployTarget,
  type SimulatedDeployment,
} from './code-deploy-deployment.js';
import { leavesNoRoom, type MinimumHealthyHosts, minimumOf, runFleet } from './code-deploy-health.js';
import {
  ALLOW_EVENTS,
  BLOCK_EVENTS,
  type CodeDeployParts,
  INSTALL_EVENTS,
  Lifecycle,
} from './code-deploy-lifecycle.js';
import { decideTargets, firstTargets, settleTarget } from './code-deploy-targets.js';
import { DeploymentTimers } from './code-deploy-timers.js';

const HEALTH_CONSTRAINTS = {
  code: 'HEALTH_CONSTRAINTS',
  message:
    'The overall deployment failed because too many individual instances failed deployment, too few healthy instances are available for deployment, or some instances in your deployment group are experiencing problems.',
};
const HEALTH_CONSTRAINTS_INVALID = {
  code: 'HEALTH_CONSTRAINTS_INVALID',
  message:
    "The deployment can't start because the minimum number of healthy instances, as defined by your deployment configuration, are not available. You can reduce the required number of healthy instances by updating your deployment configuration or increase the number of instances in this deployment group.",
};
const NO_INSTANCES = {
  code: 'NO_INSTANCES',
  message: 'No instances were specified, or no instances can be found.',
};

/** What a run tells the service about. */
export interface RunListener {
  succeeded(deployment: SimulatedDeployment): void;
  failed(deployment: SimulatedDeployment): void;
}

/** One deployment on its way from Created to its end. */
export class DeploymentRun {
  readonly #timers: DeploymentTimers;
  readonly #lifecycle: Lifecycle;
  #waiting: { readonly on: 'READY_WAIT' | 'TERMINATION_WAIT'; readonly go: () => void } | undefined;

  constructor(
    private readonly parts: CodeDeployParts,
    agents: CodeDeployAgents,
    readonly deployment: SimulatedDeployment,
    private readonly minimum: MinimumHealthyHosts,
    private readonly listener: RunListener,
  ) {
    this.#timers = new DeploymentTimers(parts.timers);
    this.#lifecycle = new Lifecycle(parts, agents, this.#timers, deployment);
  }

  /** Whether any instance has been registered for this deployment. */
  get trafficMoved(): boolean {
    return this.#lifecycle.trafficMoved;
  }

  get waitsOn(): 'READY_WAIT' | 'TERMINATION_WAIT' | undefined {
    return this.#waiting?.on;
  }

  begin(): void {
    const { deploymentStartMs } = this.parts.timings;
    this.#timers.schedule(deploymentStartMs / 2, () => {
      this.deployment.status = 'Queued';
      this.#timers.schedule(deploymentStartMs / 2, () => this.#start());
    });
  }

  continue(): void {
    const { go } = this.#waiting ?? {};
    go?.();
  }

  /** Everything stays as it is at this instant. */
  stop(error?: { readonly code: string; readonly message: string }): void {
    this.#end('Stopped', error);
  }

  #start(): void {
    const { deployment } = this;
    deployment.status = 'InProgress';
    deployment.startedAt = this.#timers.now();
    deployment.targets = decideTargets(deployment, this.parts.ec2, this.#timers.now());
    const first = firstTargets(deployment);
    if (first.length === 0) return this.#fail(NO_INSTANCES);
    const size = first.length;
    const { work } = deployment;
    if (work.kind === 'return-traffic') return this.#allow(first, size - 1, size);
    const oneAtATime = work.kind === 'redeploy';
    if (!oneAtATime && leavesNoRoom(this.minimum, size)) return this.#fail(HEALTH_CONSTRAINTS_INVALID);
    const room = oneAtATime ? 1 : size - minimumOf(this.minimum, size);
    if (work.kind === 'in-place') return this.#wholeInstances(first, room);
    this.#install(first, room);
  }

  #wholeInstances(targets: readonly SimulatedCodeDeployTarget[], room: number): void {
    runFleet({
      targets,
      atATime: room,
      tolerated: room,
      run: (target, done) =>
        this.#lifecycle.run(target, [...BLOCK_EVENTS, ...INSTALL_EVENTS, ...ALLOW_EVENTS], (ok) => {
          if (ok) this.#succeeded(target);
          done(ok);
        }),
      finished: (within) => (within ? this.#succeed() : this.#fail(HEALTH_CONSTRAINTS)),
    });
  }

  #install(targets: readonly SimulatedCodeDeployTarget[], room: number): void {
    const installed: SimulatedCodeDeployTarget[] = [];
    runFleet({
      targets,
      atATime: room,
      tolerated: room,
      run: (target, done) =>
        this.#lifecycle.run(target, INSTALL_EVENTS, (ok) => {
          if (ok) installed.push(target);
          done(ok);
        }),
      finished: (within) => {
        if (!within) return this.#fail(HEALTH_CONSTRAINTS);
        const failed = targets.length - installed.length;
        this.#readyWait(installed, () => this.#allow(installed, room - failed, room));
      },
    });
  }

  #readyWait(installed: readonly SimulatedCodeDeployTarget[], go: () => void): void {
    const { work, settings } = this.deployment;
    if (work.kind !== 'blue-green' || settings.readyWaitMinutes === undefined) return go();
    this.deployment.status = 'Ready';
    this.#setAll(installed, 'Ready');
    const timer = this.#timers.schedule(settings.readyWaitMinutes * 60_000, () => this.#end('Stopped'));
    this.#wait('READY_WAIT', () => {
      timer.cancel();
      this.deployment.status = 'InProgress';
      this.#setAll(installed, 'InProgress');
      go();
    });
  }

  #allow(targets: readonly SimulatedCodeDeployTarget[], tolerated: number, atATime: number): void {
    const { work, settings } = this.deployment;
    if (!settings.trafficControl || (work.kind === 'redeploy' && !work.allowTraffic)) {
      for (const target of targets) this.#succeeded(target);
      return this.#succeed();
    }
    runFleet({
      targets,
      atATime,
      tolerated,
      run: (target, done) =>
        this.#lifecycle.run(target, ALLOW_EVENTS, (ok) => {
          if (ok) this.#succeeded(target);
          done(ok);
        }),
      finished: (within) => (within ? this.#block() : this.#fail(HEALTH_CONSTRAINTS)),
    });
  }

  /** One instance that cannot be taken out fails the whole deployment, once all of them have been tried. */
  #block(): void {
    const targets = labelled(this.deployment, this.deployment.work.kind === 'return-traffic' ? 'Green' : 'Blue');
    const leaving = this.deployment.work.kind === 'redeploy' ? [] : targets;
    if (leaving.length === 0) return this.#succeed();
    let failed = false;
    runFleet({
      targets: leaving,
      atATime: leaving.length,
      tolerated: leaving.length,
      run: (target, done) =>
        this.#lifecycle.run(target, BLOCK_EVENTS, (ok) => {
          if (ok) this.#succeeded(target);
          else failed = true;
          done(ok);
        }),
      finished: () => (failed ? this.#fail(HEALTH_CONSTRAINTS) : this.#succeed()),
    });
  }

  #succeed(): void {
    const { work, settings } = this.deployment;
    if (work.kind !== 'blue-green' || settings.terminateBlueAfterMinutes === undefined) return this.#end('Succeeded');
    this.deployment.terminationWaitStarted = true;
    this.deployment.inTerminationWait = true;
    if (this.parts.undocumented.statusInTerminationWait === 'Succeeded') {
      this.deployment.status = 'Succeeded';
      this.listener.succeeded(this.deployment);
    }
    const terminateBlue = (): void => {
      for (const { instanceId } of labelled(this.deployment, 'Blue')) {
        this.parts.ec2.terminate(instanceId, {
          code: 'Client.UserInitiatedShutdown',
          message: 'Client.UserInitiatedShutdown: User initiated shutdown',
        });
      }
      this.#end('Succeeded');
    };
    const timer = this.#timers.schedule(settings.terminateBlueAfterMinutes * 60_000, terminateBlue);
    this.#wait('TERMINATION_WAIT', () => {
      timer.cancel();
      terminateBlue();
    });
  }

  #wait(on: 'READY_WAIT' | 'TERMINATION_WAIT', go: () => void): void {
    this.#waiting = {
      on,
      go: () => {
        this.#waiting = undefined;
        go();
      },
    };
    this.parts.faults.reached(on);
  }

  #fail(error: { readonly code: string; readonly message: string }): void {
    this.#end('Failed', error);
    this.listener.failed(this.deployment);
  }

  #end(status: 'Succeeded' | 'Failed' | 'Stopped', error?: { readonly code: string; readonly message: string }): void {
    const { deployment } = this;
    const wasActive = isActive(deployment);
    this.#timers.silence();
    this.#waiting = undefined;
    deployment.status = status;
    deployment.inTerminationWait = false;
    deployment.error = error;
    deployment.completedAt = this.parts.timers.now();
    for (const target of deployment.targets) settleTarget(target);
    if (status === 'Succeeded' && wasActive) this.listener.succeeded(deployment);
  }

  #succeeded(target: SimulatedCodeDeployTarget): void {
    this.#setAll([target], 'Succeeded');
  }

  #setAll(targets: readonly SimulatedCodeDeployTarget[], status: SimulatedCodeDeployTarget['status']): void {
    for (const target of targets) {
      target.status = status;
      target.lastUpdatedAt = this.parts.timers.now();
    }
  }
}
