import type { AlarmConfiguration, AutoRollback, SimulatedDeploymentGroup } from './code-deploy-groups.js';
import type { InstanceSelection } from './code-deploy-tags.js';
import type { SimulatedCodeDeployStatus, SimulatedDeploymentSummary, SimulatedRevision } from './parts.js';

export const TARGET_STATUSES = ['Pending', 'InProgress', 'Ready', 'Succeeded', 'Failed', 'Skipped', 'Unknown'] as const;
type SimulatedTargetStatus = (typeof TARGET_STATUSES)[number];

export interface Diagnostics {
  readonly errorCode: string;
  readonly scriptName: string;
  readonly message: string;
  readonly logTail: string;
}

export interface SimulatedLifecycleEvent {
  readonly name: string;
  status: Exclude<SimulatedTargetStatus, 'Ready'>;
  startedAt: number | undefined;
  endedAt: number | undefined;
  diagnostics: Diagnostics | undefined;
}

export interface SimulatedCodeDeployTarget {
  readonly instanceId: string;
  /** What the API says of it; an in-place deployment has no label. */
  readonly label: 'Blue' | 'Green' | undefined;
  /** What it is to a fault that names a colour; in-place targets count as green: they get the new revision. */
  readonly colour: 'blue' | 'green';
  /** Its place among the targets of its colour. */
  readonly index: number;
  readonly events: readonly SimulatedLifecycleEvent[];
  status: SimulatedTargetStatus;
  lastUpdatedAt: number;
}

/** What a deployment does; decided when it is created. */
export type DeploymentWork =
  | { readonly kind: 'blue-green' }
  | { readonly kind: 'in-place' }
  /** Installs a revision, one instance at a time, on instances that stay registered; `allowTraffic` registers each again. */
  | { readonly kind: 'redeploy'; readonly instanceIds: readonly string[]; readonly allowTraffic: boolean }
  /** Registers blue again, then deregisters green. */
  | {
      readonly kind: 'return-traffic';
      readonly blueIds: readonly string[];
      readonly greenIds: readonly string[];
    };

export interface SimulatedDeployment {
  readonly deploymentId: string;
  readonly group: SimulatedDeploymentGroup;
  /** The group's settings at creation: later changes of the group do not reach a deployment under way. */
  readonly settings: SimulatedDeploymentGroup['settings'];
  readonly work: DeploymentWork;
  readonly deploymentConfigName: string;
  readonly revision: SimulatedRevision;
  readonly previousRevision: SimulatedRevision | undefined;
  readonly description: string | undefined;
  readonly creator: SimulatedDeploymentSummary['creator'];
  readonly createdAt: number;
  readonly targetInstances: InstanceSelection | undefined;
  readonly ignoreApplicationStopFailures: boolean;
  readonly fileExistsBehavior: string | undefined;
  readonly autoRollback: AutoRollback;
  readonly overrideAlarms: AlarmConfiguration | undefined;
  /** The deployment that this one rolls back. */
  readonly rollbackOf: string | undefined;
  status: SimulatedCodeDeployStatus;
  startedAt: number | undefined;
  completedAt: number | undefined;
  error: { readonly code: string; readonly message: string } | undefined;
  rollbackDeploymentId: string | undefined;
  terminationWaitStarted: boolean;
  /** Blue and green both run, and blue is going to be terminated. */
  inTerminationWait: boolean;
  targets: readonly SimulatedCodeDeployTarget[];
}

export function isActive(deployment: SimulatedDeployment): boolean {
  return !['Succeeded', 'Failed', 'Stopped'].includes(deployment.status);
}

export function labelled(deployment: SimulatedDeployment, label: 'Blue' | 'Green'): SimulatedCodeDeployTarget[] {
  return deployment.targets.filter((target) => target.label === label);
}

/** As Spot sees it: a deployment in its termination wait has not ended, whatever the API calls it. */
export function summaryOf(deployment: SimulatedDeployment): SimulatedDeploymentSummary {
  return {
    deploymentId: deployment.deploymentId,
    applicationName: deployment.group.applicationName,
    deploymentGroupName: deployment.group.deploymentGroupName,
    status: deployment.inTerminationWait ? 'InProgress' : deployment.status,
    creator: deployment.creator,
    greenInstanceIds: labelled(deployment, 'Green').map((target) => target.instanceId),
    blueInstanceIds: labelled(deployment, 'Blue').map((target) => target.instanceId),
  };
}

export function newTarget(
  instanceId: string,
  label: SimulatedCodeDeployTarget['label'],
  index: number,
  eventNames: readonly string[],
  now: number,
): SimulatedCodeDeployTarget {
  return {
    instanceId,
    label,
    colour: label === 'Blue' ? 'blue' : 'green',
    index,
    events: eventNames.map((name) => ({
      name,
      status: 'Pending',
      startedAt: undefined,
      endedAt: undefined,
      diagnostics: undefined,
    })),
    status: 'Pending',
    lastUpdatedAt: now,
  };
}

/** The name that a revision has as `SimulatedInstance.application.revision`: `s3://bucket/key` (with `?versionId=` if given), or `repository@commitId`. */
export function revisionName(revision: SimulatedRevision): string {
  const s3 = revision['s3Location'] as { bucket?: string; key?: string; version?: string } | undefined;
  if (s3 !== undefined) {
    const version = s3.version === undefined ? '' : `?versionId=${s3.version}`;
    return `s3://${s3.bucket ?? ''}/${s3.key ?? ''}${version}`;
  }
  const gitHub = revision['gitHubLocation'] as { repository?: string; commitId?: string } | undefined;
  if (gitHub !== undefined) return `${gitHub.repository ?? ''}@${gitHub.commitId ?? ''}`;
  return JSON.stringify(revision);
}
