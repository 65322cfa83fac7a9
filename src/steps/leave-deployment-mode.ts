import { CloudError } from '../errors/cloud-error.js';
import type { EffectStep, StepContext, WaitStep } from '../engine/step.js';
import type { CodeDeployDeployment } from '../ports/code-deploy.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import { AWAIT_MODE_ENDED_MS, CONFIRMATION_MS, MODE_ERROR_GRACE_MS, STILL_LAUNCHING_MS } from './budgets.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { drainWhatWasLeft } from './drain-green.js';
import { findOurMode } from './enter-deployment-mode.js';
import { blueIsLeaving, hasEnded, isAboutToRollBack, isGoingBack } from './mode-states.js';
import { greenMayGo } from './restore-blue.js';
import { knownDeployments, nothingToRollBack } from './stop-codedeploy.js';

const STOP_MODE = 'leave-deployment-mode';

/** Tells Spot to stop the mode, which removes green: only while blue carries as much as green does. */
export function leaveDeploymentMode(release: ElastigroupRelease): EffectStep {
  const { elastigroups } = release.clouds;
  return {
    type: 'effect',
    id: STOP_MODE,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'take the Elastigroup out of deployment mode',
    calls: ['elbv2 deregisterTargets', 'spot stopDeploymentMode'],
    run: async (context) => {
      const mode = await findOurMode(release, context);
      if (mode === undefined || (await endsByItself(release, context, mode)))
        return { stopped: false, state: mode?.state ?? null };
      const { deploymentModeId } = mode;
      await drainWhatWasLeft(release, context, STOP_MODE);
      try {
        await context.effect({
          key: STOP_MODE,
          call: 'spot stopDeploymentMode',
          token: deploymentModeId,
          settleMs: 20_000,
          guard: () => greenMayGo(release, context),
          find: async () => {
            const now = await findOurMode(release, context);
            return now === undefined || (await endsByItself(release, context, now)) ? { present: null } : 'absent';
          },
          send: async (call) => {
            await elastigroups.stopDeploymentMode(release.spec.elastigroupId, deploymentModeId, call);
            return null;
          },
        });
        return { stopped: true };
      } catch (error) {
        // Spot refuses to stop what it is ending by itself: the wait that follows sees what becomes of it.
        if (CloudError.is(error) && (error.failure.kind === 'refused' || error.failure.kind === 'not-found')) {
          return { stopped: false, refused: error.message };
        }
        throw error;
      }
    },
  };
}

/** Over, or on its way there. What Spot is only about to do is stopped where it would restart a blue that serves. */
async function endsByItself(release: ElastigroupRelease, context: StepContext, mode: DeploymentMode): Promise<boolean> {
  if (!isAboutToRollBack(mode)) return hasEnded(mode) || isGoingBack(mode);
  return !nothingToRollBack(await knownDeployments(release, context), context);
}

interface Observation {
  readonly mode: DeploymentMode | undefined;
  readonly active: readonly CodeDeployDeployment[];
  /** Asked of EC2 by Spot, more than the Elastigroup is to hold, and without an id yet: green that has still to show. */
  readonly launching: number;
}

type Memo = { readonly errorSince?: number; readonly overSince?: number };

export function awaitModeEnded(release: ElastigroupRelease): WaitStep<Observation> {
  const { codeDeploy } = release.clouds;
  return {
    type: 'wait',
    id: 'await-mode-ended',
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until the deployment mode is over',
    within: () => AWAIT_MODE_ENDED_MS,
    observe: async (context) => ({
      mode: await findOurMode(release, context),
      active: await codeDeploy.listActiveDeployments(release.deploymentGroup, { signal: context.signal }),
      launching: await launchingBeyondTarget(release, context),
    }),
    judge: ({ mode, active, launching }, look) => {
      if (blueIsLeaving(mode))
        return { pending: 'Spot is taking blue away', pivot: `Spot is taking blue away (${mode?.state})` };
      const memo = (look.memo ?? {}) as Memo;
      if (active.length > 0)
        return { pending: `active: ${active.map(({ codeDeployDeploymentId }) => codeDeployDeploymentId).join(', ')}` };
      if (mode?.state === 'ERROR') {
        const errorSince = memo.errorSince ?? look.at;
        if (look.at - errorSince >= MODE_ERROR_GRACE_MS) return { ready: { state: 'ERROR' } };
        return { pending: 'Spot says ERROR', memo: { errorSince } };
      }
      if (!hasEnded(mode)) return { pending: `Spot says ${mode?.state}` };
      const overSince = memo.overSince ?? look.at;
      // What follows takes out what the mode launched, and can name only what has an id. EC2 may never have any to give.
      if (launching > 0 && look.at - overSince < STILL_LAUNCHING_MS)
        return { pending: `the mode is over; Spot still launches ${launching}`, memo: { overSince } };
      if (look.at - overSince >= CONFIRMATION_MS) return { ready: { state: mode?.state ?? null } };
      return { pending: 'the mode is over', memo: { overSince }, lookAgainInMs: CONFIRMATION_MS };
    },
  };
}

/** Instances that Spot has asked EC2 for, beyond what the Elastigroup is to hold, and that have no id yet. */
export async function launchingBeyondTarget(
  { clouds, spec }: ElastigroupRelease,
  context: StepContext,
): Promise<number> {
  const listed = await clouds.elastigroups.listInstances(spec.elastigroupId, { signal: context.signal });
  const surplus = listed.length - capturedBlue(context).capacity.target;
  return Math.min(Math.max(0, surplus), listed.filter(({ instanceId }) => instanceId === null).length);
}
