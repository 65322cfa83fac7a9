import type { StepContext } from '../engine/step.js';
import type { CodeDeployDeployment } from '../ports/code-deploy.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import type { Instance } from '../ports/instances.js';
import { describeFilter, resolveFilter } from './deployment-group-filter.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { idSetOf } from './id-set.js';
import { hasEnded } from './mode-states.js';
import { modesNow } from './others-mode.js';
import { healthyAnywhere, isAlive, observeHealth, type Health } from './observe-fleets.js';
import { strayMarker } from './stray-release.js';

/** Everything that decides whether a deployment onto strays may start, at one instant. */
export interface StrayView {
  /** Of the strays, those that EC2 still runs, or is about to. */
  readonly strays: readonly Instance[];
  /** What the marker selects: the deployment's green. */
  readonly marked: readonly Instance[];
  /** What the deployment group's own filter selects: the deployment's blue, less its green. */
  readonly selected: readonly Instance[];
  readonly filter: string;
  /** Somebody else's, if there is one that runs; else ours. */
  readonly mode: DeploymentMode | undefined;
  readonly active: readonly CodeDeployDeployment[];
  readonly health: Health;
}

export async function observeStrays(
  release: ElastigroupRelease,
  context: StepContext,
  round: number,
  instanceIds: readonly string[],
): Promise<StrayView> {
  const { clouds, deploymentGroup } = release;
  const call = { signal: context.signal };
  const { key, value } = strayMarker(release, round);
  const { ours, theirs } = await modesNow(release, context);
  const { filter } = await clouds.codeDeploy.readDeploymentGroup(deploymentGroup, call);
  return {
    strays: (await clouds.instances.describeInstances(instanceIds, call)).filter(isAlive),
    marked: await clouds.instances.findByTags([{ key, values: [value] }], call),
    selected: await resolveFilter(clouds.instances, filter, call),
    filter: describeFilter(filter),
    mode: theirs ?? ours,
    active: await clouds.codeDeploy.listActiveDeployments(deploymentGroup, call),
    health: await observeHealth(release, context),
  };
}

/** What will not pass by itself: then nothing is released onto strays. */
export function lastingObstacle(view: StrayView): string | undefined {
  const { strays, selected, mode, health } = view;
  if (strays.length === 0) return 'none of them is left';
  // Spot would take the deployment for the one that it waits for, and go back when it fails.
  if (!hasEnded(mode)) return `Spot has not ended the deployment mode (${mode?.state})`;
  const ids = idsOf(strays);
  const serving = healthyAnywhere(health, ids);
  if (serving.length > 0) return `CodeDeploy would stop the application on ${serving.join(', ')}, which users reach`;
  // What the filter selects beside them would be this deployment's blue: taken out of traffic, and perhaps terminated.
  const isStray = idSetOf(strays);
  const blue = idsOf(selected.filter(isAlive)).filter((id) => !isStray.has(id));
  if (blue.length > 0)
    return `the deployment group’s filter ${view.filter} selects ${blue.join(', ')}, which CodeDeploy would take out of traffic`;
  return undefined;
}

/** What may pass: nothing is released while it lasts. */
export function passingObstacle({ strays, marked, selected, active }: StrayView): string | undefined {
  const ids = idsOf(strays);
  const starting = strays.filter(({ state }) => state !== 'running');
  if (starting.length > 0) return `${idsOf(starting).join(', ')} not running yet`;
  if (active.length > 0)
    return `active: ${active.map(({ codeDeployDeploymentId }) => codeDeployDeploymentId).join(', ')}`;
  // An instance that is shutting down is a target as well: to take it out of traffic fails the whole deployment.
  const isStray = idSetOf(strays);
  const leaving = idsOf(selected).filter((id) => !isStray.has(id));
  if (leaving.length > 0) return `the deployment group’s filter still selects ${leaving.join(', ')}`;
  const found = idsOf(marked);
  if (found.length !== ids.length || found.some((id) => !isStray.has(id)))
    return `${found.length}/${ids.length} marked`;
  return undefined;
}

const idsOf = (instances: readonly Instance[]): readonly string[] => instances.map(({ instanceId }) => instanceId);
