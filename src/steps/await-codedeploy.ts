import { BlueGreenError } from '../errors/blue-green-error.js';
import type { WaitStep } from '../engine/step.js';
import { codeDeployBudgetMs } from './budgets.js';
import { alarmFired } from './fired-alarms.js';
import { endedBadly, releaseFailure } from './diagnose-release.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { blueIsLeaving, isGoingBack } from './mode-states.js';
import { failedGreen, isUrgent, observeRelease, progressOf, stillEnough, type ReleaseView } from './observe-release.js';
import { preflightFacts } from './preflight.js';

export const AWAIT_CODEDEPLOY = 'await-codedeploy';

/** Follows the release instance by instance to its end, and ends it as soon as it cannot succeed any more. */
export function awaitCodeDeploy(release: ElastigroupRelease): WaitStep<ReleaseView> {
  return {
    type: 'wait',
    id: AWAIT_CODEDEPLOY,
    version: 1,
    stage: 'PRODUCTION_TRAFFIC_SHIFT',
    title: 'wait until CodeDeploy has released onto green and moved the traffic',
    within: (context) => {
      const { terminationWaitMs, targetGroups } = preflightFacts(context);
      const deregistrationDelayMs = Math.max(0, ...targetGroups.map((group) => group.deregistrationDelayMs));
      return codeDeployBudgetMs({ terminationWaitMs: terminationWaitMs ?? 0, deregistrationDelayMs });
    },
    observe: (context) => observeRelease(release, context),
    judge: (view) => {
      const { deployment, targets, mode, lostGreen } = view;
      const green = targets.filter(({ colour }) => colour !== 'Blue');
      const failed = failedGreen(view);
      const pivot = pivotOf(view);
      const enough = stillEnough(release, green.length, failed.size);
      if (deployment.status === 'Succeeded' && enough) return { ready: { failed: [...failed] }, pivot };
      const fired = pivot === undefined ? alarmFired(view.fired) : undefined;
      if (fired !== undefined) return { failed: fired };
      // Blue may be what failed: a blue instance that could not be taken out of traffic fails the whole deployment.
      if (endedBadly(deployment) || !enough)
        return { failed: releaseFailure(deployment, endedBadly(deployment) ? targets : green, lostGreen), pivot };
      if (pivot === undefined) {
        const wentBack = modeWentBack(view);
        if (wentBack !== undefined) return { failed: wentBack };
      }
      const state = mode === undefined ? '' : `; Spot ${mode.state}`;
      return { pending: `${progressOf(view)}${state}`, urgent: isUrgent(view), pivot };
    },
  };
}

/** The first fact of the release after which blue can no longer carry the load. */
export function pivotOf({ deployment, mode }: Pick<ReleaseView, 'deployment' | 'mode'>): string | undefined {
  if (deployment.status === 'Succeeded') return `CodeDeploy deployment ${deployment.codeDeployDeploymentId} succeeded`;
  if (mode !== undefined && blueIsLeaving(mode)) return `Spot is taking blue away (${mode.state})`;
  return undefined;
}

/** The mode ended, or its own timeout fired, under a release that still runs. */
export function modeWentBack({ mode }: Pick<ReleaseView, 'mode'>): BlueGreenError | undefined {
  if (!isGoingBack(mode)) return undefined;
  const message = `Spot left the release: the deployment mode is ${mode?.state}`;
  return new BlueGreenError('DEPLOYMENT_MODE_FAILED', message, { details: { state: mode?.state ?? null } });
}
