import { BlueGreenError } from '../errors/blue-green-error.js';
import type { EffectStep, Step, StepContext } from '../engine/step.js';
import type { DeploymentMode, Elastigroups } from '../ports/elastigroups.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { hasEnded, sameTags } from './mode-states.js';
import { preflightFacts, type PreflightFacts } from './preflight.js';

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
  const { clouds, spec } = release;
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
        guard: () => nobodyElsesMode(release, context),
        find: async () => {
          const mode = await findOurMode(release, context);
          return mode === undefined ? 'absent' : { present: mode.deploymentModeId };
        },
        send: async (call) => {
          const mode = await clouds.elastigroups.enterDeploymentMode(
            spec.elastigroupId,
            modeToEnter(release, { greenTags, modeTimeoutMs }),
            call,
          );
          return mode.deploymentModeId;
        },
      });
      return { deploymentModeId, spotExpiresAt: enteredAt + modeTimeoutMs };
    },
  };
}

/** What Spot is asked for. */
export function modeToEnter(
  { deploymentGroup }: ElastigroupRelease,
  { greenTags, modeTimeoutMs }: Pick<PreflightFacts, 'greenTags' | 'modeTimeoutMs'>,
): Parameters<Elastigroups['enterDeploymentMode']>[1] {
  return { timeoutMs: modeTimeoutMs, tags: greenTags, deploymentGroups: [deploymentGroup] };
}

/** A gate may lie between preflight and this: somebody else may have entered a mode, and Spot may let us enter a second one. */
async function nobodyElsesMode({ clouds, spec }: ElastigroupRelease, context: StepContext): Promise<void> {
  const call = { signal: context.signal };
  const modes = await clouds.elastigroups.listDeploymentModes(spec.elastigroupId, call);
  const theirs = modes.find((mode) => !hasEnded(mode));
  if (theirs === undefined) return;
  const { deploymentModeId, state } = theirs;
  const message = `${spec.elastigroupId} is in deployment mode (${deploymentModeId}, ${state}), which somebody entered since preflight`;
  throw new BlueGreenError('PREFLIGHT_REFUSED', message, {
    hint: 'Wait until that mode is over, or stop it in the Spot console; then release again.',
    details: { deploymentModeId, state },
  });
}

/** The mode that this rollout entered, or took over, if Spot lists it: by its id where that is known, else by its tags. */
export async function findOurMode(
  release: ElastigroupRelease,
  context: StepContext,
): Promise<DeploymentMode | undefined> {
  const { clouds, spec } = release;
  return ourModeIn(
    await clouds.elastigroups.listDeploymentModes(spec.elastigroupId, { signal: context.signal }),
    context,
  );
}

export function ourModeIn(modes: readonly DeploymentMode[], context: StepContext): DeploymentMode | undefined {
  const { greenTags, formerModeIds, adopted } = preflightFacts(context);
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
