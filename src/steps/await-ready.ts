import type { EffectStep, WaitStep } from '../engine/step.js';
import type { RolloutState } from '../engine/rollout-state.js';
import { CODEDEPLOY_MS, RELEASE_ATTEMPTS } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { PREFLIGHT, type PreflightFacts } from './preflight.js';
import { judgeRelease } from './judge-release.js';
import { failedGreen, lastSeenAt, waitBeganAt } from './observe-release.js';
import { ourDeploymentId } from './release-green.js';
import { silenceTold, watchAgents } from './silent-agents.js';
import { watchRelease, type WatchedRelease } from './watch-release.js';

export const AWAIT_READY = 'await-ready';

export type ReadyRelease = {
  readonly failed: readonly string[];
  /** Epoch milliseconds at which the deployment group's Ready wait began. */
  readonly readySince: number;
};

/** Only where the deployment group waits before traffic. */
export function groupWaits(state: RolloutState): boolean {
  const facts = state.steps.get(PREFLIGHT)?.output as PreflightFacts | undefined;
  return facts?.readyWaitMs !== null && facts?.readyWaitMs !== undefined;
}

/** Waits until the application is installed everywhere and no traffic has moved: failures are counted here. */
export function awaitReady(release: ElastigroupRelease): WaitStep<WatchedRelease> {
  return {
    type: 'wait',
    id: AWAIT_READY,
    version: 1,
    stage: 'SCALE_UP',
    title: 'wait until the application is installed on green',
    when: groupWaits,
    within: () => CODEDEPLOY_MS,
    observe: (context) => watchRelease(release, context, 'ready'),
    judge: (view, look, context) => {
      const { status } = view.deployment;
      const { silent, watch } = watchAgents(release, view, look, context);
      const { failed, pivot } = judgeRelease(release, view, silent);
      if (failed !== undefined) return { failed, pivot };
      // Somebody may have continued it by hand, or the group may have been changed: then there is nothing to continue.
      if (status === 'Ready' || status === 'Succeeded') {
        const readySince = waitBeganAt(view, 'Green', lastSeenAt(context, AWAIT_READY), look.at);
        return { ready: { failed: [...failedGreen(view)], readySince } satisfies ReadyRelease, pivot };
      }
      const pending = `${view.told}${silenceTold(silent)}`;
      const { facts, progress, urgent } = view;
      return { pending, facts, urgent, progress, pivot, ...watch };
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
    calls: ['codedeploy continueDeployment READY_WAIT'],
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
