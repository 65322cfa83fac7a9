import type { EffectStep, StepContext, WaitStep } from '../engine/step.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import { CloudError } from '../errors/cloud-error.js';
import { checkFailed, END_BAKE, notPassed } from './ask-checks.js';
import { blueIsKept, releaseBudgetMs } from './await-codedeploy.js';
import { RELEASE_ATTEMPTS } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { alarmFired } from './fired-alarms.js';
import { judgeRelease, spotTakesGreen } from './judge-release.js';
import { observeRelease, progressOf, waitIsOver, type ReleaseView } from './observe-release.js';
import { preflightFacts } from './preflight.js';
import { releaseFacts } from './release-facts.js';
import { ourDeploymentId } from './release-green.js';

/** What CodeDeploy answers when it does not wait any more: nothing is left to continue. */
const NOT_WAITING: ReadonlySet<string> = new Set([
  'DeploymentAlreadyCompletedException',
  'DeploymentIsNotInReadyStateException',
]);

/** Ends CodeDeploy's wait: from here on it terminates blue. */
export function endBake(release: ElastigroupRelease): EffectStep {
  const { codeDeploy } = release.clouds;
  return {
    type: 'effect',
    id: END_BAKE,
    version: 1,
    stage: 'BAKE_TIME',
    title: 'let CodeDeploy take blue away',
    when: (state) => release.bakeMs !== undefined && blueIsKept(state),
    calls: ['codedeploy continueDeployment TERMINATION_WAIT'],
    run: async (context) => {
      const id = ourDeploymentId(context, RELEASE_ATTEMPTS);
      const continued = await context.effect({
        key: END_BAKE,
        call: 'codedeploy continueDeployment TERMINATION_WAIT',
        token: id,
        settleMs: 15_000,
        guard: () => mustStillBeWell(release, context),
        find: async () => {
          const deployment = await codeDeploy.readDeployment(id, { signal: context.signal });
          return waitIsOver(deployment) || !deployment.instanceTerminationWaitStarted ? { present: true } : 'absent';
        },
        send: async (call) => {
          try {
            await codeDeploy.continueDeployment(id, 'TERMINATION_WAIT', call);
            return true;
          } catch (error) {
            if (CloudError.is(error) && NOT_WAITING.has(error.failure.code ?? '')) return false;
            throw error;
          }
        },
      });
      return { continued };
    },
  };
}

/** Waits until CodeDeploy has taken blue away and the release has succeeded; where nothing ended its wait, for as long as that lasts. */
export function awaitTermination(release: ElastigroupRelease): WaitStep<ReleaseView> {
  return {
    type: 'wait',
    id: 'await-termination',
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until CodeDeploy has taken blue away',
    when: blueIsKept,
    within: (context) => releaseBudgetMs(context, preflightFacts(context).terminationWaitMs ?? 0),
    observe: (context) => observeRelease(release, context),
    judge: (view, look) => {
      const { failed = spotTakesGreen(view), pivot } = judgeRelease(release, view);
      if (failed !== undefined) return { failed, pivot };
      if (waitIsOver(view.deployment)) return { ready: {}, pivot };
      // The answer may never tell the time of completion.
      if (look.last && view.deployment.status === 'Succeeded') return { ready: {}, pivot };
      return { pending: progressOf(view), facts: releaseFacts(view), holding: release.bakeMs === undefined, pivot };
    },
  };
}

/** Blue is about to go: judged at the last instant at which it can still be kept. */
async function mustStillBeWell(release: ElastigroupRelease, context: StepContext): Promise<void> {
  const view = await observeRelease(release, context);
  const trouble = judgeRelease(release, view).failed ?? alarmFired(view.fired) ?? checkFailed(view.checks);
  if (trouble !== undefined) throw trouble;
  const open = notPassed(view.checks);
  if (open !== undefined) throw new BlueGreenError('CHECK_FAILED', `${open}, and blue was about to be let go`);
}
