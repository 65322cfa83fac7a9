import { BlueGreenError } from '../errors/blue-green-error.js';
import type { WaitStep } from '../engine/step.js';
import type { RolloutState } from '../engine/rollout-state.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import { AWAIT_GREEN_MS, CONFIRMATION_MS } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { findOurMode } from './enter-deployment-mode.js';
import { idSetOf } from './id-set.js';
import { isAwaitingDeployment, isOnItsWayToAwaiting } from './mode-states.js';
import { PREFLIGHT, preflightFacts, type PreflightFacts } from './preflight.js';

export const AWAIT_ADOPTED_MODE = 'await-adopted-mode';

interface Observation {
  readonly mode: DeploymentMode | undefined;
  readonly greenIds: readonly string[];
}

/**
 * Waits until the mode that is taken over has tagged green. Before that nothing tells what it launches from blue, which
 * carries the same tags: who serves can only be captured then.
 */
export function awaitAdoptedMode(release: ElastigroupRelease): WaitStep<Observation> {
  const { clouds, spec } = release;
  return {
    type: 'wait',
    id: AWAIT_ADOPTED_MODE,
    version: 1,
    stage: 'RECONCILE_SERVICE',
    title: 'wait until the deployment mode that is taken over waits for a release',
    when: isAdopting,
    within: () => AWAIT_GREEN_MS,
    observe: async (context) => {
      const call = { signal: context.signal };
      const mode = await findOurMode(release, context);
      const conditions = preflightFacts(context).greenTags.map(({ key, value }) => ({ key, values: [value] }));
      const members = idSetOf(await clouds.elastigroups.listInstances(spec.elastigroupId, call));
      const tagged = await clouds.instances.findByTags(conditions, call);
      const greenIds = tagged.map(({ instanceId }) => instanceId).filter((id) => members.has(id));
      return { mode, greenIds: greenIds.sort() };
    },
    judge: ({ mode, greenIds }, look, context) => {
      if (!isAwaitingDeployment(mode) && !isOnItsWayToAwaiting(mode)) {
        const id = preflightFacts(context).adopted?.deploymentModeId;
        const message = `${id} can no longer be taken over: ${mode?.state ?? 'Spot does not list it'}`;
        return {
          failed: new BlueGreenError('DEPLOYMENT_MODE_FAILED', message, { details: { state: mode?.state ?? null } }),
        };
      }
      if (!isAwaitingDeployment(mode) || greenIds.length === 0)
        return { pending: `${mode?.state}; green ${greenIds.length} tagged` };
      const memo = (look.memo ?? {}) as { readonly greenIds?: readonly string[]; readonly since?: number };
      const same = memo.since !== undefined && JSON.stringify(memo.greenIds) === JSON.stringify(greenIds);
      const since = same ? (memo.since ?? look.at) : look.at;
      if (look.at - since >= CONFIRMATION_MS) return { ready: { greenIds } };
      return { pending: 'green is tagged', memo: { greenIds, since }, lookAgainInMs: CONFIRMATION_MS };
    },
  };
}

function isAdopting(state: RolloutState): boolean {
  const facts = state.steps.get(PREFLIGHT)?.output as PreflightFacts | undefined;
  return facts?.adopted !== undefined;
}
