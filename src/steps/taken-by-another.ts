import type { StepContext } from '../engine/step.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import { CAPTURE_BLUE, type CapturedBlue } from './capture-blue.js';
import { CLOCK_SKEW_MS, isOurs } from './create-deployment-operation.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { awaitsARelease, isUnheardOf } from './mode-states.js';
import { waitIsOver } from './observe-release.js';

/**
 * A release of somebody else's that has succeeded, after which blue cannot be counted on any more: CodeDeploy still keeps our
 * captured blue, and will terminate it; or Spot, which waits for the end of a release, has not seen yet that it may take
 * blue away, or has done that while nobody looked. Answers that as a fact; undefined: there is none.
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
  let listed: Promise<readonly string[]> | undefined;
  const standing = (): Promise<readonly string[]> => (listed ??= membersOf(release, context));
  // A mode that Spot does not list any more may have ended in any way; with blue gone, there is nothing to go back to.
  const isForgotten = async (): Promise<boolean> =>
    mode === undefined && blue.size > 0 && (await standing()).every((id) => !blue.has(id));
  for (const deployment of await codeDeploy.listDeploymentsSince(release.deploymentGroup, since, call)) {
    if (isOurs(release, deployment) || deployment.status !== 'Succeeded') continue;
    // What puts an earlier revision back is no release that Spot waits for.
    const mayFollow = awaitsARelease(mode) || isUnheardOf(mode) || (await isForgotten());
    const followed = deployment.rollbackTriggeredBy === undefined && mayFollow;
    const kept = !waitIsOver(deployment);
    if (!followed && !kept) continue;
    const { codeDeployDeploymentId } = deployment;
    const targets = await codeDeploy.listTargets(codeDeployDeploymentId, call);
    const succeeded = `${codeDeployDeploymentId}, which is none of ours, succeeded`;
    if (kept && targets.some(({ colour, instanceId }) => colour === 'Blue' && blue.has(instanceId)))
      return `${succeeded}: CodeDeploy takes blue away`;
    if (!followed) continue;
    // An earlier release may have ended right before this one began: what was its blue is gone.
    const green = launchedSince(context, await standing());
    const onGreen = targets.filter(({ instanceId }) => green.has(instanceId));
    if (mode !== undefined && onGreen.length > 0) return `${succeeded}: Spot takes blue away`;
    // Spot’s own way back deploys as well, onto blue and what stands in for it.
    if (onGreen.some(({ colour }) => colour !== 'Blue')) return `${succeeded}: Spot has taken blue away`;
  }
  return undefined;
}

async function membersOf({ clouds, spec }: ElastigroupRelease, context: StepContext): Promise<readonly string[]> {
  const listed = await clouds.elastigroups.listInstances(spec.elastigroupId, { signal: context.signal });
  return listed.flatMap(({ instanceId }) => instanceId ?? []);
}

/** What stands in the Elastigroup, and did not when blue was captured. */
function launchedSince(context: StepContext, standing: readonly string[]): ReadonlySet<string> {
  const { instanceIds = [], otherMembers = [] } = context.output<CapturedBlue>(CAPTURE_BLUE) ?? {};
  const before = new Set([...instanceIds, ...otherMembers]);
  return new Set(standing.filter((id) => !before.has(id)));
}
