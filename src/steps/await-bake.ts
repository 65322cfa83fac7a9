import { BlueGreenError } from '../errors/blue-green-error.js';
import type { StepContext, WaitStep } from '../engine/step.js';
import { checkFailed, failuresTold, nextCheckInMs, notPassed } from './ask-checks.js';
import { blueIsKept } from './await-codedeploy.js';
import { greenOf } from './await-green.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { alarmFired } from './fired-alarms.js';
import { healthFacts } from './health-facts.js';
import { heldUntil } from './hold-release.js';
import { judgeRelease, pivotOf, spotTakesGreen } from './judge-release.js';
import { healthyEverywhere, observeHealth, type Health } from './observe-fleets.js';
import { observeRelease, stillEnough, waitIsOver, type ReleaseView } from './observe-release.js';
import { preflightFacts } from './preflight.js';
import { wantedOf } from './short-green.js';

export const AWAIT_BAKE = 'await-bake';

interface Baking extends ReleaseView {
  /** Green on which the release succeeded and that is healthy in every production target group. */
  readonly serving: readonly string[];
  readonly health: Health;
}

/** Watches green carry the load while blue still stands. */
export function awaitBake(release: ElastigroupRelease): WaitStep<Baking> {
  const { bakeMs } = release;
  return {
    type: 'wait',
    id: AWAIT_BAKE,
    version: 1,
    stage: 'BAKE_TIME',
    title: 'watch green carry the load while blue still stands',
    when: (state) => bakeMs !== undefined && blueIsKept(state),
    within: (context) => preflightFacts(context).terminationWaitMs ?? 0,
    until: (context) => heldUntil('BAKE_TIME', context),
    observe: async (context) => {
      const view = await observeRelease(release, context);
      if (pivotOf(view) !== undefined && !waitIsOver(view.deployment)) {
        const message =
          'CodeDeploy calls the release a success while it still keeps blue: an alarm can only be told now';
        await context.warn('BAKE_PAST_PIVOT', message);
      }
      const released = view.targets.filter(({ colour, status }) => colour !== 'Blue' && status === 'Succeeded');
      const ids = released.map(({ instanceId }) => instanceId);
      const health = await observeHealth(release, context);
      return { ...view, health, serving: healthyEverywhere(health, ids) };
    },
    judge: (baking, look, context) => {
      const { failed, pivot } = judgeRelease(release, baking);
      // Where CodeDeploy calls it a success already, an alarm or a check cannot take it back, and must not be passed over either.
      const trouble =
        failed ??
        spotTakesGreen(baking) ??
        alarmFired(baking.fired) ??
        checkFailed(baking.checks) ??
        (pivot === undefined ? lostWhileBaking(release, baking, context) : undefined);
      if (trouble !== undefined) return { failed: trouble, pivot };
      if (waitIsOver(baking.deployment)) return { failed: cutShort(baking, look.elapsedMs, bakeMs ?? 0), pivot };
      const green = wantedOf(greenOf(context));
      const serves = `${baking.serving.length} of ${green} green serve`;
      const leftMs = (bakeMs ?? 0) - look.elapsedMs;
      const enough = stillEnough(release, green, green - baking.serving.length);
      const open = notPassed(baking.checks);
      if (leftMs <= 0 && enough && open === undefined) return { ready: { serving: baking.serving }, pivot };
      const told = enough && open !== undefined ? `${serves}, and ${open}` : serves;
      if (look.last) return { failed: expired(look.elapsedMs, bakeMs ?? 0, told), pivot };
      const over = enough ? `the bake is over, and ${open ?? serves}` : `the bake is over, and only ${serves}`;
      const pending = `${leftMs > 0 ? `baking; ${serves}` : over}${failuresTold(baking.checks)}`;
      const facts = {
        bakeEndsAt: new Date(look.at + Math.max(0, leftMs)).toISOString(),
        serving: baking.serving.length,
        green,
        health: healthFacts(baking.health, capturedBlue(context).instanceIds, greenOf(context).instanceIds),
      };
      const bakedInMs = leftMs > 0 ? leftMs : Number.POSITIVE_INFINITY;
      const lookAgainInMs = Math.min(bakedInMs, nextCheckInMs(baking.checks, look.at) ?? Number.POSITIVE_INFINITY);
      return { pending, facts, holding: true, lookAgainInMs, pivot };
    },
  };
}

/** A green instance that is gone does not come back: blue still stands, so it is not worth waiting. */
function lostWhileBaking(
  release: ElastigroupRelease,
  { lostGreen }: ReleaseView,
  context: StepContext,
): BlueGreenError | undefined {
  const green = wantedOf(greenOf(context));
  const left = greenOf(context).instanceIds.length - lostGreen.length;
  const [first] = lostGreen;
  if (first === undefined || stillEnough(release, green, green - left)) return undefined;
  const { instanceId, stateReason, state } = first;
  const message = `${instanceId} was lost (${stateReason ?? state}) while green was baking: ${left} of ${green} are left`;
  return new BlueGreenError('INSTANCE_LOST', message, { details: { instanceId, reason: stateReason ?? null } });
}

function cutShort({ deployment }: ReleaseView, elapsedMs: number, bakeMs: number): BlueGreenError {
  const { codeDeployDeploymentId } = deployment;
  const message = `the wait of ${codeDeployDeploymentId} ended after ${elapsedMs} ms of a bake of ${bakeMs} ms, and not by this rollout`;
  return new BlueGreenError('HOLD_BYPASSED', message, { details: { codeDeployDeploymentId, elapsedMs, bakeMs } });
}

function expired(elapsedMs: number, bakeMs: number, serves: string): BlueGreenError {
  const message = `CodeDeploy's own wait is about to end: ${elapsedMs} ms of a bake of ${bakeMs} ms were watched; ${serves}`;
  return new BlueGreenError('BAKE_EXPIRED', message, { details: { elapsedMs, bakeMs } });
}
