import { BlueGreenError } from '../errors/blue-green-error.js';
import type { CodeDeployTarget } from '../ports/code-deploy.js';
import { checkFailed, trafficHasBegun } from './ask-checks.js';
import { alarmFired } from './fired-alarms.js';
import { endedBadly, releaseFailure } from './diagnose-release.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { idSetOf } from './id-set.js';
import { blueIsLeaving, hasEnded, isGoingBack } from './mode-states.js';
import { failedGreen, stillEnough, type ReleaseView } from './observe-release.js';
import { agentsSilent, alsoSilent, type SilentAgents } from './silent-agents.js';

/** What a running release means: why it cannot succeed any more, and whether blue can still carry the load. */
export interface ReleaseJudgement {
  readonly failed: BlueGreenError | undefined;
  readonly pivot: string | undefined;
}

/** Past the pivot an alarm, a check, or Spot's going back, can take nothing back: only what is broken counts there. */
export function judgeRelease(release: ElastigroupRelease, view: ReleaseView, silent?: SilentAgents): ReleaseJudgement {
  const { deployment, targets, missing, lostGreen, lostBlue, unhealthy } = view;
  const pivot = pivotOf(view);
  const green = targets.filter(({ colour }) => colour !== 'Blue');
  const gone = failedGreen(view);
  const failures = missing + gone.size + alsoSilent(silent, gone);
  const enough = green.length === 0 || stillEnough(release, green.length + missing, failures);
  const warning = pivot === undefined ? (alarmFired(view.fired) ?? checkFailed(view.checks)) : undefined;
  if (warning !== undefined) return { failed: warning, pivot };
  // Blue may be what failed: a blue instance that could not be taken out of traffic fails the whole deployment.
  if (endedBadly(deployment))
    return { failed: releaseFailure(deployment, targets, { lost: [...lostGreen, ...lostBlue], unhealthy }), pivot };
  const interrupted = release.onInterruption === 'unwind' ? lostBeforeTraffic(view) : [];
  if (interrupted.length > 0) return { failed: releaseFailure(deployment, interrupted, { lost: lostGreen }), pivot };
  if (!enough && silent !== undefined && gone.size === 0)
    return { failed: agentsSilent(view, silent, release.agentTimeoutMs), pivot };
  if (!enough) return { failed: releaseFailure(deployment, green, { lost: lostGreen, unhealthy }), pivot };
  return { failed: pivot === undefined ? modeWentBack(view) : undefined, pivot };
}

/** Green that was lost while the way back still costs nobody anything. */
function lostBeforeTraffic({ targets, lostGreen }: ReleaseView): readonly CodeDeployTarget[] {
  if (trafficHasBegun(targets)) return [];
  const lost = idSetOf(lostGreen);
  return targets.filter(
    ({ colour, instanceId, status }) => colour !== 'Blue' && status !== 'Succeeded' && lost.has(instanceId),
  );
}

/** The first fact of the release after which blue can no longer carry the load. */
export function pivotOf({ deployment, mode }: Pick<ReleaseView, 'deployment' | 'mode'>): string | undefined {
  if (deployment.status === 'Succeeded') return `CodeDeploy deployment ${deployment.codeDeployDeploymentId} succeeded`;
  if (mode !== undefined && blueIsLeaving(mode)) return `Spot is taking blue away (${mode.state})`;
  return undefined;
}

/** Spot takes green away although it serves: past the pivot that cannot be undone, and not be passed over either. */
export function spotTakesGreen(view: ReleaseView): BlueGreenError | undefined {
  return hasEnded(view.mode) && view.lostGreen.length === 0 ? undefined : modeWentBack(view);
}

/** The mode ended, or its own timeout fired, under a release that still runs. */
function modeWentBack({ mode }: Pick<ReleaseView, 'mode'>): BlueGreenError | undefined {
  if (!isGoingBack(mode)) return undefined;
  const message = `Spot left the release: the deployment mode is ${mode?.state}`;
  return new BlueGreenError('DEPLOYMENT_MODE_FAILED', message, { details: { state: mode?.state ?? null } });
}
