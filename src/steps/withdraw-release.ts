import { BlueGreenError } from '../errors/blue-green-error.js';
import type { EffectStep, StepContext, WaitStep } from '../engine/step.js';
import type { CodeDeployDeployment } from '../ports/code-deploy.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import { AWAIT_WITHDRAWN_MS } from './budgets.js';
import { confirmTargetsId, type ConfirmedTargets } from './confirm-targets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { findOurMode } from './enter-deployment-mode.js';
import { isAwaitingDeployment } from './mode-states.js';
import { ourDeploymentId } from './release-green.js';
import { stopOperation } from './stop-operation.js';

export const withdrawReleaseId = (attempt: number): string => `withdraw-release/${attempt}`;

/** Stops an attempt that took too few instances, without a rollback, while Spot still waits for a release. */
export function withdrawRelease(release: ElastigroupRelease, attempt: number, when: EffectStep['when']): EffectStep {
  return {
    type: 'effect',
    id: withdrawReleaseId(attempt),
    version: 1,
    stage: 'SCALE_UP',
    title: 'stop a deployment that took too few instances',
    ...(when === undefined ? {} : { when }),
    calls: ['codedeploy stopDeployment without rollback'],
    run: async (context) => {
      const id = ourDeploymentId(context, attempt);
      const stop = stopOperation(release, context, {
        key: withdrawReleaseId(attempt),
        codeDeployDeploymentId: id,
        rollBack: () => false,
      });
      await context.effect({ ...stop, guard: () => mustStillAwait(release, context, attempt) });
      return { codeDeployDeploymentId: id };
    },
  };
}

interface Observation {
  readonly deployment: CodeDeployDeployment;
  readonly active: readonly CodeDeployDeployment[];
  readonly mode: DeploymentMode | undefined;
}

/** Waits until the stopped attempt is out of the way, and a little longer, so that CodeDeploy sees the tags next time. */
export function awaitWithdrawn(
  release: ElastigroupRelease,
  attempt: number,
  when: WaitStep['when'],
): WaitStep<Observation> {
  const { clouds, deploymentGroup } = release;
  return {
    type: 'wait',
    id: `await-withdrawn/${attempt}`,
    version: 1,
    stage: 'SCALE_UP',
    title: 'wait until the stopped deployment is out of the way',
    ...(when === undefined ? {} : { when }),
    within: () => AWAIT_WITHDRAWN_MS + release.tagSettleMs,
    observe: async (context) => {
      const call = { signal: context.signal };
      return {
        deployment: await clouds.codeDeploy.readDeployment(ourDeploymentId(context, attempt), call),
        active: await clouds.codeDeploy.listActiveDeployments(deploymentGroup, call),
        mode: await findOurMode(release, context),
      };
    },
    judge: ({ deployment, active, mode }, look, context) => {
      if (!isAwaitingDeployment(mode)) return { failed: missed(context, attempt, mode) };
      if (deployment.status !== 'Stopped' || active.length > 0)
        return { pending: `${deployment.codeDeployDeploymentId} is ${deployment.status}` };
      const { since = look.at } = (look.memo ?? {}) as { since?: number };
      const leftMs = since + release.tagSettleMs - look.at;
      return leftMs <= 0 ? { ready: null } : { pending: 'tags settling', memo: { since }, lookAgainInMs: leftMs };
    },
  };
}

async function mustStillAwait(release: ElastigroupRelease, context: StepContext, attempt: number): Promise<void> {
  const mode = await findOurMode(release, context);
  if (!isAwaitingDeployment(mode)) throw missed(context, attempt, mode);
}

export function missed(
  context: Pick<StepContext, 'output'>,
  attempt: number,
  mode: DeploymentMode | undefined,
): BlueGreenError {
  const missing = context.output<ConfirmedTargets>(confirmTargetsId(attempt))?.missing ?? [];
  const state = mode?.state ?? 'not listed';
  const message = `CodeDeploy did not take ${missing.join(', ')} as targets, and Spot no longer waits for another attempt (${state})`;
  return new BlueGreenError('TARGETS_MISSED', message, { details: { missing, state } });
}
