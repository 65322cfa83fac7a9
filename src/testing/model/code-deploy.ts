import {
  type DeploymentWork,
  isActive,
  type SimulatedCodeDeployTarget,
  type SimulatedDeployment,
  summaryOf,
} from './code-deploy-deployment.js';
import { CodeDeployDeployments } from './code-deploy-deployments.js';
import {
  CodeDeployGroups,
  type DeploymentConfig,
  type DeploymentGroupInput,
  type LastDeployment,
  type SimulatedDeploymentGroup,
} from './code-deploy-groups.js';
import type { CodeDeployParts } from './code-deploy-lifecycle.js';
import {
  type DeploymentListFilter,
  filterDeployments,
  filterTargets,
  type Page,
  pageOf,
} from './code-deploy-listing.js';
import {
  checkNothingActive,
  checkRequest,
  checkTargetInstances,
  type CreateDeploymentInput,
} from './code-deploy-requests.js';
import { rollsBackOn } from './code-deploy-rollback.js';
import { type CodeDeployModel, Refusal, type SimulatedDeploymentSummary, type SimulatedRevision } from './parts.js';

const STOP_TAKES_MS = 3_000;
const NO_ROLLBACK = { enabled: false, events: [] } as const;

/** AWS CodeDeploy, Server platform: deployments as state machines over simulated time. */
export class CodeDeploySimulation implements CodeDeployModel {
  readonly groups: CodeDeployGroups;
  readonly #deployments: CodeDeployDeployments;

  constructor(private readonly parts: CodeDeployParts) {
    this.groups = new CodeDeployGroups(parts.chance);
    this.#deployments = new CodeDeployDeployments(parts, this.groups);
  }

  createApplication(applicationName: string): void {
    this.groups.createApplication(applicationName);
  }

  createDeploymentConfig(config: DeploymentConfig): void {
    this.groups.createConfig(config);
  }

  /** Creates the application too where there is none such. */
  createDeploymentGroup(input: DeploymentGroupInput): SimulatedDeploymentGroup {
    if (!this.groups.hasApplication(input.applicationName)) this.groups.createApplication(input.applicationName);
    return this.groups.create(input);
  }

  updateDeploymentGroup(
    applicationName: string,
    deploymentGroupName: string,
    changes: Partial<DeploymentGroupInput>,
  ): void {
    this.groups.update(applicationName, deploymentGroupName, changes);
  }

  /** As if the revision had been deployed there before the test began; returns the id of that deployment. */
  recordSuccess(input: {
    readonly applicationName: string;
    readonly deploymentGroupName: string;
    readonly revision: SimulatedRevision;
    readonly at?: number;
  }): string {
    const group = this.groups.get(input.applicationName, input.deploymentGroupName);
    const deployment = this.#deployments.record(
      group,
      { ...input, work: { kind: 'blue-green' }, creator: 'user' },
      input.at,
    );
    deployment.status = 'Succeeded';
    deployment.startedAt = deployment.createdAt;
    deployment.completedAt = deployment.createdAt;
    return deployment.deploymentId;
  }

  createDeployment(input: CreateDeploymentInput): string {
    const group = this.groups.get(input.applicationName, input.deploymentGroupName);
    if (input.deploymentConfigName !== undefined) this.groups.config(input.deploymentConfigName);
    checkRequest(input, group);
    checkTargetInstances(input, group, this.parts.ec2);
    checkNothingActive(this.#deployments.active(group), () => this.parts.undocumented.busyWording);
    const kind = group.settings.deploymentType === 'IN_PLACE' ? 'in-place' : 'blue-green';
    return this.#deployments.begin(group, { ...input, work: { kind }, creator: 'user' }).deploymentId;
  }

  createSpotRollback(
    applicationName: string,
    deploymentGroupName: string,
    instanceIds: readonly string[],
  ): SimulatedDeploymentSummary {
    const group = this.groups.get(applicationName, deploymentGroupName);
    const revision = this.#deployments.lastSuccessful(group)?.revision;
    if (revision === undefined) throw new Refusal('RevisionRequiredException', 'Revision is required');
    const known = instanceIds.filter((id) => !['terminated', undefined].includes(this.parts.ec2.get(id)?.state));
    if (known.length === 0) {
      throw new Refusal(
        'InvalidTargetInstancesException',
        'The specified tags are not currently applied to any instances.',
      );
    }
    checkNothingActive(this.#deployments.active(group));
    const work: DeploymentWork = { kind: 'redeploy', instanceIds: known, allowTraffic: group.settings.trafficControl };
    return summaryOf(this.#deployments.begin(group, { revision, work, creator: 'spot', autoRollback: NO_ROLLBACK }));
  }

  continueDeployment(deploymentId: string, waitType: string | undefined): void {
    const deployment = this.find(deploymentId);
    const wait = waitType ?? 'READY_WAIT';
    if (wait !== 'READY_WAIT' && wait !== 'TERMINATION_WAIT') {
      throw new Refusal('InvalidDeploymentWaitTypeException', `The wait type is invalid: ${wait}`);
    }
    if (deployment.work.kind !== 'blue-green') {
      throw new Refusal(
        'UnsupportedActionForDeploymentTypeException',
        'A call was submitted that is not supported for the specified deployment type.',
      );
    }
    const run = this.#deployments.runOf(deployment);
    if (run?.waitsOn === wait) return run.continue();
    refuseCompleted(deployment);
    throw new Refusal(
      'DeploymentIsNotInReadyStateException',
      'The deployment does not have a status of Ready and can not continue yet.',
    );
  }

  /** `autoRollbackEnabled` absent: as the deployment's own configuration says for a stop on request. */
  stopDeployment(
    deploymentId: string,
    autoRollbackEnabled: boolean | undefined,
  ): { readonly status: 'Pending' | 'Succeeded'; readonly statusMessage: string } {
    const deployment = this.find(deploymentId);
    refuseCompleted(deployment);
    const rollBack = autoRollbackEnabled ?? rollsBackOn(deployment, 'DEPLOYMENT_STOP_ON_REQUEST');
    if (deployment.startedAt === undefined) {
      this.#deployments.stop(deployment, rollBack);
      return { status: 'Succeeded', statusMessage: 'No more commands will be scheduled for execution' };
    }
    this.parts.timers.schedule(STOP_TAKES_MS, () => this.#deployments.stop(deployment, rollBack));
    return { status: 'Pending', statusMessage: 'Stopping deployment' };
  }

  /** A CloudWatch alarm goes off: stops what watches it. */
  raiseAlarm(alarmName: string): void {
    for (const deployment of this.#deployments.newestFirst()) {
      const { enabled, names } = deployment.overrideAlarms ?? deployment.settings.alarms;
      if (!isActive(deployment) || !enabled || !names.includes(alarmName)) continue;
      this.#deployments.stop(deployment, rollsBackOn(deployment, 'DEPLOYMENT_STOP_ON_ALARM'), {
        code: 'ALARM_ACTIVE',
        message: `One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <${alarmName}>`,
      });
    }
  }

  /** Refuses an id that there is not. */
  find(deploymentId: string): SimulatedDeployment {
    const deployment = this.#deployments.find(deploymentId);
    if (deployment !== undefined) return deployment;
    throw new Refusal('DeploymentDoesNotExistException', `The deployment ${deploymentId} could not be found`);
  }

  /** As ListDeployments: newest first, and a deployment that was created a moment ago is missing. */
  listDeployments(
    of: { readonly applicationName: string; readonly deploymentGroupName: string } | undefined,
    filter: DeploymentListFilter,
    nextToken: string | undefined,
  ): Page {
    const group = of === undefined ? undefined : this.groups.get(of.applicationName, of.deploymentGroupName);
    const visible = this.parts.timers.now() - this.parts.timings.codeDeployReadAfterWriteMs;
    const all = this.#deployments.newestFirst(group).filter((deployment) => deployment.createdAt <= visible);
    return pageOf(
      filterDeployments(all, filter).map((deployment) => deployment.deploymentId),
      nextToken,
    );
  }

  listTargets(
    deploymentId: string,
    filters: Readonly<Record<string, readonly string[]>>,
    nextToken: string | undefined,
  ): Page {
    return pageOf(
      filterTargets(this.startedTargets(deploymentId), filters).map((target) => target.instanceId),
      nextToken,
    );
  }

  /** The targets of a deployment; refused before they have been decided. */
  startedTargets(deploymentId: string): readonly SimulatedCodeDeployTarget[] {
    const deployment = this.find(deploymentId);
    if (deployment.startedAt === undefined && isActive(deployment)) {
      throw new Refusal('DeploymentNotStartedException', 'The specified deployment has not started.');
    }
    return deployment.targets;
  }

  lastDeployments(
    group: SimulatedDeploymentGroup,
  ): Readonly<Record<'successful' | 'attempted', LastDeployment | undefined>> {
    const shorten = (deployment: SimulatedDeployment | undefined): LastDeployment | undefined =>
      deployment && {
        deploymentId: deployment.deploymentId,
        status: deployment.status,
        createdAt: deployment.createdAt,
        endedAt: deployment.completedAt,
      };
    return {
      successful: shorten(this.#deployments.lastSuccessful(group)),
      attempted: shorten(this.#deployments.newestFirst(group)[0]),
    };
  }

  deployments(applicationName: string, deploymentGroupName: string): readonly SimulatedDeploymentSummary[] {
    return this.#deployments.newestFirst(this.groups.get(applicationName, deploymentGroupName)).map(summaryOf);
  }

  deployment(deploymentId: string): SimulatedDeploymentSummary | undefined {
    const deployment = this.#deployments.find(deploymentId);
    return deployment && summaryOf(deployment);
  }

  hasDeploymentGroup(applicationName: string, deploymentGroupName: string): boolean {
    return this.groups.has(applicationName, deploymentGroupName);
  }
}

function refuseCompleted(deployment: SimulatedDeployment): void {
  if (isActive(deployment)) return;
  throw new Refusal(
    'DeploymentAlreadyCompletedException',
    `The deployment ${deployment.deploymentId} is already complete`,
  );
}
