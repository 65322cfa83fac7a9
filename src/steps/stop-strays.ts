import type { EffectStep, WaitStep } from '../engine/step.js';
import type { RolloutState } from '../engine/rollout-state.js';
import type { CodeDeployDeployment } from '../ports/code-deploy.js';
import { deploymentOf } from './await-strays-released.js';
import { AWAIT_WITHDRAWN_MS } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { refusalOf } from './refusal-of.js';
import { isOver, stopOperation } from './stop-operation.js';
import { awaitStraysReleasedId, confirmStraysId, strayDeploymentIn, type Refusal } from './stray-release.js';

/** Stops a deployment onto strays that took something else, or takes too long; without a rollback, which could only touch what serves. */
export function stopStrays(release: ElastigroupRelease, round: number): EffectStep {
  return {
    type: 'effect',
    id: `stop-strays/${round}`,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'stop the deployment onto those instances',
    when: (state) => strayDeploymentIn(state, round) !== undefined && wentWrong(state, round),
    calls: ['codedeploy stopDeployment without rollback'],
    run: async (context) => {
      const id = deploymentOf(context, round);
      const { status } = await release.clouds.codeDeploy.readDeployment(id, { signal: context.signal });
      if (isOver(status)) return { stopped: false };
      try {
        const key = `stop-strays/${round}`;
        await context.effect(
          stopOperation(release, context, { key, codeDeployDeploymentId: id, rollBack: () => false }),
        );
        return { stopped: true };
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

export function awaitStraysStopped(release: ElastigroupRelease, round: number): WaitStep<CodeDeployDeployment> {
  return {
    type: 'wait',
    id: `await-strays-stopped/${round}`,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until that deployment is over',
    when: (state) => strayDeploymentIn(state, round) !== undefined && wentWrong(state, round),
    within: () => AWAIT_WITHDRAWN_MS,
    observe: (context) =>
      release.clouds.codeDeploy.readDeployment(deploymentOf(context, round), { signal: context.signal }),
    judge: ({ status }, look) =>
      isOver(status) || look.last ? { ready: { status } } : { pending: status, urgent: true },
  };
}

function wentWrong(state: RolloutState, round: number): boolean {
  return [confirmStraysId(round), awaitStraysReleasedId(round)].some(
    (id) => (state.steps.get(id)?.output as Partial<Refusal> | undefined)?.because !== undefined,
  );
}
