import type { StepContext } from '../engine/step.js';
import { RELEASE_ATTEMPTS } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { ourDeploymentId } from './release-green.js';

/** Instances on which this rollout's own CodeDeploy deployment succeeded. */
export async function provenGreen(release: ElastigroupRelease, context: StepContext): Promise<readonly string[]> {
  const id = ourDeploymentId(context, RELEASE_ATTEMPTS);
  const targets = await release.clouds.codeDeploy.listTargets(id, { signal: context.signal });
  return targets
    .filter(({ colour, status }) => colour !== 'Blue' && status === 'Succeeded')
    .map(({ instanceId }) => instanceId);
}
