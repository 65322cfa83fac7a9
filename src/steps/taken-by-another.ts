import type { StepContext } from '../engine/step.js';
import { CAPTURE_BLUE, type CapturedBlue } from './capture-blue.js';
import { CLOCK_SKEW_MS, isOurs } from './create-deployment-operation.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { waitIsOver } from './observe-release.js';

/**
 * A release of somebody else's that has succeeded while CodeDeploy still keeps our captured blue, and will terminate it: it
 * is not listed as active, and blue cannot be counted on any more. Answers that as a fact; undefined: there is none.
 */
export async function takenByAnother(release: ElastigroupRelease, context: StepContext): Promise<string | undefined> {
  const { codeDeploy } = release.clouds;
  const call = { signal: context.signal };
  const blue = context.output<CapturedBlue>(CAPTURE_BLUE)?.instanceIds ?? [];
  const since = context.state.startedAt - CLOCK_SKEW_MS;
  for (const deployment of await codeDeploy.listDeploymentsSince(release.deploymentGroup, since, call)) {
    if (isOurs(release, deployment) || deployment.status !== 'Succeeded' || waitIsOver(deployment)) continue;
    const { codeDeployDeploymentId } = deployment;
    const targets = await codeDeploy.listTargets(codeDeployDeploymentId, call);
    if (targets.some(({ colour, instanceId }) => colour === 'Blue' && blue.includes(instanceId)))
      return `${codeDeployDeploymentId}, which is none of ours, succeeded: CodeDeploy takes blue away`;
  }
  return undefined;
}
