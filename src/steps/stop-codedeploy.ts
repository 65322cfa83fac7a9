import type { EffectStep, StepContext, Verdict, WaitStep } from '../engine/step.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import type { CodeDeployDeployment } from '../ports/code-deploy.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import { blueIsKept } from './await-codedeploy.js';
import { AWAIT_QUIET_MS, CONFIRMATION_MS, ROLLBACK_APPEARS_MS } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { findOurMode } from './enter-deployment-mode.js';
import { pivotOf } from './judge-release.js';
import { blueIsLeaving, isAboutToRollBack, isRollingBack, isTakingGreenAway } from './mode-states.js';
import { observeTraffic } from './observe-traffic.js';
import { findOurDeployments } from './create-deployment-operation.js';
import { cannotBeStopped, isOver, stopOperation } from './stop-operation.js';
import { takenByAnother } from './taken-by-another.js';

export type StoppedCodeDeploy = {
  /** Where users were served from when the way back began. */
  readonly traffic: 'blue-only' | 'mixed-or-green';
  readonly stopped: readonly string[];
};

export const STOP_CODEDEPLOY = 'stop-codedeploy';

/** Where users are served from may have changed since a look that is older. */
const FRESH_MS = 1_000;

/**
 * Stops this rollout's CodeDeploy deployments. With a rollback only where traffic has moved: before that, a rollback
 * would redeploy the last revision onto a healthy blue for nothing.
 */
export function stopCodeDeploy(release: ElastigroupRelease): EffectStep {
  return {
    type: 'effect',
    id: STOP_CODEDEPLOY,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'stop the CodeDeploy deployment',
    calls: ['codedeploy stopDeployment with rollback', 'codedeploy stopDeployment without rollback'],
    run: async (context): Promise<StoppedCodeDeploy> => {
      let { where } = await observeTraffic(release, context);
      let seenAt = context.now();
      const stopped: string[] = [];
      for (const deployment of await knownDeployments(release, context)) {
        if (isOver(deployment.status)) continue;
        const { codeDeployDeploymentId } = deployment;
        const key = `${STOP_CODEDEPLOY}/${codeDeployDeploymentId}`;
        // Traffic may have moved while the call waited for the store, or for its turn.
        const guard = async (): Promise<void> => {
          if (context.now() - seenAt > FRESH_MS) ({ where } = await observeTraffic(release, context));
          seenAt = context.now();
          await somebodyMustServe(release, context);
        };
        const rollBack = (): boolean => where !== 'blue-only';
        try {
          await context.effect({
            ...stopOperation(release, context, { key, codeDeployDeploymentId, rollBack }),
            guard,
          });
          stopped.push(codeDeployDeploymentId);
        } catch (error) {
          // It goes on: the wait that follows sees what becomes of it, its success included.
          if (!cannotBeStopped(error)) throw error;
        }
      }
      return { traffic: where, stopped };
    },
  };
}

/**
 * Once the release is stopped Spot may take green away, and without an earlier revision CodeDeploy puts nothing back: where
 * blue could not be brought back into traffic before, nobody would serve.
 */
async function somebodyMustServe(release: ElastigroupRelease, context: StepContext): Promise<void> {
  if (!blueIsKept(context.state)) return;
  const { health, fleets, greenIds } = await observeTraffic(release, context);
  const [blue, green] = [new Set(fleets.blueAlive), new Set(greenIds)];
  const alone = [...health].find(([, targets]) => {
    const healthy = targets.filter(({ state }) => state === 'healthy');
    return healthy.some(({ targetId }) => green.has(targetId)) && !healthy.some(({ targetId }) => blue.has(targetId));
  });
  if (alone === undefined) return;
  const call = { signal: context.signal };
  const group = await release.clouds.codeDeploy.readDeploymentGroup(release.deploymentGroup, call);
  if (group.lastSuccessfulDeploymentId !== undefined) return;
  throw new BlueGreenError(
    'BLUE_NOT_SERVING',
    `the release was not stopped: nothing but green serves in ${alone[0]}, and CodeDeploy has no earlier revision to go back to`,
  );
}

interface Observation {
  readonly ours: readonly CodeDeployDeployment[];
  readonly active: readonly CodeDeployDeployment[];
  readonly mode: DeploymentMode | undefined;
  /** That somebody else's release has taken blue. */
  readonly taken: string | undefined;
}

type Quiet = {
  readonly rollbacks: readonly string[];
  /** Engine time until which a rollback may still appear, where it was not waited for. */
  readonly rollbackUntil?: number;
};

type Memo = { readonly overSince?: number; readonly quietSince?: number };

export const AWAIT_QUIET = 'await-quiet';

/** What is active in the deployment group: a rollback is told with what it takes back before any list shows it. */
async function activeNow(
  { clouds, deploymentGroup }: ElastigroupRelease,
  context: StepContext,
  ours: readonly CodeDeployDeployment[],
): Promise<readonly CodeDeployDeployment[]> {
  const call = { signal: context.signal };
  const listed = await clouds.codeDeploy.listActiveDeployments(deploymentGroup, call);
  const unlisted = ours.flatMap(({ rollbackDeploymentId: id }) =>
    id === undefined || listed.some((each) => idOf(each) === id) ? [] : id,
  );
  const rollbacks: CodeDeployDeployment[] = [];
  for (const id of unlisted) rollbacks.push(await clouds.codeDeploy.readDeployment(id, call));
  return [...listed, ...rollbacks.filter(({ status }) => !isOver(status))];
}

/** What is active for whoever compares at the end, and how much longer a rollback of CodeDeploy's may take to appear. */
export async function stillToCome(
  release: ElastigroupRelease,
  context: StepContext,
): Promise<{ readonly active: readonly CodeDeployDeployment[]; readonly rollbackMayTakeMs: number }> {
  const quiet = context.output<Quiet>(AWAIT_QUIET, 'undo');
  const since = context.state.undone.get(AWAIT_QUIET)?.startedAt;
  // Followed to its end, or never begun.
  if ((quiet !== undefined && quiet.rollbackUntil === undefined) || since === undefined)
    return { active: await activeNow(release, context, []), rollbackMayTakeMs: 0 };
  const ours = await knownDeployments(release, context);
  const until = quiet?.rollbackUntil ?? since + ROLLBACK_APPEARS_MS;
  return {
    active: await activeNow(release, context, ours),
    rollbackMayTakeMs: awaitsRollback(ours, context) ? until - context.now() : 0,
  };
}

/** Follows rollbacks, ours and Spot's, until nothing is active in the deployment group and nothing more is to be expected. */
export function awaitQuiet(release: ElastigroupRelease): WaitStep<Observation> {
  return {
    type: 'wait',
    id: AWAIT_QUIET,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until nothing is active in the deployment group',
    within: () => AWAIT_QUIET_MS,
    observe: async (context) => {
      const ours = await knownDeployments(release, context);
      const active = await activeNow(release, context, ours);
      const mode = await findOurMode(release, context);
      return { ours, active, mode, taken: await takenByAnother(release, context, mode) };
    },
    judge: ({ ours, active, mode, taken }, look, context) => {
      // Where none is ours, Spot follows somebody else's release.
      const leaving = taken ?? (blueIsLeaving(mode) ? `Spot is taking blue away (${mode?.state})` : undefined);
      const pivot =
        ours.map((deployment) => pivotOf({ deployment, mode })).find((fact) => fact !== undefined) ?? leaving;
      if (pivot !== undefined) return { pending: pivot, pivot };
      const memo = (look.memo ?? {}) as Memo;
      const ending = ours.filter(({ status }) => !isOver(status)).map(idOf);
      const overSince = memo.overSince ?? (ending.length === 0 ? look.at : undefined);
      const remember: Memo = overSince === undefined ? {} : { overSince };
      const running = [...new Set([...ending, ...active.map(idOf)])];
      if (running.length > 0)
        return { pending: `active: ${running.join(', ')}`, memo: remember, urgent: ending.length > 0 };
      const spotWouldRestartBlue = isAboutToRollBack(mode) && nothingToRollBack(ours, context);
      if (isRollingBack(mode) && !spotWouldRestartBlue)
        return { pending: `Spot is rolling back: ${mode?.state}`, memo: remember };
      const rollbackUntil = awaitsRollback(ours, context) ? (overSince ?? look.at) + ROLLBACK_APPEARS_MS : undefined;
      const mayFollow = rollbackUntil !== undefined && look.at < rollbackUntil;
      const rollbacks = ours.flatMap(({ rollbackDeploymentId }) => rollbackDeploymentId ?? []);
      const quiet: Verdict = { ready: { rollbacks, ...(mayFollow ? { rollbackUntil } : {}) } satisfies Quiet };
      // Where nothing can follow, the mode is left at once: Spot would otherwise notice the end, and redeploy a healthy blue.
      if (!rollsBack(ours, context)) return quiet;
      // Spot is taking green away: whoever waits now for blue to come back by itself may find nobody left who serves.
      if (isTakingGreenAway(mode) && stoppedCodeDeploy(context).traffic !== 'blue-only') return quiet;
      if (mayFollow) return { pending: 'waiting whether a rollback appears', memo: remember, urgent: true };
      const quietSince = memo.quietSince ?? look.at;
      // The last look that there is: what follows asks for itself whether green may go.
      if (look.last || look.at - quietSince >= CONFIRMATION_MS) return quiet;
      return { pending: 'quiet', memo: { ...remember, quietSince }, lookAgainInMs: CONFIRMATION_MS };
    },
  };
}

/** All the traffic is on blue, and no rollback of CodeDeploy's is to be expected: whatever puts blue back would only restart it. */
export function nothingToRollBack(ours: readonly CodeDeployDeployment[], context: StepContext): boolean {
  return stoppedCodeDeploy(context).traffic === 'blue-only' && !rollsBack(ours, context);
}

/** A rollback was asked for, or follows from a failure or an alarm, or may follow because somebody else asked for it. */
function rollsBack(ours: readonly CodeDeployDeployment[], context: StepContext): boolean {
  const { traffic } = stoppedCodeDeploy(context);
  const operations = [...context.state.operations];
  const withdrawn = ({ codeDeployDeploymentId }: CodeDeployDeployment): boolean =>
    operations.some(([key, { token }]) => key.startsWith('withdraw-release/') && token === codeDeployDeploymentId);
  return ours.some((deployment) => {
    if (deployment.status === 'Failed') return true;
    if (deployment.status !== 'Stopped' || withdrawn(deployment)) return false;
    return traffic !== 'blue-only' || deployment.error?.code === 'ALARM_ACTIVE';
  });
}

/** …and none has been seen yet. */
function awaitsRollback(ours: readonly CodeDeployDeployment[], context: StepContext): boolean {
  return rollsBack(
    ours.filter(({ rollbackDeploymentId }) => rollbackDeploymentId === undefined),
    context,
  );
}

const idOf = ({ codeDeployDeploymentId }: CodeDeployDeployment): string => codeDeployDeploymentId;

/** Every deployment of this rollout: those whose answer came, and those that only their marker tells of. */
export async function knownDeployments(
  release: ElastigroupRelease,
  context: StepContext,
): Promise<readonly CodeDeployDeployment[]> {
  const found = await findOurDeployments(release, context);
  const listed = new Set(found.map(({ codeDeployDeploymentId }) => codeDeployDeploymentId));
  const answered = [...context.state.operations]
    .filter(
      ([key, { status, result }]) =>
        key.startsWith('release-green/') && status === 'done' && typeof result === 'string',
    )
    .map(([, { result }]) => result as string);
  const missing: CodeDeployDeployment[] = [];
  for (const id of answered) {
    if (!listed.has(id)) missing.push(await release.clouds.codeDeploy.readDeployment(id, { signal: context.signal }));
  }
  return [...missing, ...found];
}

export function stoppedCodeDeploy(context: StepContext): StoppedCodeDeploy {
  const stopped = context.output<StoppedCodeDeploy>(STOP_CODEDEPLOY, 'undo');
  // Without a deployment there was nothing that could have moved traffic.
  return stopped ?? { traffic: 'blue-only', stopped: [] };
}
