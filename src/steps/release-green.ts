import { BlueGreenError } from '../errors/blue-green-error.js';
import type { EffectStep, StepContext } from '../engine/step.js';
import type { Tag } from '../ports/elastigroups.js';
import { becauseGroupIsBusy } from './already-deploying.js';
import { createDeploymentOperation, type DeploymentOfOurs } from './create-deployment-operation.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { enteredMode, findOurMode } from './enter-deployment-mode.js';
import { isAwaitingDeployment } from './mode-states.js';
import { preflightFacts } from './preflight.js';

export const releaseGreenId = (attempt: number): string => `release-green/${attempt}`;

/** Starts the CodeDeploy deployment onto exactly the green tags; each attempt is an operation of its own. */
export function releaseGreen(release: ElastigroupRelease, attempt: number, when: EffectStep['when']): EffectStep {
  return {
    type: 'effect',
    id: releaseGreenId(attempt),
    version: 1,
    stage: 'SCALE_UP',
    title: 'start the CodeDeploy deployment onto green',
    ...(when === undefined ? {} : { when }),
    calls: ['codedeploy createDeployment'],
    run: async (context): Promise<{ codeDeployDeploymentId: string }> => {
      const { greenTags } = preflightFacts(context);
      const deploying = context.effect(
        createDeploymentOperation(release, context, {
          key: releaseGreenId(attempt),
          guard: () => mustStillAwait(release, context),
          ...deploymentOntoGreen(release, attempt, greenTags),
        }),
      );
      const codeDeployDeploymentId = await deploying.catch(async (error: unknown) => {
        throw await becauseGroupIsBusy(error, release.clouds.codeDeploy, context.now());
      });
      return { codeDeployDeploymentId };
    },
  };
}

/** A deployment onto exactly the instances that carry green's tags. */
export function deploymentOntoGreen(
  release: ElastigroupRelease,
  attempt: number,
  greenTags: readonly Tag[],
): DeploymentOfOurs {
  return {
    marker: markerOf(release, attempt),
    targetTags: greenTags,
    deploymentConfigName: release.spec.codeDeploy.deploymentConfigName,
    rollBackOn: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'],
  };
}

export function markerOf({ rolloutId }: ElastigroupRelease, attempt: number): string {
  return `${rolloutId}#${attempt}`;
}

/** The deployment that this rollout is on: of the latest attempt. */
export function ourDeploymentId(context: Pick<StepContext, 'output'>, attempts: number): string {
  const id = latestDeploymentId(context, attempts);
  if (id === undefined)
    throw new BlueGreenError('INTERNAL', 'a step needs the CodeDeploy deployment before it was started');
  return id;
}

/** The same; undefined where none was started. */
export function latestDeploymentId(context: Pick<StepContext, 'output'>, attempts: number): string | undefined {
  for (let attempt = attempts; attempt >= 1; attempt -= 1) {
    const output = context.output<{ codeDeployDeploymentId: string }>(releaseGreenId(attempt));
    if (output !== undefined) return output.codeDeployDeploymentId;
  }
  return undefined;
}

/** Green is only ever released onto while Spot waits for that: otherwise Spot would not follow the deployment. */
async function mustStillAwait(release: ElastigroupRelease, context: StepContext): Promise<void> {
  const mode = await findOurMode(release, context);
  if (isAwaitingDeployment(mode)) return;
  const { deploymentModeId } = enteredMode(context);
  const message = `${deploymentModeId} no longer waits for a release: ${mode?.state ?? 'Spot does not list it'}`;
  throw new BlueGreenError('DEPLOYMENT_MODE_FAILED', message, { details: { state: mode?.state ?? null } });
}
