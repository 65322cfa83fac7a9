import type * as CodeDeploySdk from '@aws-sdk/client-codedeploy';
import type { ListDeploymentsCommandInput } from '@aws-sdk/client-codedeploy';
import * as v from 'valibot';
import { CloudError } from '../errors/cloud-error.js';
import type { CloudCallEnvironment } from '../policies/cloud-call.js';
import type { Call } from '../ports/call.js';
import type {
  CodeDeploy,
  CodeDeployDeployment,
  CodeDeployTarget,
  CreateCodeDeployDeployment,
  DeploymentGroup,
  MinimumHealthyHosts,
} from '../ports/code-deploy.js';
import type { DeploymentGroupRef } from '../ports/elastigroups.js';
import { allPages, awsCall, batchesOf } from './aws-call.js';
import type { AwsClients } from './aws-clients.js';
import type { AwsCall } from './aws-failure.js';
import { continueDeploymentInput, createDeploymentInput, stopDeploymentInput } from './code-deploy-inputs.js';
import {
  created,
  deploymentBatch,
  deploymentIdPage,
  deploymentsFound,
  minimumHealthyHosts,
  oneDeployment,
  targetBatch,
  targetIdPage,
} from './deployment-answers.js';
import { DeploymentReads } from './deployment-reads.js';
import { deploymentGroupAnswer, toDeploymentGroup } from './deployment-group-answer.js';

/** CodeDeploy answers about no more than this many deployments, or targets, at a time. */
const BATCH = 25;

const read = (operation: keyof CodeDeploy): AwsCall => ({ service: 'codedeploy', operation, mutates: false });
const change = (operation: keyof CodeDeploy): AwsCall => ({ service: 'codedeploy', operation, mutates: true });

/** CodeDeploy through the AWS SDK. */
export class CodeDeployGateway implements CodeDeploy {
  readonly #clients: AwsClients;
  readonly #environment: CloudCallEnvironment;
  readonly #reads: DeploymentReads;

  constructor(clients: AwsClients, environment: CloudCallEnvironment) {
    this.#clients = clients;
    this.#environment = environment;
    this.#reads = new DeploymentReads(environment.clock, {
      alone: (id, call) => this.#readOne(id, call),
      together: (ids, call) => this.#readSeveral(ids, call),
      wouldWait: () => environment.limits?.wouldWait(read('readDeployment')) ?? false,
    });
  }

  async readDeploymentGroup(
    { applicationName, deploymentGroupName }: DeploymentGroupRef,
    call?: Call,
  ): Promise<DeploymentGroup> {
    const request = read('readDeploymentGroup');
    const answer = await this.#ask(request, call, deploymentGroupAnswer, ({ client, sdk }, options) =>
      client.send(new sdk.GetDeploymentGroupCommand({ applicationName, deploymentGroupName }), options),
    );
    const group = toDeploymentGroup(answer.deploymentGroupInfo);
    if (!('unsupported' in group)) return group;
    throw new CloudError({
      ...request,
      kind: 'refused',
      acted: 'no',
      message: `the filter of ${applicationName}/${deploymentGroupName} selects instances by ${group.unsupported}, which is not supported: give the filter a key`,
    });
  }

  async readMinimumHealthyHosts(deploymentConfigName: string, call?: Call): Promise<MinimumHealthyHosts | undefined> {
    const request = read('readMinimumHealthyHosts');
    const answer = await this.#ask(request, call, minimumHealthyHosts, ({ client, sdk }, options) =>
      client.send(new sdk.GetDeploymentConfigCommand({ deploymentConfigName }), options),
    );
    return answer.deploymentConfigInfo.minimumHealthyHosts ?? undefined;
  }

  listDeploymentsSince(
    group: DeploymentGroupRef,
    createdSinceMs: number,
    call?: Call,
  ): Promise<readonly CodeDeployDeployment[]> {
    // CodeDeploy may keep times to the second: from the start of that second on, so that none is missed.
    const start = new Date(Math.floor(createdSinceMs / 1000) * 1000);
    return this.#list(read('listDeploymentsSince'), group, { createTimeRange: { start } }, call);
  }

  listActiveDeployments(group: DeploymentGroupRef, call?: Call): Promise<readonly CodeDeployDeployment[]> {
    const active: ListDeploymentsCommandInput = {
      includeOnlyStatuses: ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'],
    };
    return this.#list(read('listActiveDeployments'), group, active, call);
  }

  readDeployment(codeDeployDeploymentId: string, call?: Call): Promise<CodeDeployDeployment> {
    return this.#reads.read(codeDeployDeploymentId, call);
  }

  async listTargets(codeDeployDeploymentId: string, call?: Call): Promise<readonly CodeDeployTarget[]> {
    const request = read('listTargets');
    const deploymentId = codeDeployDeploymentId;
    let ids: readonly string[];
    try {
      ids = await allPages(request, (nextToken) =>
        this.#ask(request, call, targetIdPage, ({ client, sdk }, options) =>
          client.send(new sdk.ListDeploymentTargetsCommand({ deploymentId, ...(nextToken && { nextToken }) }), options),
        ),
      );
    } catch (error) {
      // Targets are decided when a deployment starts: before that it has none.
      if (CloudError.is(error) && error.failure.code === 'DeploymentNotStartedException') return [];
      throw error;
    }
    const targets: CodeDeployTarget[] = [];
    for (const targetIds of batchesOf([...new Set(ids)], BATCH)) {
      const some = await this.#ask(request, call, targetBatch(targetIds), ({ client, sdk }, options) =>
        client.send(new sdk.BatchGetDeploymentTargetsCommand({ deploymentId, targetIds }), options),
      );
      for (const target of some) targets.push(target);
    }
    return targets;
  }

  async createDeployment(
    deployment: CreateCodeDeployDeployment,
    call?: Call,
  ): Promise<{ readonly codeDeployDeploymentId: string }> {
    const input = createDeploymentInput(deployment);
    const { deploymentId } = await this.#ask(change('createDeployment'), call, created, ({ client, sdk }, options) =>
      client.send(new sdk.CreateDeploymentCommand(input), options),
    );
    return { codeDeployDeploymentId: deploymentId };
  }

  async continueDeployment(
    codeDeployDeploymentId: string,
    wait: 'READY_WAIT' | 'TERMINATION_WAIT',
    call?: Call,
  ): Promise<void> {
    const input = continueDeploymentInput(codeDeployDeploymentId, wait);
    await this.#ask(change('continueDeployment'), call, v.unknown(), ({ client, sdk }, options) =>
      client.send(new sdk.ContinueDeploymentCommand(input), options),
    );
  }

  async stopDeployment(
    codeDeployDeploymentId: string,
    { rollBack }: Parameters<CodeDeploy['stopDeployment']>[1],
    call?: Call,
  ): Promise<'stopping' | 'already-completed'> {
    const input = () =>
      stopDeploymentInput(codeDeployDeploymentId, { rollBack: typeof rollBack === 'boolean' ? rollBack : rollBack() });
    try {
      await this.#ask(change('stopDeployment'), call, v.unknown(), ({ client, sdk }, options) =>
        client.send(new sdk.StopDeploymentCommand(input()), options),
      );
      return 'stopping';
    } catch (error) {
      if (CloudError.is(error) && error.failure.code === 'DeploymentAlreadyCompletedException') {
        return 'already-completed';
      }
      throw error;
    }
  }

  async #readOne(deploymentId: string, call: Call | undefined): Promise<CodeDeployDeployment> {
    const answer = await this.#ask(read('readDeployment'), call, oneDeployment, ({ client, sdk }, options) =>
      client.send(new sdk.GetDeploymentCommand({ deploymentId }), options),
    );
    return answer.deploymentInfo;
  }

  #readSeveral(deploymentIds: readonly string[], call: Call): Promise<readonly CodeDeployDeployment[]> {
    const request = { ...read('readDeployment'), inBatch: true };
    return this.#ask(request, call, deploymentsFound, ({ client, sdk }, options) =>
      client.send(new sdk.BatchGetDeploymentsCommand({ deploymentIds: [...deploymentIds] }), options),
    );
  }

  async #list(
    request: AwsCall,
    { applicationName, deploymentGroupName }: DeploymentGroupRef,
    which: ListDeploymentsCommandInput,
    call: Call | undefined,
  ): Promise<readonly CodeDeployDeployment[]> {
    const input = { applicationName, deploymentGroupName, ...which };
    const ids = await allPages(request, (nextToken) =>
      this.#ask(request, call, deploymentIdPage, ({ client, sdk }, options) =>
        client.send(new sdk.ListDeploymentsCommand({ ...input, ...(nextToken && { nextToken }) }), options),
      ),
    );
    const found = new Map<string, CodeDeployDeployment>();
    for (const deploymentIds of batchesOf([...new Set(ids)], BATCH)) {
      const some = await this.#ask(request, call, deploymentBatch(deploymentIds), ({ client, sdk }, options) =>
        client.send(new sdk.BatchGetDeploymentsCommand({ deploymentIds }), options),
      );
      for (const one of some) found.set(one.codeDeployDeploymentId, one);
    }
    return [...found.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
  }

  #ask<T>(
    request: AwsCall,
    call: Call | undefined,
    answer: v.GenericSchema<unknown, T>,
    send: (aws: Awaited<ReturnType<typeof load>>, options: { readonly abortSignal: AbortSignal }) => Promise<unknown>,
  ): Promise<T> {
    return awsCall(this.#environment, request, call, answer, async (options) =>
      send(await load(this.#clients), options),
    );
  }
}

let loading: Promise<typeof CodeDeploySdk> | undefined;

async function load(clients: AwsClients) {
  loading ??= import('@aws-sdk/client-codedeploy');
  return { client: await clients.codeDeploy(), sdk: await loading };
}
