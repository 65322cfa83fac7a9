import type { StepContext } from '../engine/step.js';
import { RELEASE_ATTEMPTS } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { latestDeploymentId } from './release-green.js';
import { strayDeploymentIds } from './stray-release.js';

/** Instances on which one of this rollout's own CodeDeploy deployments succeeded: the release onto green, or onto strays. */
export async function provenGreen(release: ElastigroupRelease, context: StepContext): Promise<readonly string[]> {
  const proven = new Set<string>();
  const released = latestDeploymentId(context, RELEASE_ATTEMPTS);
  for (const id of [...(released === undefined ? [] : [released]), ...strayDeploymentIds(context.state)]) {
    const targets = await release.clouds.codeDeploy.listTargets(id, { signal: context.signal });
    for (const { instanceId, colour, status } of targets)
      if (colour !== 'Blue' && status === 'Succeeded') proven.add(instanceId);
  }
  return [...proven];
}
