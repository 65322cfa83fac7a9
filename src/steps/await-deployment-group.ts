import type { StepContext, WaitStep } from '../engine/step.js';
import type { CodeDeployDeployment } from '../ports/code-deploy.js';
import { groupIsBusy } from './already-deploying.js';
import { AWAIT_DEPLOYMENT_GROUP_MS } from './budgets.js';
import { resolveFilter } from './deployment-group-filter.js';
import { greenTagChoices, type ElastigroupRelease } from './elastigroup-release.js';

export const AWAIT_DEPLOYMENT_GROUP = 'await-deployment-group';

interface Observation {
  readonly active: readonly CodeDeployDeployment[];
  /** Instances of a rollout before that are on their way out, and look like blue or like green until they are gone. */
  readonly leaving: readonly string[];
}

/**
 * Waits until nothing is active in the deployment group. No rollout of this store is at work there by now: what is, is somebody
 * else's, and nobody but them may stop it. CodeDeploy's own rollbacks are let end.
 */
export function awaitDeploymentGroup(release: ElastigroupRelease): WaitStep<Observation> {
  const { clouds, deploymentGroup, spec } = release;
  return {
    type: 'wait',
    id: AWAIT_DEPLOYMENT_GROUP,
    version: 1,
    stage: 'RECONCILE_SERVICE',
    title: 'wait until the deployment group is free',
    within: () => AWAIT_DEPLOYMENT_GROUP_MS,
    observe: async (context) => ({
      active: await clouds.codeDeploy.listActiveDeployments(deploymentGroup, { signal: context.signal }),
      leaving: await leavingInstances(release, context),
    }),
    judge: ({ active, leaving }, look) => {
      const [first] = active;
      if (first === undefined) {
        // Whatever still stands in the way at the end, preflight names.
        if (leaving.length === 0 || look.last) return { ready: null };
        return { pending: `waits until ${leaving.join(', ')} are terminated` };
      }
      const supersedes = spec.codeDeploy.onAlreadyDeploying === 'supersede';
      const theirs = active.find(({ rollbackTriggeredBy }) => rollbackTriggeredBy === undefined);
      if (supersedes && theirs !== undefined) return { failed: groupIsBusy(theirs, look.at, { notOurs: true }) };
      if (look.last) return { failed: groupIsBusy(first, look.at, { waitedMs: look.elapsedMs }) };
      const told = active.map(
        ({ codeDeployDeploymentId, status, creator }) =>
          `${codeDeployDeploymentId} (${status}, by ${creator ?? 'somebody'})`,
      );
      return { pending: `waits for CodeDeploy deployment ${told.join(', ')}` };
    },
  };
}

async function leavingInstances(release: ElastigroupRelease, context: StepContext): Promise<readonly string[]> {
  const { clouds, deploymentGroup } = release;
  const call = { signal: context.signal };
  const { filter } = await clouds.codeDeploy.readDeploymentGroup(deploymentGroup, call);
  const selected = [...(await resolveFilter(clouds.instances, filter, call))];
  for (const tags of greenTagChoices(release)) {
    const conditions = tags.map(({ key, value }) => ({ key, values: [value] }));
    selected.push(...(await clouds.instances.findByTags(conditions, call)));
  }
  const leaving = selected.filter(({ state }) => state === 'shutting-down');
  return [...new Set(leaving.map(({ instanceId }) => instanceId))].sort();
}
