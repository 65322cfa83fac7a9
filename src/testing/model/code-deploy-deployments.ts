import { CodeDeployAgents } from './code-deploy-agents.js';
import { type DeploymentWork, isActive, type SimulatedDeployment } from './code-deploy-deployment.js';
import type { CodeDeployGroups, SimulatedDeploymentGroup } from './code-deploy-groups.js';
import type { CodeDeployParts } from './code-deploy-lifecycle.js';
import type { CreateDeploymentInput } from './code-deploy-requests.js';
import { rollbackWork, rollsBackOn } from './code-deploy-rollback.js';
import { DeploymentRun, type RunListener } from './code-deploy-run.js';
import type { SimulatedRevision } from './parts.js';

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const ID_LENGTH = 9;

interface NewDeployment extends Omit<CreateDeploymentInput, 'applicationName' | 'deploymentGroupName' | 'revision'> {
  readonly revision: SimulatedRevision;
  readonly work: DeploymentWork;
  readonly creator: SimulatedDeployment['creator'];
  readonly rollbackOf?: string;
}

/** Every deployment that ever was, the runs of those under way, and the rollbacks that follow from their ends. */
export class CodeDeployDeployments {
  readonly #all = new Map<string, SimulatedDeployment>();
  readonly #runs = new Map<string, DeploymentRun>();
  readonly #agents: CodeDeployAgents;
  readonly #listener: RunListener = {
    succeeded: (deployment) => this.#rewriteFilter(deployment),
    failed: (deployment) => {
      if (rollsBackOn(deployment, 'DEPLOYMENT_FAILURE')) this.#rollBackSoon(deployment);
    },
  };

  constructor(
    private readonly parts: CodeDeployParts,
    private readonly groups: CodeDeployGroups,
  ) {
    this.#agents = new CodeDeployAgents(parts.timers, parts.ec2, parts.timings.bootMs);
  }

  find(deploymentId: string): SimulatedDeployment | undefined {
    return this.#all.get(deploymentId);
  }

  runOf(deployment: SimulatedDeployment): DeploymentRun | undefined {
    return this.#runs.get(deployment.deploymentId);
  }

  newestFirst(group?: SimulatedDeploymentGroup): readonly SimulatedDeployment[] {
    return [...this.#all.values()]
      .filter((deployment) => group === undefined || deployment.group === group)
      .sort((one, other) => one.createdAt - other.createdAt)
      .reverse();
  }

  active(group: SimulatedDeploymentGroup): SimulatedDeployment | undefined {
    return this.newestFirst(group).find(isActive);
  }

  lastSuccessful(group: SimulatedDeploymentGroup): SimulatedDeployment | undefined {
    return this.newestFirst(group).find((deployment) => deployment.status === 'Succeeded');
  }

  record(group: SimulatedDeploymentGroup, input: NewDeployment, at?: number): SimulatedDeployment {
    const deployment: SimulatedDeployment = {
      deploymentId: this.#newId(),
      group,
      settings: group.settings,
      work: input.work,
      deploymentConfigName: input.deploymentConfigName ?? group.settings.deploymentConfigName,
      revision: input.revision,
      previousRevision: this.lastSuccessful(group)?.revision,
      description: input.description,
      creator: input.creator,
      createdAt: at ?? this.parts.timers.now(),
      targetInstances: input.targetInstances,
      ignoreApplicationStopFailures: input.ignoreApplicationStopFailures ?? false,
      fileExistsBehavior: input.fileExistsBehavior,
      autoRollback: input.autoRollback ?? group.settings.autoRollback,
      overrideAlarms: input.overrideAlarms,
      rollbackOf: input.rollbackOf,
      status: 'Created',
      startedAt: undefined,
      completedAt: undefined,
      error: undefined,
      rollbackDeploymentId: undefined,
      terminationWaitStarted: false,
      inTerminationWait: false,
      targets: [],
    };
    this.#all.set(deployment.deploymentId, deployment);
    return deployment;
  }

  begin(group: SimulatedDeploymentGroup, input: NewDeployment): SimulatedDeployment {
    const deployment = this.record(group, input);
    const minimum = this.groups.config(deployment.deploymentConfigName).minimumHealthyHosts;
    const run = new DeploymentRun(this.parts, this.#agents, deployment, minimum, this.#listener);
    this.#runs.set(deployment.deploymentId, run);
    run.begin();
    return deployment;
  }

  /** Does nothing to a deployment that has ended in the meantime. */
  stop(
    deployment: SimulatedDeployment,
    rollBack: boolean,
    error?: { readonly code: string; readonly message: string },
  ): void {
    if (!isActive(deployment)) return;
    this.runOf(deployment)?.stop(error);
    if (rollBack && deployment.rollbackOf === undefined) this.#rollBackSoon(deployment);
  }

  #rollBackSoon(failed: SimulatedDeployment): void {
    this.parts.timers.schedule(this.parts.timings.rollbackCreatedMs, () => {
      const work = rollbackWork(failed, this.runOf(failed)?.trafficMoved ?? false);
      const revision = this.lastSuccessful(failed.group)?.revision;
      if (work === undefined || revision === undefined || this.active(failed.group) !== undefined) return;
      const rollback = this.begin(failed.group, {
        revision,
        work,
        creator: 'codeDeployRollback',
        rollbackOf: failed.deploymentId,
        description: `Rollback of ${failed.deploymentId}`,
        autoRollback: { enabled: false, events: [] },
      });
      failed.rollbackDeploymentId = rollback.deploymentId;
    });
  }

  #rewriteFilter({ work, group, targetInstances }: SimulatedDeployment): void {
    if (work.kind !== 'blue-green') return;
    switch (this.parts.undocumented.filterAfterSuccess) {
      case 'unchanged':
        return;
      case 'green':
        group.filter = targetInstances ?? {};
        return;
      case 'cleared':
        group.filter = {};
    }
  }

  #newId(): string {
    const pick = (): string => ID_ALPHABET[Math.floor(this.parts.chance() * ID_ALPHABET.length)] ?? 'A';
    const id = `d-${Array.from({ length: ID_LENGTH }, pick).join('')}`;
    return this.#all.has(id) ? this.#newId() : id;
  }
}
