import type { Fault } from '../faults.js';
import type { SimulatedTimings, Undocumented } from '../options.js';
import type { CodeDeployAgents } from './code-deploy-agents.js';
import {
  type Diagnostics,
  revisionName,
  type SimulatedCodeDeployTarget,
  type SimulatedDeployment,
  type SimulatedLifecycleEvent,
} from './code-deploy-deployment.js';
import type { FaultBoard } from './fault-board.js';
import {
  type Chance,
  type Ec2Model,
  type LoadBalancingModel,
  Refusal,
  type SimulatedInstance,
  type Timers,
} from './parts.js';

export interface CodeDeployParts {
  readonly timers: Timers;
  readonly chance: Chance;
  readonly timings: SimulatedTimings;
  readonly undocumented: Undocumented;
  readonly ec2: Ec2Model;
  readonly loadBalancing: LoadBalancingModel;
  readonly faults: FaultBoard;
}

export const INSTALL_EVENTS = [
  'ApplicationStop',
  'DownloadBundle',
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService',
] as const;
export const ALLOW_EVENTS = ['BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic'] as const;
export const BLOCK_EVENTS = ['BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic'] as const;

/** The events whose failure `ignoreApplicationStopFailures` forgives. */
const FORGIVEN = ['ApplicationStop', 'BeforeBlockTraffic', 'AfterBlockTraffic'];
/** CodeDeploy's own work: nothing runs on the instance, and no script can fail. */
const WITHOUT_SCRIPT = ['DownloadBundle', 'Install', 'AllowTraffic', 'BlockTraffic'];
const WITHOUT_AGENT = ['AllowTraffic', 'BlockTraffic'];

const TO_START_MS = 5 * 60_000;
const TO_FINISH_MS = 3_600_000;
const TRAFFIC_POLL_MS = 5_000;
const DEFAULT_FAILING_EVENT = 'ApplicationStart';
const SUCCESS: Diagnostics = { errorCode: 'Success', scriptName: '', message: 'Succeeded', logTail: '' };
const AGENT_LOST =
  'CodeDeploy agent was not able to receive the lifecycle event. Check the CodeDeploy agent logs on your host and make sure the agent is running and can connect to the CodeDeploy server.';

type ScriptFault = Extract<Fault, { readonly fault: 'script-fails' }>;
type Done = (succeeded: boolean) => void;

/** Takes one target of a deployment through lifecycle events, and does to the instance what they do. */
export class Lifecycle {
  /** A script fault belongs to the first deployment that it strikes; a later release runs without it. */
  readonly #scriptFaults: ScriptFault[] = [];
  trafficMoved = false;

  constructor(
    private readonly parts: CodeDeployParts,
    private readonly agents: CodeDeployAgents,
    private readonly timers: Timers,
    private readonly deployment: SimulatedDeployment,
  ) {}

  /** Runs the named events in their order; after a failed one the rest are Skipped and the target is Failed. */
  run(target: SimulatedCodeDeployTarget, names: readonly string[], done: Done): void {
    const waits = target.events.every(({ status }) => status === 'Pending') && !this.#answers(target);
    // A question is asked only where its answer makes a difference: see `questionsAsked`.
    if (!waits || this.parts.undocumented.targetOfSilentAgent === 'InProgress') this.#set(target, 'InProgress');
    const events = target.events.filter((event) => names.includes(event.name));
    this.timers.schedule(this.parts.timings.agentPollMs, () => this.#next(target, events, done));
  }

  #next(target: SimulatedCodeDeployTarget, [event, ...rest]: readonly SimulatedLifecycleEvent[], done: Done): void {
    if (event === undefined) return done(true);
    const finished = (diagnostics: Diagnostics | undefined): void => {
      const forgiven = this.deployment.ignoreApplicationStopFailures && FORGIVEN.includes(event.name);
      event.status = diagnostics === undefined ? 'Succeeded' : 'Failed';
      event.endedAt = this.timers.now();
      event.diagnostics = diagnostics ?? SUCCESS;
      if (diagnostics === undefined || forgiven) {
        this.#set(target, 'InProgress');
        return this.#next(target, rest, done);
      }
      for (const skipped of target.events) if (skipped.status === 'Pending') skipped.status = 'Skipped';
      this.#set(target, 'Failed');
      done(false);
    };
    const lost = (): void => finished({ errorCode: 'UnknownError', scriptName: '', message: AGENT_LOST, logTail: '' });
    this.#silenceAgent(target, event.name, 'before');
    if (WITHOUT_AGENT.includes(event.name)) return this.#start(target, event, finished, lost);
    this.#awaitAgent(target, this.timers.now(), () => this.#start(target, event, finished, lost), lost);
  }

  #awaitAgent(target: SimulatedCodeDeployTarget, since: number, answered: () => void, lost: () => void): void {
    if (this.#answers(target)) return answered();
    const leftMs = since + TO_START_MS - this.timers.now();
    if (leftMs <= 0) return lost();
    this.timers.schedule(Math.min(leftMs, Math.max(1, this.parts.timings.agentPollMs)), () =>
      this.#awaitAgent(target, since, answered, lost),
    );
  }

  #start(
    target: SimulatedCodeDeployTarget,
    event: SimulatedLifecycleEvent,
    finished: (diagnostics: Diagnostics | undefined) => void,
    lost: () => void,
  ): void {
    event.status = 'InProgress';
    event.startedAt = this.timers.now();
    this.#set(target, 'InProgress');
    this.parts.faults.reached(event.name);
    this.#interrupt(target, event.name);
    this.#silenceAgent(target, event.name, 'in');
    const takesMs = this.parts.timings.eventMs[event.name] ?? this.parts.timings.scriptMs;
    if (event.name === 'AllowTraffic') return this.#allowTraffic(target, takesMs, finished, lost);
    if (event.name === 'BlockTraffic') return this.#blockTraffic(target, takesMs, finished, lost);
    if (event.name === 'ApplicationStop') this.#changeApplication(target, { healthy: false });
    this.timers.schedule(takesMs, () => {
      if (!this.#answers(target)) {
        this.timers.schedule(Math.max(0, TO_FINISH_MS - takesMs), lost);
        return;
      }
      const failure = this.#scriptFailure(target, event.name);
      if (failure === undefined) this.#apply(target, event.name);
      finished(failure);
    });
  }

  #apply(target: SimulatedCodeDeployTarget, eventName: string): void {
    const revision = revisionName(this.deployment.revision);
    if (eventName === 'Install') this.#changeApplication(target, { revision, healthy: false });
    if (eventName === 'ApplicationStart') this.#changeApplication(target, { revision, healthy: true });
  }

  #changeApplication(target: SimulatedCodeDeployTarget, change: { revision?: string; healthy: boolean }): void {
    const instance = this.#instance(target);
    const revision = change.revision ?? instance?.application?.revision;
    if (instance === undefined || revision === undefined) return;
    instance.application = { revision, healthy: change.healthy };
    this.parts.ec2.changed(instance);
  }

  #allowTraffic(
    target: SimulatedCodeDeployTarget,
    takesMs: number,
    finished: (diagnostics: Diagnostics | undefined) => void,
    lost: () => void,
  ): void {
    const { loadBalancing } = this.parts;
    const targetGroups = this.deployment.settings.targetGroupNames;
    const startedAt = this.timers.now();
    const poll = (): void => {
      if (targetGroups.every((name) => loadBalancing.stateOf(name, target.instanceId) === 'healthy')) {
        return finished(undefined);
      }
      if (this.timers.now() - startedAt >= TO_FINISH_MS) return lost();
      this.timers.schedule(TRAFFIC_POLL_MS, poll);
    };
    this.trafficMoved = true;
    const refused = attempt(() => {
      for (const name of targetGroups) loadBalancing.register(name, [target.instanceId]);
    });
    this.timers.schedule(takesMs, () => (refused === undefined ? poll() : finished(refused)));
  }

  /** An instance that goes away while it is being deregistered cannot be confirmed as deregistered: the event fails. */
  #blockTraffic(
    target: SimulatedCodeDeployTarget,
    takesMs: number,
    finished: (diagnostics: Diagnostics | undefined) => void,
    lost: () => void,
  ): void {
    const { loadBalancing } = this.parts;
    const targetGroups = this.deployment.settings.targetGroupNames;
    const startedAt = this.timers.now();
    const poll = (): void => {
      if (this.#gone(target))
        return finished(elbFailure(`The instance ${target.instanceId} could not be deregistered`));
      if (targetGroups.every((name) => loadBalancing.stateOf(name, target.instanceId) === undefined)) {
        return finished(undefined);
      }
      if (this.timers.now() - startedAt >= TO_FINISH_MS) return lost();
      this.timers.schedule(TRAFFIC_POLL_MS, poll);
    };
    const refused = attempt(() => {
      for (const name of targetGroups) loadBalancing.deregister(name, [target.instanceId]);
    });
    this.timers.schedule(takesMs, () => (refused === undefined ? poll() : finished(refused)));
  }

  #silenceAgent(target: SimulatedCodeDeployTarget, eventName: string, when: 'before' | 'in'): void {
    const fault = this.parts.faults.take(
      'agent-dead',
      (candidate) =>
        candidate.event === eventName &&
        (candidate.when ?? 'before') === when &&
        candidate.colour === target.colour &&
        (candidate.instance ?? 0) === target.index,
    );
    const instance = this.#instance(target);
    if (fault === undefined || instance === undefined) return;
    instance.agentAlive = false;
    this.parts.ec2.changed(instance);
  }

  #interrupt(target: SimulatedCodeDeployTarget, eventName: string): void {
    const fault = this.parts.faults.take(
      'interruption',
      (candidate) =>
        candidate.event === eventName &&
        candidate.colour === target.colour &&
        (candidate.instance ?? 0) === target.index,
    );
    if (fault === undefined || this.#gone(target)) return;
    this.parts.ec2.terminate(target.instanceId, {
      code: 'Server.SpotInstanceTermination',
      message: 'Server.SpotInstanceTermination: Spot instance termination',
    });
  }

  #scriptFailure(target: SimulatedCodeDeployTarget, eventName: string): Diagnostics | undefined {
    if (this.deployment.creator !== 'user' || WITHOUT_SCRIPT.includes(eventName)) return;
    const strikes = (fault: ScriptFault): boolean =>
      (fault.event ?? DEFAULT_FAILING_EVENT) === eventName &&
      (fault.colour ?? 'green') === target.colour &&
      (fault.instance === 'all' || (fault.instance ?? 0) === target.index);
    const taken = this.parts.faults.take('script-fails', strikes);
    if (taken !== undefined) this.#scriptFaults.push(taken);
    const fault = this.#scriptFaults.find(strikes);
    if (fault === undefined) return undefined;
    const scriptName = fault.scriptName ?? `scripts/${eventName}.sh`;
    return {
      errorCode: fault.errorCode ?? 'ScriptFailed',
      scriptName,
      message: fault.message ?? `Script at specified location: ${scriptName} failed with exit code 1`,
      logTail: fault.logTail ?? `LifecycleEvent - ${eventName}\nScript - ${scriptName}\n[stderr]exit 1\n`,
    };
  }

  #instance(target: SimulatedCodeDeployTarget): SimulatedInstance | undefined {
    return this.parts.ec2.get(target.instanceId);
  }

  #answers(target: SimulatedCodeDeployTarget): boolean {
    return this.agents.answers(this.#instance(target));
  }

  #gone(target: SimulatedCodeDeployTarget): boolean {
    const state = this.#instance(target)?.state;
    return state === undefined || state === 'shutting-down' || state === 'terminated';
  }

  #set(target: SimulatedCodeDeployTarget, status: SimulatedCodeDeployTarget['status']): void {
    target.status = status;
    target.lastUpdatedAt = this.timers.now();
  }
}

function attempt(act: () => void): Diagnostics | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return elbFailure(error.message);
    throw error;
  }
}

function elbFailure(message: string): Diagnostics {
  return { errorCode: 'UnknownError', scriptName: '', message, logTail: '' };
}
