import { NOTHING_HELD, type HeldView, type Hold } from '../engine/hold.js';
import { isPassingTrouble } from '../engine/passing-trouble.js';
import { STAGES, type LifecycleStage } from '../engine/stages.js';
import type { StepContext } from '../engine/step.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';
import { nextCheckInMs } from './ask-checks.js';
import { AWAIT_CODEDEPLOY, type MovedTraffic } from './await-codedeploy.js';
import { AWAIT_READY, type ReadyRelease } from './await-ready.js';
import { HOLD_MARGIN_MS, wayBackMs } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { ENTER_DEPLOYMENT_MODE, type EnteredMode } from './enter-deployment-mode.js';
import { gateEvidence } from './gate-evidence.js';
import { judgeRelease } from './judge-release.js';
import { observeRelease, waitIsOver, type ReleaseView } from './observe-release.js';
import { PREFLIGHT, type PreflightFacts } from './preflight.js';
import { whyItDoesNotHold } from './preflight-gates.js';

const isAfter = (stage: LifecycleStage, other: LifecycleStage): boolean =>
  STAGES.indexOf(stage) > STAGES.indexOf(other);

/** Holding a release at a stage: until when the clouds let us, and what may end it meanwhile. */
export function holdAt(release: ElastigroupRelease, stage: LifecycleStage): Hold {
  return {
    until: (context) => heldUntil(stage, context),
    look: async (context) => (await lookAt(release, stage, context)).held,
    inspect: async (context) => {
      const { held, view } = await lookAt(release, stage, context);
      return { ...held, evidence: await evidenceOf(release, context, view) };
    },
  };
}

/** Whether a no at this stage still takes the release back. */
export function canHold(stage: LifecycleStage, context: StepContext): boolean {
  const facts = factsOf(context);
  const waits = {
    readyWaitMs: facts?.readyWaitMs ?? undefined,
    terminationWaitMs: facts?.terminationWaitMs ?? undefined,
  };
  if (whyItDoesNotHold(stage, waits) !== undefined) return false;
  return !isAfter(stage, 'PRODUCTION_TRAFFIC_SHIFT') || context.state.pivot === undefined;
}

/** Engine time at which the first limit of a cloud would end the standstill, less what the way back needs before that. */
export function heldUntil(stage: LifecycleStage, context: StepContext): number | undefined {
  const facts = factsOf(context);
  if (facts === undefined || !isAfter(stage, 'SCALE_UP')) return undefined;
  const limits: number[] = [];
  const mode = context.output<EnteredMode>(ENTER_DEPLOYMENT_MODE);
  if (mode?.spotExpiresAt !== undefined) limits.push(mode.spotExpiresAt - wayBackMs(facts.targetGroups));
  if (isAfter(stage, 'PRODUCTION_TRAFFIC_SHIFT')) {
    const since = context.output<MovedTraffic>(AWAIT_CODEDEPLOY)?.terminationWaitSince;
    if (since !== undefined) limits.push(since + (facts.terminationWaitMs ?? 0) - HOLD_MARGIN_MS);
  } else {
    const since = context.output<ReadyRelease>(AWAIT_READY)?.readySince;
    if (since !== undefined) limits.push(since + (facts.readyWaitMs ?? 0) - HOLD_MARGIN_MS);
  }
  return limits.length === 0 ? undefined : Math.min(...limits);
}

interface Looked {
  readonly held: HeldView;
  /** Absent where no release is under way that could be held. */
  readonly view?: ReleaseView;
}

async function lookAt(release: ElastigroupRelease, stage: LifecycleStage, context: StepContext): Promise<Looked> {
  if (!isAfter(stage, 'SCALE_UP') || !canHold(stage, context)) return { held: NOTHING_HELD };
  const view = await observeRelease(release, context);
  const { failed, pivot } = judgeRelease(release, view);
  const lookAgainInMs = nextCheckInMs(view.checks, context.now());
  return { held: { failed: failed ?? bypassed(stage, view), pivot, lookAgainInMs }, view };
}

/** What a cloud in trouble cannot show now is left out: that alone must not keep an answer from being heard. */
async function evidenceOf(
  release: ElastigroupRelease,
  context: StepContext,
  view: ReleaseView | undefined,
): Promise<Json | undefined> {
  try {
    return await gateEvidence(release, context, view);
  } catch (error) {
    if (isPassingTrouble(error)) return undefined;
    throw error;
  }
}

/** Somebody let the release go on before everybody had said yes: silence never passes. */
function bypassed(stage: LifecycleStage, { deployment }: ReleaseView): BlueGreenError | undefined {
  const stands = isAfter(stage, 'PRODUCTION_TRAFFIC_SHIFT') ? !waitIsOver(deployment) : deployment.status === 'Ready';
  if (stands) return undefined;
  const { codeDeployDeploymentId, status } = deployment;
  const message = `${codeDeployDeploymentId} was continued (${status}) while an answer at ${stage} was still open`;
  return new BlueGreenError('HOLD_BYPASSED', message, { details: { codeDeployDeploymentId, status, stage } });
}

const factsOf = (context: StepContext): PreflightFacts | undefined => context.output<PreflightFacts>(PREFLIGHT);
