import type { StepContext } from '../engine/step.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { findOurMode } from './enter-deployment-mode.js';
import { hasEnded } from './mode-states.js';

/**
 * A deployment mode that somebody else has entered since: what launches while it runs may be their green, and is not ours to
 * release onto or to take out.
 */
export async function othersMode(
  release: ElastigroupRelease,
  context: StepContext,
): Promise<DeploymentMode | undefined> {
  const ours = await findOurMode(release, context);
  const modes = await release.clouds.elastigroups.listDeploymentModes(release.spec.elastigroupId, {
    signal: context.signal,
  });
  return modes.find((mode) => !hasEnded(mode) && mode.deploymentModeId !== ours?.deploymentModeId);
}

export const besideOthers = (ids: readonly string[], { deploymentModeId, state }: DeploymentMode): string =>
  `${ids.join(', ')}: may belong to ${deploymentModeId} (${state}), which somebody else has entered`;
