/** One CodeDeploy deployment group as Spot names it. */
export interface SpotDeploymentGroup {
  readonly applicationName: string;
  readonly deploymentGroupName: string;
}

export interface SimulatedPersistence {
  readonly shouldPersistRootDevice?: boolean;
  readonly shouldPersistBlockDevices?: boolean;
  readonly shouldPersistPrivateIp?: boolean;
  readonly blockDevicesMode?: 'reattach' | 'onLaunch';
}

/** A scheduled task as the Elastigroup's JSON shows it; the simulated cloud lists tasks and never runs them. */
export interface SimulatedScheduledTask {
  readonly taskType: string;
  readonly isEnabled?: boolean;
  readonly cronExpression?: string;
  readonly startTime?: string;
  readonly frequency?: 'hourly' | 'daily' | 'weekly';
  readonly scaleTargetCapacity?: number;
  readonly scaleMinCapacity?: number;
  readonly scaleMaxCapacity?: number;
}

export interface ElastigroupCapacitySettings {
  readonly minimum: number;
  readonly target: number;
  readonly maximum: number;
  /** Default `instance`. */
  readonly unit?: 'instance' | 'weight';
}

export interface InitialInstance {
  /** How many instances like this one; default 1. */
  readonly count?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly application?: { readonly revision: string; readonly healthy: boolean };
  readonly availabilityZone?: string;
  readonly instanceType?: string;
}

/** What a test may set on an Elastigroup, when it makes it and later through `update`. */
export interface ElastigroupOptions {
  readonly name: string;
  readonly capacity: ElastigroupCapacitySettings;
  /** Tags of the launch specification: what every new instance carries. */
  readonly launchTags: Readonly<Record<string, string>>;
  /** Target groups in which the Elastigroup registers what it launches. */
  readonly targetGroupArns?: readonly string[];
  /** Names of classic load balancers: shown in the JSON, not simulated. */
  readonly classicLoadBalancers?: readonly string[];
  readonly persistence?: SimulatedPersistence;
  readonly elasticIps?: readonly string[];
  readonly privateIps?: readonly string[];
  readonly scheduledTasks?: readonly SimulatedScheduledTask[];
  /** Deployment groups of Spot's own CodeDeploy integration: shown in the JSON, not simulated. */
  readonly codeDeployIntegration?: readonly SpotDeploymentGroup[];
  /** `strategy.drainingTimeout`: how long Spot lets connections drain before it terminates; default 30. */
  readonly drainingTimeoutSeconds?: number;
  /** Default: a script with `USER_DATA_SECRET` in it. */
  readonly userData?: string;
}

/** Stands in the user data and in an integration of every simulated Elastigroup: it must never be seen outside Spot's own answers. */
export const USER_DATA_SECRET = 'SECRET-user-data-must-not-leak';

export interface ElastigroupSettings {
  name: string;
  capacity: { minimum: number; target: number; maximum: number; readonly unit: 'instance' | 'weight' };
  launchTags: Readonly<Record<string, string>>;
  targetGroupArns: readonly string[];
  classicLoadBalancers: readonly string[];
  persistence: SimulatedPersistence | undefined;
  elasticIps: readonly string[];
  privateIps: readonly string[];
  scheduledTasks: readonly SimulatedScheduledTask[];
  codeDeployIntegration: readonly SpotDeploymentGroup[];
  drainingTimeoutSeconds: number;
  userData: string;
}

export function settingsOf(options: ElastigroupOptions): ElastigroupSettings {
  return {
    name: options.name,
    capacity: { ...options.capacity, unit: options.capacity.unit ?? 'instance' },
    launchTags: options.launchTags,
    targetGroupArns: options.targetGroupArns ?? [],
    classicLoadBalancers: options.classicLoadBalancers ?? [],
    persistence: options.persistence,
    elasticIps: options.elasticIps ?? [],
    privateIps: options.privateIps ?? [],
    scheduledTasks: options.scheduledTasks ?? [],
    codeDeployIntegration: options.codeDeployIntegration ?? [],
    drainingTimeoutSeconds: options.drainingTimeoutSeconds ?? 30,
    userData: options.userData ?? `#!/bin/bash\nexport DATABASE_PASSWORD=${USER_DATA_SECRET}\n`,
  };
}

/** The settings with what `changes` names replaced. */
export function changedSettings(
  current: ElastigroupSettings,
  changes: Partial<ElastigroupOptions>,
): ElastigroupSettings {
  const { persistence, ...others } = current;
  const before: ElastigroupOptions = persistence === undefined ? others : { ...others, persistence };
  return settingsOf({ ...before, ...changes });
}
