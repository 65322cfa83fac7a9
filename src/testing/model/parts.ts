/**
 * The parts of the simulated cloud and what they ask of each other. Every part is a state machine over simulated time
 * that knows nothing of HTTP; `wire/` translates requests into calls of these methods, and refusals into wire errors.
 */

/** A refusal as the service would word it; the wire part turns it into the service's own error shape. */
export class Refusal extends Error {
  constructor(
    /** The service's error code, such as `InvalidTargetInstancesException`. */
    readonly code: string,
    message: string,
    readonly status = 400,
    /** Spot only: the field that was wrong. */
    readonly field?: string,
  ) {
    super(message);
  }
}

/** Simulated time. Callbacks run in the order of their time, then in the order in which they were scheduled. */
export interface Timers {
  now(): number;
  schedule(delayMs: number, run: () => void): { cancel(): void };
}

export type SimulatedInstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

export interface SimulatedInstance {
  readonly instanceId: string;
  readonly privateIp: string;
  readonly availabilityZone: string;
  readonly instanceType: string;
  readonly launchedAt: number;
  /** The Elastigroup that launched it, and whether it still belongs to it. */
  readonly elastigroupId: string | undefined;
  attached: boolean;
  state: SimulatedInstanceState;
  stateReason: { readonly code: string; readonly message: string } | undefined;
  terminatedAt: number | undefined;
  /** What the instance really carries now; what a service *sees* lags behind, see `Ec2Model.find`. */
  readonly tags: ReadonlyMap<string, string>;
  /** The application on it: undefined before anything was installed. A target group's health checks look at `healthy`. */
  application: { readonly revision: string; readonly healthy: boolean } | undefined;
  /** False when the CodeDeploy agent does not answer. */
  agentAlive: boolean;
}

export interface TagCondition {
  readonly key: string;
  /** Absent: any value. */
  readonly values?: readonly string[];
}

/** Through whose eyes tags are seen: the truth, EC2's API, or CodeDeploy; the latter two lag by `timings.tagVisibleInEc2Ms` and `timings.tagVisibleInCodeDeployMs`. */
export type TagView = 'truth' | 'ec2' | 'codedeploy';

export interface Ec2Model {
  /** Starts in `pending`, is `running` after `timings.launchMs`. */
  launch(input: {
    readonly elastigroupId?: string;
    readonly tags: Readonly<Record<string, string>>;
    readonly application?: { readonly revision: string; readonly healthy: boolean };
    readonly availabilityZone?: string;
    readonly instanceType?: string;
    /** Overrides `timings.launchMs`; 0 = running at once. */
    readonly launchMs?: number;
  }): SimulatedInstance;
  /** `running` → `shutting-down` → (after `timings.terminationMs`) `terminated`. Unknown ids are refused with `InvalidInstanceID.NotFound`. */
  terminate(instanceId: string, reason: { readonly code: string; readonly message: string }): void;
  stop(instanceId: string): void;
  get(instanceId: string): SimulatedInstance | undefined;
  all(): readonly SimulatedInstance[];
  createTags(instanceIds: readonly string[], tags: Readonly<Record<string, string>>): void;
  deleteTags(instanceIds: readonly string[], keys: readonly string[]): void;
  tagsSeen(instance: SimulatedInstance, view: TagView): ReadonlyMap<string, string>;
  /** Instances that are not terminated and meet every condition, as `view` sees their tags. */
  find(conditions: readonly TagCondition[], view: TagView): readonly SimulatedInstance[];
  /** Told after every change of an instance's state, application or membership. */
  onChange(listener: (instance: SimulatedInstance) => void): void;
  /** Called by whoever changes `application`, `attached` or `agentAlive` of an instance. */
  changed(instance: SimulatedInstance): void;
}

export type SimulatedTargetState = 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining';

export interface SimulatedTargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly port: number;
  deregistrationDelayMs: number;
}

export interface LoadBalancingModel {
  createTargetGroup(input: {
    readonly name: string;
    readonly arn?: string;
    readonly port?: number;
    readonly deregistrationDelayMs?: number;
  }): SimulatedTargetGroup;
  /** Refuses an unknown name or ARN with `TargetGroupNotFound`. */
  targetGroup(nameOrArn: string): SimulatedTargetGroup;
  targetGroups(): readonly SimulatedTargetGroup[];
  /** `initial`, then `healthy` or `unhealthy` by the application on the instance after `timings.healthyAfterMs`. Registered targets: no change. */
  register(nameOrArn: string, instanceIds: readonly string[]): void;
  /** `draining` for the deregistration delay, then gone. Absent targets: success. */
  deregister(nameOrArn: string, instanceIds: readonly string[]): void;
  health(nameOrArn: string): ReadonlyArray<{
    readonly instanceId: string;
    readonly state: SimulatedTargetState;
    readonly reason?: string;
    readonly description?: string;
  }>;
  stateOf(nameOrArn: string, instanceId: string): SimulatedTargetState | undefined;
  /** Told after every change of a target's state. */
  onChange(listener: (targetGroupArn: string, instanceId: string) => void): void;
}

export type SimulatedCodeDeployStatus =
  | 'Created'
  | 'Queued'
  | 'InProgress'
  | 'Baking'
  | 'Ready'
  | 'Succeeded'
  | 'Failed'
  | 'Stopped';

export interface SimulatedRevision {
  readonly revisionType: string;
  readonly [location: string]: unknown;
}

export interface SimulatedDeploymentSummary {
  readonly deploymentId: string;
  readonly applicationName: string;
  readonly deploymentGroupName: string;
  readonly status: SimulatedCodeDeployStatus;
  /** Who made it: `user` through the API, `codeDeployRollback`, or `spot` for a deployment that Spot created by itself. */
  readonly creator: 'user' | 'codeDeployRollback' | 'spot';
  /** Instance ids of the Green targets; empty until the deployment has started. */
  readonly greenInstanceIds: readonly string[];
  readonly blueInstanceIds: readonly string[];
}

/** What Spot's deployment mode asks of CodeDeploy. */
export interface CodeDeployModel {
  /** Deployments of the deployment group, latest first. */
  deployments(applicationName: string, deploymentGroupName: string): readonly SimulatedDeploymentSummary[];
  deployment(deploymentId: string): SimulatedDeploymentSummary | undefined;
  hasDeploymentGroup(applicationName: string, deploymentGroupName: string): boolean;
  /** The deployment that Spot makes in ROLLBACK_CREATE_DEPLOYMENT: the last good revision onto these (blue) instances. Refuses as the API would. */
  createSpotRollback(
    applicationName: string,
    deploymentGroupName: string,
    instanceIds: readonly string[],
  ): SimulatedDeploymentSummary;
}

/** What the rest asks of Spot. */
export interface ElastigroupsModel {
  /** Ids of the instances that belong to the Elastigroup now, pending ones included. */
  members(elastigroupId: string): readonly SimulatedInstance[];
}

/** A random number of the cloud's own seeded stream, 0 ≤ x < 1. */
export type Chance = () => number;
