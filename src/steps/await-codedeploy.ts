import type { RolloutState } from '../engine/rollout-state.js';
import type { StepContext, WaitStep } from '../engine/step.js';
import { codeDeployBudgetMs } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { judgeRelease } from './judge-release.js';
import { failedGreen, lastSeenAt, waitBeganAt, waitIsOver } from './observe-release.js';
import { preflightFacts } from './preflight.js';
import { silenceTold, watchAgents } from './silent-agents.js';
import { watchRelease, type WatchedRelease } from './watch-release.js';

export const AWAIT_CODEDEPLOY = 'await-codedeploy';

export type MovedTraffic = {
  readonly failed: readonly string[];
  /** Epoch milliseconds at which the deployment group's termination wait began; absent where there is none. */
  readonly terminationWaitSince?: number;
};

/**
 * Follows the release instance by instance until traffic has moved, and ends it as soon as it cannot succeed any more:
 * where the deployment group keeps blue for a while, until that begins, and elsewhere to its end.
 */
export function awaitCodeDeploy(release: ElastigroupRelease): WaitStep<WatchedRelease> {
  return {
    type: 'wait',
    id: AWAIT_CODEDEPLOY,
    version: 1,
    stage: 'PRODUCTION_TRAFFIC_SHIFT',
    title: 'wait until CodeDeploy has released onto green and moved the traffic',
    within: (context) => releaseBudgetMs(context, 0),
    observe: (context) => watchRelease(release, context, 'end'),
    judge: (view, look, context) => {
      const { deployment, mode } = view;
      const { silent, watch } = watchAgents(release, view, look, context);
      const { failed, pivot } = judgeRelease(release, view, silent);
      if (failed !== undefined) return { failed, pivot };
      const failures = [...failedGreen(view)];
      if (waitIsOver(deployment)) return { ready: { failed: failures } satisfies MovedTraffic, pivot };
      if (deployment.instanceTerminationWaitStarted) {
        const terminationWaitSince = waitBeganAt(view, 'Blue', lastSeenAt(context, AWAIT_CODEDEPLOY), look.at);
        return { ready: { failed: failures, terminationWaitSince } satisfies MovedTraffic, pivot };
      }
      const state = mode === undefined ? '' : `; Spot ${mode.state}`;
      const pending = `${view.told}${silenceTold(silent)}${state}`;
      const { facts, progress, urgent } = view;
      return { pending, facts, urgent, progress, pivot, ...watch };
    },
  };
}

/** Whether the deployment group keeps blue for a while now that traffic has moved. */
export function blueIsKept(state: RolloutState): boolean {
  const moved = state.steps.get(AWAIT_CODEDEPLOY)?.output as MovedTraffic | undefined;
  return moved?.terminationWaitSince !== undefined;
}

/** From the start of traffic, or of the deployment where nothing waits, to its end; with so much of a termination wait. */
export function releaseBudgetMs(context: StepContext, terminationWaitMs: number): number {
  const { targetGroups } = preflightFacts(context);
  const deregistrationDelayMs = Math.max(0, ...targetGroups.map((group) => group.deregistrationDelayMs));
  return codeDeployBudgetMs({ terminationWaitMs, deregistrationDelayMs });
}
