import type { ReceiptLine } from '../engine/receipt.js';
import type { ReadStep, Step, StepContext } from '../engine/step.js';
import type { RolloutState } from '../engine/rollout-state.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { idSetOf } from './id-set.js';
import { preflightFacts } from './preflight.js';
import { revisionOf } from './create-deployment-operation.js';
import { isSameRevision } from './same-revision.js';

export type SameRevision =
  | { readonly same: false; readonly because: string }
  | { readonly same: true; readonly codeDeployDeploymentId: string; readonly lines: readonly ReceiptLine[] };

export const CHECK_SAME_REVISION = 'check-same-revision';

/** Finds out whether the revision is proven to serve already; whatever cannot be shown means that it is released. */
export function checkSameRevision(release: ElastigroupRelease): ReadStep {
  return {
    type: 'read',
    id: CHECK_SAME_REVISION,
    version: 1,
    stage: 'RECONCILE_SERVICE',
    title: 'see whether this revision serves already',
    read: async (context): Promise<SameRevision> => {
      const found = await findOut(release, context);
      if (found.same) {
        await context.warn(
          'RELEASE_SKIPPED',
          `${found.codeDeployDeploymentId} released this revision onto everything that serves: nothing was done`,
        );
      }
      return found;
    },
  };
}

/** None of the steps is due once it is known that the revision serves already. */
export function unlessSameRevision(steps: readonly Step[]): readonly Step[] {
  return steps.map((step) => ({ ...step, when: (state) => !isServing(state) && step.when?.(state) !== false }));
}

export function sameRevisionOf(state: RolloutState): SameRevision | undefined {
  return state.steps.get(CHECK_SAME_REVISION)?.output as SameRevision | undefined;
}

const isServing = (state: RolloutState): boolean => sameRevisionOf(state)?.same === true;

async function findOut(release: ElastigroupRelease, context: StepContext): Promise<SameRevision> {
  const { clouds, spec, deploymentGroup } = release;
  const call = { signal: context.signal };
  const no = (because: string): SameRevision => ({ same: false, because });
  const { adopted, targetGroups } = preflightFacts(context);
  if (adopted !== undefined) return no('somebody started a deployment mode for a release');
  const { lastSuccessfulDeploymentId: id } = await clouds.codeDeploy.readDeploymentGroup(deploymentGroup, call);
  if (id === undefined) return no('the deployment group has no successful deployment');
  const last = await clouds.codeDeploy.readDeployment(id, call);
  if (last.revision === undefined || !isSameRevision(last.revision, revisionOf(release)))
    return no(`${id} does not prove to have released the same revision`);
  // Whatever came later may have put something else onto the same instances, failed or not.
  const later = (
    await clouds.codeDeploy.listDeploymentsSince(deploymentGroup, Date.parse(last.createdAt), call)
  ).filter(({ codeDeployDeploymentId }) => codeDeployDeploymentId !== id);
  if (later.length > 0) return no(`something was deployed after ${id}`);
  const proven = idSetOf(
    (await clouds.codeDeploy.listTargets(id, call)).filter(
      ({ colour, status }) => colour !== 'Blue' && status === 'Succeeded',
    ),
  );
  const ours = idSetOf(await clouds.elastigroups.listInstances(spec.elastigroupId, call));
  const lines: ReceiptLine[] = [];
  for (const { arn } of targetGroups) {
    const healthy = (await clouds.targetGroups.targetHealth(arn, call))
      .filter(({ state }) => state === 'healthy')
      .map(({ targetId }) => targetId);
    if (healthy.length === 0) return no(`nothing is healthy in ${arn}`);
    const unproven = healthy.filter((each) => !proven.has(each) || !ours.has(each));
    if (unproven.length > 0) return no(`${id} does not prove what ${unproven.join(', ')} runs`);
    lines.push({ what: 'served by the same revision', subject: arn, verdict: 'never-changed' });
  }
  if (lines.length === 0) return no('there is no production target group');
  return { same: true, codeDeployDeploymentId: id, lines };
}
