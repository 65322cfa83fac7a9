import type { StepContext } from '../engine/step.js';
import type { CodeDeployTarget } from '../ports/code-deploy.js';
import type { Instance } from '../ports/instances.js';
import { endedBadly } from './diagnose-release.js';
import { idSetOf } from './id-set.js';
import { isAlive } from './observe-fleets.js';
import type { ReleaseView } from './observe-release.js';

const OVER: ReadonlySet<string> = new Set(['Succeeded', 'Failed', 'Skipped', 'Unknown']);

/** Blue that CodeDeploy has not taken out of traffic yet, or could not. */
export function blueToLeave(targets: readonly CodeDeployTarget[]): readonly string[] {
  return targets
    .filter(({ colour, status }) => colour === 'Blue' && status !== 'Succeeded')
    .map(({ instanceId }) => instanceId);
}

/** Of that, what EC2 says is gone. */
export function lostOf(blue: readonly string[], described: readonly Instance[]): readonly Instance[] {
  const gone = described.filter((instance) => !isAlive(instance));
  if (gone.length === 0) return gone;
  const isBlue = new Set(blue);
  return gone.filter(({ instanceId }) => isBlue.has(instanceId));
}

/**
 * A blue instance that is gone cannot be taken out of traffic, which fails the whole deployment: within minutes, or after
 * an hour where it went in the middle of a script. Whether that is so is CodeDeploy's to say: here it is only told.
 */
export async function warnOfLostBlue(
  context: StepContext,
  { deployment, targets, lostBlue }: Pick<ReleaseView, 'deployment' | 'targets' | 'lostBlue'>,
): Promise<void> {
  if (endedBadly(deployment) || lostBlue.length === 0) return;
  const over = idSetOf(targets.filter(({ status }) => OVER.has(status)));
  for (const { instanceId, stateReason, state } of lostBlue) {
    if (over.has(instanceId)) continue;
    await context.warn(
      'BLUE_LOST',
      `${instanceId} (blue) was lost (${stateReason ?? state}) before ${deployment.codeDeployDeploymentId} had taken it out of traffic: CodeDeploy may take up to an hour to notice, and then fails the whole deployment; abort to go back now`,
    );
  }
}
