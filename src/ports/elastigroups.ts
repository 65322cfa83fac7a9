import type { Call } from './call.js';

/** A tag as a key with its value. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface DeploymentGroupRef {
  readonly applicationName: string;
  readonly deploymentGroupName: string;
}

export interface ElastigroupCapacity {
  readonly minimum: number;
  readonly target: number;
  readonly maximum: number;
  /** `instance`, or `weight` where counts are not numbers of instances. */
  readonly unit: string;
}

/** What the library reads of an Elastigroup's configuration; the rest stays with Spot. */
export interface Elastigroup {
  readonly elastigroupId: string;
  readonly name: string;
  readonly capacity: ElastigroupCapacity;
  /** Persistence settings that are on, by their Spot name: such an Elastigroup is stateful. */
  readonly persistence: readonly string[];
  readonly elasticIps: readonly string[];
  readonly privateIps: readonly string[];
  /** ARNs of the target groups in which Spot registers an instance when it launches. */
  readonly targetGroupArns: readonly string[];
  /** Names of the classic load balancers in which Spot registers an instance when it launches. */
  readonly classicLoadBalancers: readonly string[];
  /** Deployment groups that Spot's own CodeDeploy integration deploys to whenever it launches an instance. */
  readonly codeDeployIntegration: readonly DeploymentGroupRef[];
  /** Tags of the launch specification: what replacements carry. */
  readonly launchTags: readonly Tag[];
  readonly scheduledTasks: ReadonlyArray<{
    readonly taskType: string;
    readonly when: string;
    readonly enabled: boolean;
  }>;
}

export interface ElastigroupInstance {
  /** Null while the instance is still pending. */
  readonly instanceId: string | null;
  readonly spotInstanceRequestId: string | null;
  readonly instanceType: string | null;
  readonly availabilityZone: string | null;
  readonly privateIp: string | null;
  readonly status: string | null;
  readonly createdAt: string | null;
}

export interface DeploymentMode {
  /** `cdbg-…` */
  readonly deploymentModeId: string;
  readonly elastigroupId: string;
  /** One of Spot's published states, or a word that this version has never heard of. */
  readonly state: string;
  readonly tags: readonly Tag[];
  readonly deploymentGroups: readonly DeploymentGroupRef[];
  /** Spot's own limit for the whole mode, counted from its start; absent where Spot does not tell it. */
  readonly timeoutMs?: number | undefined;
}

export interface Roll {
  readonly rollId: string;
  readonly status: string;
}

export interface Suspension {
  readonly process: string;
  /** ISO time at which Spot lifts it by itself; absent when it is suspended until somebody lifts it. */
  readonly expiresAt?: string | undefined;
}

export interface DetachInstances {
  readonly instanceIds: readonly string[];
  readonly terminate: boolean;
  readonly decrementTargetCapacity: boolean;
  readonly drainingTimeoutMs?: number | undefined;
}

/** Spot's Elastigroups, as far as a release needs them. */
export interface Elastigroups {
  /** The Spot account that calls are made for, `act-…`; undefined when Spot chooses the organisation's oldest. */
  account(): Promise<string | undefined>;
  readElastigroup(elastigroupId: string, call?: Call): Promise<Elastigroup>;
  listInstances(elastigroupId: string, call?: Call): Promise<readonly ElastigroupInstance[]>;
  /** Latest first. A finished one may be missing. */
  listDeploymentModes(elastigroupId: string, call?: Call): Promise<readonly DeploymentMode[]>;
  listRolls(elastigroupId: string, call?: Call): Promise<readonly Roll[]>;
  listSuspensions(elastigroupId: string, call?: Call): Promise<readonly Suspension[]>;

  enterDeploymentMode(
    elastigroupId: string,
    mode: {
      readonly timeoutMs: number;
      readonly tags: readonly Tag[];
      readonly deploymentGroups: readonly DeploymentGroupRef[];
    },
    call?: Call,
  ): Promise<DeploymentMode>;
  stopDeploymentMode(elastigroupId: string, deploymentModeId: string, call?: Call): Promise<void>;
  detachInstances(elastigroupId: string, detach: DetachInstances, call?: Call): Promise<void>;
  setCapacity(
    elastigroupId: string,
    capacity: { readonly minimum: number; readonly target: number; readonly maximum: number },
    call?: Call,
  ): Promise<void>;
  /** Suspends processes; with `ttlMs` (whole minutes, rounded up) Spot lifts the suspension by itself. */
  suspendProcesses(
    elastigroupId: string,
    suspensions: ReadonlyArray<{ readonly process: string; readonly ttlMs?: number | undefined }>,
    call?: Call,
  ): Promise<void>;
  /** Lifts suspensions. */
  resumeProcesses(elastigroupId: string, processes: readonly string[], call?: Call): Promise<void>;
}
