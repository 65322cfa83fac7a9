import type { EffectStep, StepContext, WaitStep } from '../engine/step.js';
import type { RolloutState } from '../engine/rollout-state.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import type { CodeDeployDeployment, CodeDeployTarget } from '../ports/code-deploy.js';
import { groupWaits } from './await-ready.js';
import { CODEDEPLOY_MS, CONFIRMATION_MS, codeDeployBudgetMs } from './budgets.js';
import { endedBadly, releaseFailure } from './diagnose-release.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { preflightFacts } from './preflight.js';
import { refusalOf } from './refusal-of.js';
import { isOver } from './stop-operation.js';
import {
  awaitStraysReleasedId,
  confirmStraysId,
  markedIn,
  strayDeploymentIn,
  type ConfirmedStrays,
} from './stray-release.js';

interface Observation {
  readonly deployment: CodeDeployDeployment;
  readonly targets: readonly CodeDeployTarget[];
}

/** Reads what CodeDeploy took: strays alone, and nothing that it would take out of traffic. With a Ready wait, until it is there. */
export function confirmStrays(release: ElastigroupRelease, round: number): WaitStep<Observation> {
  return {
    type: 'wait',
    id: confirmStraysId(round),
    version: 1,
    stage: 'CLEAN_UP',
    title: 'confirm that CodeDeploy took exactly those instances',
    when: (state) => strayDeploymentIn(state, round) !== undefined,
    within: () => CODEDEPLOY_MS,
    observe: (context) => observe(release, context, round),
    judge: (observation, look, context) => {
      const { deployment, targets } = observation;
      const wrong = takenWrongly(observation, markedIn(context.state, round));
      if (wrong !== undefined) return { ready: { because: wrong } satisfies ConfirmedStrays };
      if (isOver(deployment.status) || deployment.status === 'Ready')
        return { ready: { onCourse: true } satisfies ConfirmedStrays };
      const pending = `${deployment.status}; CodeDeploy lists ${targets.length} instances`;
      if (look.last) return { ready: { because: `it took too long: ${pending}` } satisfies ConfirmedStrays };
      // Targets are decided once it is in progress; the list may be read a little before it is written.
      if (targets.length === 0) return { pending, urgent: true };
      const { since = look.at } = (look.memo ?? {}) as { since?: number };
      const waits = groupWaits(context.state);
      if (!waits && look.at - since >= CONFIRMATION_MS) return { ready: { onCourse: true } satisfies ConfirmedStrays };
      return { pending, memo: { since }, ...(waits ? {} : { lookAgainInMs: CONFIRMATION_MS }) };
    },
  };
}

/** Lets it go on to traffic, where the deployment group waits before that. */
export function continueStrays(release: ElastigroupRelease, round: number): EffectStep {
  const { codeDeploy } = release.clouds;
  return {
    type: 'effect',
    id: `continue-strays/${round}`,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'let CodeDeploy put those instances into traffic',
    when: (state) => groupWaits(state) && isOnCourse(state, round),
    calls: ['codedeploy continueDeployment READY_WAIT'],
    run: async (context) => {
      const id = deploymentOf(context, round);
      const isReady = async (): Promise<boolean> =>
        (await codeDeploy.readDeployment(id, { signal: context.signal })).status === 'Ready';
      if (!(await isReady())) return { continued: false };
      try {
        await context.effect({
          key: `continue-strays/${round}`,
          call: 'codedeploy continueDeployment READY_WAIT',
          token: id,
          settleMs: 15_000,
          find: async () => ((await isReady()) ? 'absent' : { present: null }),
          send: async (call) => {
            await codeDeploy.continueDeployment(id, 'READY_WAIT', call);
            return null;
          },
        });
        return { continued: true };
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

/** Follows it to its end. How it ends is no reason for the rollout to fail: what it has not proven is detached. */
export function awaitStraysReleased(release: ElastigroupRelease, round: number): WaitStep<Observation> {
  return {
    type: 'wait',
    id: awaitStraysReleasedId(round),
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until CodeDeploy has released onto those instances',
    when: (state) => isOnCourse(state, round),
    within: (context) => {
      const { terminationWaitMs, targetGroups } = preflightFacts(context);
      const deregistrationDelayMs = Math.max(0, ...targetGroups.map((group) => group.deregistrationDelayMs));
      return codeDeployBudgetMs({ terminationWaitMs: terminationWaitMs ?? 0, deregistrationDelayMs });
    },
    observe: (context) => observe(release, context, round),
    judge: (observation, look, context) => {
      const { deployment, targets } = observation;
      const marked = markedIn(context.state, round);
      const wrong = takenWrongly(observation, marked);
      if (wrong !== undefined) return { ready: { because: wrong } satisfies ConfirmedStrays };
      const succeeded = targets.filter(({ status }) => status === 'Succeeded').length;
      const saw = `${deployment.status}; strays ${succeeded} of ${marked.length} released`;
      const done = isOver(deployment.status);
      if (!done && !look.last) return { pending: saw };
      if (done && succeeded === marked.length) return { ready: { onCourse: true } satisfies ConfirmedStrays };
      const failed = targets.some(({ status }) => status === 'Failed') || endedBadly(deployment);
      const because = failed ? releaseFailure(deployment, targets).message : saw;
      return { ready: { because } satisfies ConfirmedStrays };
    },
  };
}

async function observe(release: ElastigroupRelease, context: StepContext, round: number): Promise<Observation> {
  const { codeDeploy } = release.clouds;
  const id = deploymentOf(context, round);
  const call = { signal: context.signal };
  return { deployment: await codeDeploy.readDeployment(id, call), targets: await codeDeploy.listTargets(id, call) };
}

/** Anything but the strays among its targets: what it would take out of traffic serves. */
function takenWrongly({ deployment, targets }: Observation, marked: readonly string[]): string | undefined {
  const isMarked = new Set(marked);
  const others = targets.filter(({ instanceId, colour }) => colour === 'Blue' || !isMarked.has(instanceId));
  if (others.length === 0) return undefined;
  const who = others.map(({ instanceId, colour }) => `${instanceId} (${colour})`).join(', ');
  return `${deployment.codeDeployDeploymentId} took instances that are no strays: ${who}`;
}

function isOnCourse(state: RolloutState, round: number): boolean {
  const output = state.steps.get(confirmStraysId(round))?.output as ConfirmedStrays | undefined;
  return output !== undefined && 'onCourse' in output;
}

export function deploymentOf(context: Pick<StepContext, 'state'>, round: number): string {
  const id = strayDeploymentIn(context.state, round);
  if (id === undefined)
    throw new BlueGreenError('INTERNAL', 'a step needs the deployment onto strays before it started');
  return id;
}
