import type { StepContext } from '../engine/step.js';
import type { DeploymentMode } from '../ports/elastigroups.js';

/** Spot has doubts about the release, says no more than that, and may go on or go back: told once, and waited for. */
export async function warnIfUnstable(context: StepContext, mode: DeploymentMode | undefined): Promise<void> {
  if (mode?.state !== 'UNSTABLE_DEPLOYMENT') return;
  await context.warn('DEPLOYMENT_UNSTABLE', `Spot calls the deployment of ${mode.deploymentModeId} unstable`);
}
