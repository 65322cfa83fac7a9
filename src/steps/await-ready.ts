import type { EffectStep, WaitStep } from '../engine/step.js';
import type { RolloutState } from '../engine/rollout-state.js';
import { CODEDEPLOY_MS, RELEASE_ATTEMPTS } from './budgets.js';
import { alarmFired } from './fired-alarms.js';
import { endedBadly, releaseFailure } from './diagnose-release.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { PREFLIGHT, type PreflightFacts } from './preflight.js';
import { modeWentBack } from './await-codedeploy.js';
import { failedGreen, isUrgent, observeRelease, progressOf, stillEnough, type ReleaseView } from './observe-release.js';
import { ourDeploymentId } from './release-green.js';

export const AWAIT_READY = 'await-ready';

/** Only where the deployment group waits before traffic. */
export function groupWaits(state: RolloutState): boolean {
  const facts = state.steps.get(PREFLIGHT)?.output as PreflightFacts | undefined;
  return facts?.readyWaitMs !== null && facts?.readyWaitMs !== undefined;
}

/** Waits until the application is installed everywhere and no traffic has moved: failures are counted here. */
export function awaitReady(release: ElastigroupRelease): WaitStep<ReleaseView> {
  return {
    type: 'wait',
    id: AWAIT_READY,
    version: 1,
    stage: 'SCALE_UP',
    title: 'wait until the application is installed on green',
    when: groupWaits,
    within: () => CODEDEPLOY_MS,
    observe: (context) => observeRelease(release, context),
    judge: (view) => {
      const { deployment, targets, lostGreen } = view;
      const green = targets.filter(({ colour }) => colour !== 'Blue');
      const failed = failedGreen(view);
      const fired = alarmFired(view.fired);
      if (fired !== undefined) return { failed: fired };
      if (endedBadly(deployment)) return { failed: releaseFailure(deployment, green, lostGreen) };
      if (!stillEnough(release, green.length, failed.size))
        return { failed: releaseFailure(deployment, green, lostGreen) };
      const wentBack = modeWentBack(view);
      if (wentBack !== undefined) return { failed: wentBack };
      // Somebody may have continued it by hand, or the group may have been changed: then there is nothing to continue.
      if (deployment.status === 'Ready' || deployment.status === 'Succeeded') return { ready: { failed: [...failed] } };
      return { pending: progressOf(view), urgent: isUrgent(view) };
    },
  };
}

/** Lets traffic move: past this point CodeDeploy (de)registers instances by itself. */
export function continueCodeDeploy(release: ElastigroupRelease): EffectStep {
  const { codeDeploy } = release.clouds;
  return {
    type: 'effect',
    id: 'continue-codedeploy',
    version: 1,
    stage: 'PRODUCTION_TRAFFIC_SHIFT',
    title: 'let CodeDeploy move the traffic',
    when: groupWaits,
    run: async (context) => {
      const id = ourDeploymentId(context, RELEASE_ATTEMPTS);
      const status = async (): Promise<string> =>
        (await codeDeploy.readDeployment(id, { signal: context.signal })).status;
      if ((await status()) !== 'Ready') return { continued: false };
      await context.effect({
        key: 'continue-codedeploy',
        call: 'codedeploy continueDeployment READY_WAIT',
        token: id,
        settleMs: 15_000,
        find: async () => ((await status()) === 'Ready' ? 'absent' : { present: null }),
        send: async (call) => {
          await codeDeploy.continueDeployment(id, 'READY_WAIT', call);
          return null;
        },
      });
      return { continued: true };
    },
  };
}
