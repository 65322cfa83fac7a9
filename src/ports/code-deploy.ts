import type { Call } from './call.js';
import type { DeploymentGroupRef, Tag } from './elastigroups.js';
import type { TagCondition } from './instances.js';

export type Revision =
  | {
      readonly s3: {
        readonly bucket: string;
        readonly key: string;
        readonly bundleType?: 'tar' | 'tgz' | 'zip' | undefined;
        readonly version?: string | undefined;
        readonly eTag?: string | undefined;
      };
    }
  | { readonly github: { readonly repository: string; readonly commitId: string } };

/** The deployment group's own filter: any of each inner list, and all of the lists. An empty filter selects nothing. */
export type TagFilter = readonly (readonly TagCondition[])[];

export interface DeploymentGroup extends DeploymentGroupRef {
  readonly deploymentGroupId: string;
  /** `Server`, `Lambda` or `ECS`. */
  readonly computePlatform: string;
  readonly deploymentConfigName: string;
  readonly deploymentType: 'BLUE_GREEN' | 'IN_PLACE' | (string & {});
  readonly trafficControl: boolean;
  /** `DISCOVER_EXISTING` or `COPY_AUTO_SCALING_GROUP`; absent where the group does not say. */
  readonly greenFleetProvisioning?: string | undefined;
  readonly autoScalingGroups: readonly string[];
  readonly targetGroupNames: readonly string[];
  readonly classicLoadBalancers: readonly string[];
  readonly filter: TagFilter;
  /** How long the group waits in Ready for somebody to continue; absent where it does not wait. */
  readonly readyWaitMs?: number | undefined;
  /** How long CodeDeploy keeps blue after traffic has moved before it terminates it; absent where it keeps blue alive. */
  readonly terminationWaitMs?: number | undefined;
  readonly alarmNames: readonly string[];
  readonly alarmsEnabled: boolean;
  readonly lastSuccessfulDeploymentId?: string | undefined;
}

export interface MinimumHealthyHosts {
  readonly type: 'HOST_COUNT' | 'FLEET_PERCENT' | (string & {});
  readonly value: number;
}

export type CodeDeployStatus =
  | 'Created'
  | 'Queued'
  | 'InProgress'
  | 'Baking'
  | 'Ready'
  | 'Succeeded'
  | 'Failed'
  | 'Stopped';

export interface CodeDeployDeployment extends DeploymentGroupRef {
  readonly codeDeployDeploymentId: string;
  readonly status: CodeDeployStatus | (string & {});
  readonly description?: string | undefined;
  readonly creator?: string | undefined;
  readonly createdAt: string;
  readonly completedAt?: string | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly instanceTerminationWaitStarted: boolean;
  /** The deployment that rolls this one back, once there is one. */
  readonly rollbackDeploymentId?: string | undefined;
  /** The deployment that this one rolls back. */
  readonly rollbackTriggeredBy?: string | undefined;
  readonly revision?: Revision | undefined;
}

export type CodeDeployTargetStatus =
  | 'Pending'
  | 'InProgress'
  | 'Ready'
  | 'Succeeded'
  | 'Failed'
  | 'Skipped'
  | 'Unknown';

export interface LifecycleEvent {
  readonly name: string;
  readonly status: 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped' | 'Unknown' | (string & {});
  readonly startedAt?: string | undefined;
  readonly endedAt?: string | undefined;
  readonly diagnostics?:
    | { readonly errorCode: string; readonly scriptName: string; readonly message: string; readonly logTail: string }
    | undefined;
}

export interface CodeDeployTarget {
  readonly instanceId: string;
  readonly colour: 'Blue' | 'Green' | (string & {});
  readonly status: CodeDeployTargetStatus | (string & {});
  readonly events: readonly LifecycleEvent[];
  readonly lastUpdatedAt?: string | undefined;
}

export interface CreateCodeDeployDeployment extends DeploymentGroupRef {
  readonly revision: Revision;
  /** At most 256 characters: carries the rollout's marker. */
  readonly description: string;
  /** An instance is a target when it carries every one of these tags. */
  readonly targetTags: readonly Tag[];
  readonly deploymentConfigName?: string | undefined;
  readonly fileExistsBehavior?: 'DISALLOW' | 'OVERWRITE' | 'RETAIN' | undefined;
  readonly ignoreApplicationStopFailures?: boolean | undefined;
  readonly rollBackOn: readonly ('DEPLOYMENT_FAILURE' | 'DEPLOYMENT_STOP_ON_ALARM' | 'DEPLOYMENT_STOP_ON_REQUEST')[];
  /** Sent as the deployment's own alarm configuration when given. */
  readonly alarmNames?: readonly string[] | undefined;
}

/** AWS CodeDeploy, as far as a release needs it. */
export interface CodeDeploy {
  readDeploymentGroup(group: DeploymentGroupRef, call?: Call): Promise<DeploymentGroup>;
  readMinimumHealthyHosts(deploymentConfigName: string, call?: Call): Promise<MinimumHealthyHosts | undefined>;
  /** Deployments of the group created at or after `createdSinceMs` (epoch milliseconds), in any state, latest first. */
  listDeploymentsSince(
    group: DeploymentGroupRef,
    createdSinceMs: number,
    call?: Call,
  ): Promise<readonly CodeDeployDeployment[]>;
  /** Deployments of the group that are Created, Queued, InProgress, Baking or Ready. */
  listActiveDeployments(group: DeploymentGroupRef, call?: Call): Promise<readonly CodeDeployDeployment[]>;
  readDeployment(codeDeployDeploymentId: string, call?: Call): Promise<CodeDeployDeployment>;
  listTargets(codeDeployDeploymentId: string, call?: Call): Promise<readonly CodeDeployTarget[]>;

  createDeployment(
    deployment: CreateCodeDeployDeployment,
    call?: Call,
  ): Promise<{ readonly codeDeployDeploymentId: string }>;
  continueDeployment(
    codeDeployDeploymentId: string,
    wait: 'READY_WAIT' | 'TERMINATION_WAIT',
    call?: Call,
  ): Promise<void>;
  /** `already-completed` when there was nothing left to stop. A function is asked for `rollBack` as the request goes out. */
  stopDeployment(
    codeDeployDeploymentId: string,
    options: { readonly rollBack: boolean | (() => boolean) },
    call?: Call,
  ): Promise<'stopping' | 'already-completed'>;
}
