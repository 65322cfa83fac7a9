import type { StepContext } from '../engine/step.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import { CAPTURE_BLUE, type CapturedBlue } from './capture-blue.js';
import { CLOCK_SKEW_MS, isOurs } from './create-deployment-operation.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { awaitsARelease } from './mode-states.js';
import { waitIsOver } from './observe-release.js';

/**
 * A release of somebody else's that has succeeded, after which blue cannot be counted on any more: CodeDeploy still keeps our
 * captured blue, and will terminate it; or Spot, which waits for the end of a release, has not seen yet that it may take
 * blue away. Answers that as a fact; undefined: there is none.
 */
export async function takenByAnother(
  release: ElastigroupRelease,
  context: StepContext,
  mode: DeploymentMode | undefined,
): Promise<string | undefined> {
  const { codeDeploy } = release.clouds;
  const call = { signal: context.signal };
  const blue = new Set(context.output<CapturedBlue>(CAPTURE_BLUE)?.instanceIds);
  const since = context.state.startedAt - CLOCK_SKEW_MS;
  for (const deployment of await codeDeploy.listDeploymentsSince(release.deploymentGroup, since, call)) {
    if (isOurs(release, deployment) || deployment.status !== 'Succeeded') continue;
    // What puts an earlier revision back is no release that Spot waits for.
    const followed = awaitsARelease(mode) && deployment.rollbackTriggeredBy === undefined;
    const kept = !waitIsOver(deployment);
    if (!followed && !kept) continue;
    const { codeDeployDeploymentId } = deployment;
    const targets = await codeDeploy.listTargets(codeDeployDeploymentId, call);
    const succeeded = `${codeDeployDeploymentId}, which is none of ours, succeeded`;
    if (kept && targets.some(({ colour, instanceId }) => colour === 'Blue' && blue.has(instanceId)))
      return `${succeeded}: CodeDeploy takes blue away`;
    if (!followed) continue;
    // An earlier release may have ended right before this one began: what was its blue is gone.
    const green = await launchedSince(release, context);
    if (targets.some(({ instanceId }) => green.has(instanceId))) return `${succeeded}: Spot takes blue away`;
  }
  return undefined;
}

/** What stands in the Elastigroup, and did not when blue was captured. */
async function launchedSince({ clouds, spec }: ElastigroupRelease, context: StepContext): Promise<ReadonlySet<string>> {
  const { instanceIds = [], otherMembers = [] } = context.output<CapturedBlue>(CAPTURE_BLUE) ?? {};
  const before = new Set([...instanceIds, ...otherMembers]);
  const listed = await clouds.elastigroups.listInstances(spec.elastigroupId, { signal: context.signal });
  return new Set(listed.flatMap(({ instanceId }) => (instanceId === null || before.has(instanceId) ? [] : instanceId)));
}
