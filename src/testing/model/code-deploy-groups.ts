import { DEFAULT_CONFIG, type MinimumHealthyHosts, PREDEFINED_CONFIGS } from './code-deploy-health.js';
import { checkSelection, type CodeDeployTagFilter, type InstanceSelection } from './code-deploy-tags.js';
import { type Chance, Refusal } from './parts.js';

export type AutoRollbackEvent = 'DEPLOYMENT_FAILURE' | 'DEPLOYMENT_STOP_ON_ALARM' | 'DEPLOYMENT_STOP_ON_REQUEST';

export interface AutoRollback {
  readonly enabled: boolean;
  readonly events: readonly AutoRollbackEvent[];
}

export interface AlarmConfiguration {
  readonly enabled: boolean;
  readonly names: readonly string[];
  readonly ignorePollAlarmFailure?: boolean;
}

export interface DeploymentConfig {
  readonly deploymentConfigName: string;
  readonly minimumHealthyHosts: MinimumHealthyHosts;
}

/** What a test says of a deployment group; everything else has CodeDeploy's own defaults. */
export interface DeploymentGroupInput {
  readonly applicationName: string;
  readonly deploymentGroupName: string;
  /** @defaultValue 'BLUE_GREEN' */
  readonly deploymentType?: 'BLUE_GREEN' | 'IN_PLACE';
  /** WITH_TRAFFIC_CONTROL. @defaultValue true */
  readonly trafficControl?: boolean;
  /** @defaultValue 'DISCOVER_EXISTING' in a blue/green group */
  readonly greenFleetProvisioning?: 'DISCOVER_EXISTING' | 'COPY_AUTO_SCALING_GROUP';
  readonly deploymentConfigName?: string;
  readonly autoScalingGroups?: readonly string[];
  readonly targetGroupNames?: readonly string[];
  readonly classicLoadBalancers?: readonly string[];
  readonly ec2TagFilters?: readonly CodeDeployTagFilter[];
  readonly ec2TagSet?: ReadonlyArray<readonly CodeDeployTagFilter[]>;
  /** STOP_DEPLOYMENT after so many minutes in Ready; absent: CONTINUE_DEPLOYMENT. */
  readonly readyWaitMinutes?: number | undefined;
  /** TERMINATE blue so many minutes after success; absent: KEEP_ALIVE. */
  readonly terminateBlueAfterMinutes?: number | undefined;
  readonly computePlatform?: 'Server' | 'Lambda' | 'ECS';
  readonly autoRollback?: AutoRollback;
  readonly alarms?: AlarmConfiguration;
}

export interface LastDeployment {
  readonly deploymentId: string;
  readonly status: string;
  readonly createdAt: number;
  readonly endedAt: number | undefined;
}

export interface SimulatedDeploymentGroup {
  readonly deploymentGroupId: string;
  readonly applicationName: string;
  readonly deploymentGroupName: string;
  settings: Required<Omit<DeploymentGroupInput, 'ec2TagFilters' | 'ec2TagSet' | 'greenFleetProvisioning'>> & {
    readonly greenFleetProvisioning: DeploymentGroupInput['greenFleetProvisioning'];
  };
  filter: InstanceSelection;
}

const MOST_WAIT_MINUTES = 2_880;

/** Applications, deployment groups and deployment configurations: what exists, and what is refused because it does not. */
export class CodeDeployGroups {
  readonly #applications = new Map<string, Map<string, SimulatedDeploymentGroup>>();
  readonly #configs = new Map(PREDEFINED_CONFIGS.map((config) => [config.deploymentConfigName, config]));

  constructor(private readonly chance: Chance) {}

  createApplication(applicationName: string): void {
    if (this.#applications.has(applicationName)) {
      throw new Refusal('ApplicationAlreadyExistsException', `Application already exists: ${applicationName}`);
    }
    this.#applications.set(applicationName, new Map());
  }

  hasApplication(applicationName: string): boolean {
    return this.#applications.has(applicationName);
  }

  createConfig(config: DeploymentConfig): void {
    if (this.#configs.has(config.deploymentConfigName)) {
      throw new Refusal(
        'DeploymentConfigAlreadyExistsException',
        `Deployment configuration already exists: ${config.deploymentConfigName}`,
      );
    }
    this.#configs.set(config.deploymentConfigName, config);
  }

  create(input: DeploymentGroupInput): SimulatedDeploymentGroup {
    const groups = this.#groupsOf(input.applicationName);
    if (groups.has(input.deploymentGroupName)) {
      throw new Refusal(
        'DeploymentGroupAlreadyExistsException',
        `Deployment group already exists: ${input.deploymentGroupName}`,
      );
    }
    const filter = this.#check(input);
    const group: SimulatedDeploymentGroup = {
      deploymentGroupId: this.#newId(),
      applicationName: input.applicationName,
      deploymentGroupName: input.deploymentGroupName,
      settings: settle(input),
      filter,
    };
    groups.set(group.deploymentGroupName, group);
    return group;
  }

  /** Only what is given changes; a deployment under way keeps what it started with. */
  update(applicationName: string, deploymentGroupName: string, changes: Partial<DeploymentGroupInput>): void {
    const group = this.get(applicationName, deploymentGroupName);
    const { ec2TagFilters, ec2TagSet, ...others } = changes;
    const input = { ...group.settings, ...others, applicationName, deploymentGroupName } as DeploymentGroupInput;
    const changesFilter = ec2TagFilters !== undefined || ec2TagSet !== undefined;
    const filter = this.#check({
      ...input,
      ...(ec2TagFilters === undefined ? {} : { ec2TagFilters }),
      ...(ec2TagSet === undefined ? {} : { ec2TagSet }),
    });
    group.settings = settle(input);
    if (changesFilter) group.filter = filter;
  }

  has(applicationName: string, deploymentGroupName: string): boolean {
    return this.#applications.get(applicationName)?.has(deploymentGroupName) ?? false;
  }

  get(applicationName: string, deploymentGroupName: string): SimulatedDeploymentGroup {
    const group = this.#groupsOf(applicationName).get(deploymentGroupName);
    if (group === undefined) {
      throw new Refusal(
        'DeploymentGroupDoesNotExistException',
        `No Deployment Group found for name: ${deploymentGroupName}`,
      );
    }
    return group;
  }

  config(deploymentConfigName: string): DeploymentConfig {
    const config = this.#configs.get(deploymentConfigName);
    if (config === undefined) {
      throw new Refusal(
        'DeploymentConfigDoesNotExistException',
        `No Deployment Configuration found for name: ${deploymentConfigName}`,
      );
    }
    return config;
  }

  #groupsOf(applicationName: string): Map<string, SimulatedDeploymentGroup> {
    const groups = this.#applications.get(applicationName);
    if (groups === undefined) {
      throw new Refusal('ApplicationDoesNotExistException', `No application found for name: ${applicationName}`);
    }
    return groups;
  }

  #check(input: DeploymentGroupInput): InstanceSelection {
    const filter: InstanceSelection = {
      ...(input.ec2TagFilters === undefined ? {} : { tagFilters: input.ec2TagFilters }),
      ...(input.ec2TagSet === undefined ? {} : { ec2TagSet: input.ec2TagSet }),
    };
    checkSelection(filter, false);
    if (input.deploymentConfigName !== undefined && (input.computePlatform ?? 'Server') === 'Server') {
      this.config(input.deploymentConfigName);
    }
    const wait = input.terminateBlueAfterMinutes;
    if (wait !== undefined && (wait < 0 || wait > MOST_WAIT_MINUTES)) {
      throw new Refusal(
        'InvalidBlueGreenDeploymentConfigurationException',
        `terminationWaitTimeInMinutes must be between 0 and ${MOST_WAIT_MINUTES}`,
      );
    }
    return filter;
  }

  #newId(): string {
    const hex = (digits: number): string =>
      Array.from({ length: digits }, () => Math.floor(this.chance() * 16).toString(16)).join('');
    return [8, 4, 4, 4, 12].map(hex).join('-');
  }
}

function settle(input: DeploymentGroupInput): SimulatedDeploymentGroup['settings'] {
  const deploymentType = input.deploymentType ?? 'BLUE_GREEN';
  return {
    applicationName: input.applicationName,
    deploymentGroupName: input.deploymentGroupName,
    deploymentType,
    trafficControl: input.trafficControl ?? true,
    greenFleetProvisioning:
      input.greenFleetProvisioning ?? (deploymentType === 'BLUE_GREEN' ? 'DISCOVER_EXISTING' : undefined),
    deploymentConfigName: input.deploymentConfigName ?? DEFAULT_CONFIG,
    autoScalingGroups: input.autoScalingGroups ?? [],
    targetGroupNames: input.targetGroupNames ?? [],
    classicLoadBalancers: input.classicLoadBalancers ?? [],
    readyWaitMinutes: input.readyWaitMinutes,
    terminateBlueAfterMinutes: input.terminateBlueAfterMinutes,
    computePlatform: input.computePlatform ?? 'Server',
    autoRollback: input.autoRollback ?? { enabled: false, events: [] },
    alarms: input.alarms ?? { enabled: false, names: [] },
  };
}
