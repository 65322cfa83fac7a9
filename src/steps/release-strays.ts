import { BlueGreenError } from '../errors/blue-green-error.js';
import type { EffectStep, StepContext } from '../engine/step.js';
import { createDeploymentOperation, type DeploymentOfOurs } from './create-deployment-operation.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { refusalOf } from './refusal-of.js';
import { straysIn } from './settle-strays.js';
import { lastingObstacle, observeStrays, passingObstacle } from './stray-obstacles.js';
import { markedIn, releaseStraysId, strayDescription, strayMarker, type ReleasedOntoStrays } from './stray-release.js';

export const STRAYS_CONFIG = 'CodeDeployDefault.AllAtOnce';

/** Starts a further CodeDeploy deployment of the same revision, onto exactly the strays. */
export function releaseStrays(release: ElastigroupRelease, round: number): EffectStep {
  return {
    type: 'effect',
    id: releaseStraysId(round),
    version: 1,
    stage: 'CLEAN_UP',
    title: 'start a CodeDeploy deployment onto those instances',
    when: (state) => markedIn(state, round).length > 0,
    calls: ['codedeploy createDeployment'],
    run: async (context): Promise<ReleasedOntoStrays> => {
      try {
        const codeDeployDeploymentId = await context.effect(
          createDeploymentOperation(release, context, {
            key: releaseStraysId(round),
            guard: () => nothingInTheWay(release, context, round),
            ...deploymentOntoStrays(release, round),
          }),
        );
        return { codeDeployDeploymentId };
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

/** A deployment onto exactly the instances that carry the mark of this round. */
export function deploymentOntoStrays(release: ElastigroupRelease, round: number): DeploymentOfOurs {
  return {
    marker: strayDescription(release, round),
    targetTags: [strayMarker(release, round)],
    // They serve nobody: none of them has to stay healthy. The configuration for green may demand more healthy
    // instances than there are strays, and would fail at once.
    deploymentConfigName: STRAYS_CONFIG,
    // A rollback redeploys the last good revision, which is this one, onto blue: there is none here, and whatever
    // the filter may select by then serves. Strays that fail are detached instead.
    rollBackOn: [],
  };
}

/** Asked at the last instant: this deployment must have no blue, and no green but the strays. */
async function nothingInTheWay(release: ElastigroupRelease, context: StepContext, round: number): Promise<void> {
  const marked = markedIn(context.state, round);
  const view = await observeStrays(release, context, round, straysIn(context.state, round));
  const isMarked = new Set(marked);
  const others = view.strays.filter(({ instanceId }) => !isMarked.has(instanceId));
  const obstacle = lastingObstacle(view) ?? passingObstacle(view);
  if (obstacle === undefined && others.length === 0) return;
  throw new BlueGreenError('STRAYS_FOUND', `nothing is released onto strays: ${obstacle ?? 'there are others now'}`, {
    details: { instanceIds: marked },
  });
}
