import type { StepContext } from '../engine/step.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { ourModeIn } from './enter-deployment-mode.js';
import { hasEnded } from './mode-states.js';

/**
 * The deployment mode of this rollout, and one that somebody else has entered since: what launches while that runs may be
 * their green, and is not ours to release onto or to take out.
 */
export async function modesNow(
  { clouds, spec }: ElastigroupRelease,
  context: StepContext,
): Promise<{ readonly ours: DeploymentMode | undefined; readonly theirs: DeploymentMode | undefined }> {
  const modes = await clouds.elastigroups.listDeploymentModes(spec.elastigroupId, { signal: context.signal });
  const ours = ourModeIn(modes, context);
  return { ours, theirs: modes.find((mode) => !hasEnded(mode) && mode !== ours) };
}

export const besideOthers = (ids: readonly string[], { deploymentModeId, state }: DeploymentMode): string =>
  `${ids.join(', ')}: may belong to ${deploymentModeId} (${state}), which somebody else has entered`;
