import { BlueGreenError } from '../errors/blue-green-error.js';
import type { EffectStep, Step, StepContext } from '../engine/step.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { sameTags } from './mode-states.js';
import { preflightFacts } from './preflight.js';

export type EnteredMode = {
  readonly deploymentModeId: string;
  /**
   * Epoch milliseconds at which Spot ends the mode by itself, whatever state it is in: at the latest where the mode was
   * taken over, for its start is not told; absent where its limit is not told either.
   */
  readonly spotExpiresAt?: number;
};

export const ENTER_DEPLOYMENT_MODE = 'enter-deployment-mode';
const SETTLE_MS = 30_000;

export function enterDeploymentMode(release: ElastigroupRelease, undo: readonly Step[]): EffectStep {
  const { clouds, spec, deploymentGroup } = release;
  return {
    type: 'effect',
    id: ENTER_DEPLOYMENT_MODE,
    version: 1,
    stage: 'SCALE_UP',
    title: 'put the Elastigroup into deployment mode',
    undo,
    calls: ['spot enterDeploymentMode'],
    run: async (context): Promise<EnteredMode> => {
      const { greenTags, modeTimeoutMs, adopted } = preflightFacts(context);
      const enteredAt = context.now();
      if (adopted !== undefined) {
        const { deploymentModeId, timeoutMs } = adopted;
        return { deploymentModeId, ...(timeoutMs === null ? {} : { spotExpiresAt: enteredAt + timeoutMs }) };
      }
      const deploymentModeId = await context.effect({
        key: ENTER_DEPLOYMENT_MODE,
        call: 'spot enterDeploymentMode',
        token: greenTags.map(({ key, value }) => `${key}=${value}`).join(','),
        settleMs: SETTLE_MS,
        listedAfterMs: SETTLE_MS,
        find: async () => {
          const mode = await findOurMode(release, context);
          return mode === undefined ? 'absent' : { present: mode.deploymentModeId };
        },
        send: async (call) => {
          const mode = await clouds.elastigroups.enterDeploymentMode(
            spec.elastigroupId,
            {
              timeoutMs: modeTimeoutMs,
              tags: greenTags,
              deploymentGroups: [deploymentGroup],
            },
            call,
          );
          return mode.deploymentModeId;
        },
      });
      return { deploymentModeId, spotExpiresAt: enteredAt + modeTimeoutMs };
    },
  };
}

/** The mode that this rollout entered, or took over, if Spot lists it: by its id where that is known, else by its tags. */
export async function findOurMode(
  release: ElastigroupRelease,
  context: StepContext,
): Promise<DeploymentMode | undefined> {
  const { greenTags, formerModeIds, adopted } = preflightFacts(context);
  const modes = await release.clouds.elastigroups.listDeploymentModes(release.spec.elastigroupId, {
    signal: context.signal,
  });
  const known = adopted?.deploymentModeId ?? modeIdOf(context);
  if (known !== undefined) return modes.find(({ deploymentModeId }) => deploymentModeId === known);
  return modes.find(
    ({ deploymentModeId, tags }) => !formerModeIds.includes(deploymentModeId) && sameTags(tags, greenTags),
  );
}

export function enteredMode(context: Pick<StepContext, 'output'>): EnteredMode {
  const entered = context.output<EnteredMode>(ENTER_DEPLOYMENT_MODE);
  if (entered === undefined)
    throw new BlueGreenError('INTERNAL', 'a step needs the deployment mode before it was entered');
  return entered;
}

/** From the step, or, when it was cut short, from the call that it made. */
function modeIdOf(context: StepContext): string | undefined {
  const operation = context.state.operations.get(ENTER_DEPLOYMENT_MODE);
  return operation?.status === 'done' && typeof operation.result === 'string' ? operation.result : undefined;
}
