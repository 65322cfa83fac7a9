import type { GivenHook } from '../engine/hooks.js';
import type { LifecycleStage } from '../engine/stages.js';
import type { DeploymentGroup } from '../ports/code-deploy.js';
import type { GateSpec } from '../specs/common-schemas.js';
import { HOLD_MARGIN_MS } from './budgets.js';
import type { Finding } from './findings.js';

const READY =
  'Let the deployment group wait before traffic: deploymentReadyOption={actionOnTimeout=STOP_DEPLOYMENT,waitTimeInMinutes=60}';
const TERMINATION =
  'Let the deployment group keep blue after traffic: terminateBlueInstancesOnDeploymentSuccess={action=TERMINATE,terminationWaitTimeInMinutes=60}';
const BEFORE_PIVOT = 'Use BAKE_TIME, with a deployment group that keeps blue for a while after traffic.';

/** Why nothing can be stopped at a stage of this deployment group; undefined when it can. */
export function whyItDoesNotHold(
  stage: LifecycleStage,
  group: Pick<DeploymentGroup, 'readyWaitMs' | 'terminationWaitMs'>,
): Omit<Finding, 'check'> | undefined {
  switch (stage) {
    case 'RECONCILE_SERVICE':
    case 'PRE_SCALE_UP':
      return undefined;
    case 'SCALE_UP':
      return { found: 'instances are launched by Spot at this stage', fix: 'Use PRE_SCALE_UP or POST_SCALE_UP.' };
    case 'POST_SCALE_UP':
    case 'TEST_TRAFFIC_SHIFT':
    case 'POST_TEST_TRAFFIC_SHIFT':
    case 'PRE_PRODUCTION_TRAFFIC_SHIFT':
    case 'PRODUCTION_TRAFFIC_SHIFT':
      if (group.readyWaitMs === undefined) return { found: 'the deployment group does not wait in Ready', fix: READY };
      if (group.readyWaitMs > HOLD_MARGIN_MS) return undefined;
      return {
        found: `the deployment group waits in Ready for ${group.readyWaitMs} ms, of which ${HOLD_MARGIN_MS} ms are kept for taking the release back`,
        fix: 'Raise waitTimeInMinutes of its deploymentReadyOption.',
      };
    case 'POST_PRODUCTION_TRAFFIC_SHIFT':
    case 'BAKE_TIME':
      if (group.terminationWaitMs === undefined || group.terminationWaitMs === 0)
        return {
          found: 'the deployment group does not keep blue after production traffic has moved',
          fix: TERMINATION,
        };
      if (group.terminationWaitMs > HOLD_MARGIN_MS) return undefined;
      return {
        found: `the deployment group keeps blue for ${group.terminationWaitMs} ms after traffic, of which ${HOLD_MARGIN_MS} ms are kept for taking the release back`,
        fix: 'Raise terminationWaitTimeInMinutes of its terminateBlueInstancesOnDeploymentSuccess.',
      };
    case 'CLEAN_UP':
      return { found: 'this stage is past the point of no return', fix: BEFORE_PIVOT };
  }
}

/** Gates, hooks and a bake by the wait that they need: before traffic moves, or after. */
export function stopsBy(
  gates: readonly GateSpec[],
  hooks: readonly GivenHook[],
  bakeMs: number | undefined,
): { readonly before: boolean; readonly after: boolean } {
  const stages = [...gates.map(({ before }) => before), ...hooks.map(({ stage }) => stage)];
  const isAfter = (stage: LifecycleStage): boolean =>
    stage === 'POST_PRODUCTION_TRAFFIC_SHIFT' || stage === 'BAKE_TIME';
  return { before: stages.some((stage) => !isAfter(stage)), after: bakeMs !== undefined || stages.some(isAfter) };
}

/** A bake lasts while CodeDeploy keeps blue, and must be over before that ends. */
export function checkBake(
  bakeMs: number | undefined,
  group: Pick<DeploymentGroup, 'readyWaitMs' | 'terminationWaitMs'>,
): readonly Finding[] {
  if (bakeMs === undefined) return [];
  const why = whyItDoesNotHold('BAKE_TIME', group);
  if (why !== undefined) return [{ check: 'bake', ...why }];
  const { terminationWaitMs = 0 } = group;
  if (bakeMs + HOLD_MARGIN_MS <= terminationWaitMs) return [];
  const found = `a bake of ${bakeMs} ms, and ${HOLD_MARGIN_MS} ms for taking the release back, do not fit into the ${terminationWaitMs} ms for which the deployment group keeps blue`;
  const fix = `Bake shorter, or raise terminationWaitTimeInMinutes to ${Math.ceil((bakeMs + HOLD_MARGIN_MS) / 60_000)} at least (2880 at most).`;
  return [{ check: 'bake', found, fix }];
}

/** Gates, and hooks marked `veto`, at stages where nothing can be stopped. */
export function checkStops(
  gates: readonly GateSpec[],
  hooks: readonly GivenHook[],
  group: DeploymentGroup,
): readonly Finding[] {
  const stops = [
    ...gates.map(({ name, before }) => ({ stage: before, check: `gate ${name} before ${before}` })),
    ...hooks
      .filter(({ entry }) => entry.veto === true)
      .map(({ stage, entry }) => ({ stage, check: `hook ${entry.name} at ${stage}, which is marked veto` })),
  ];
  return stops.flatMap(({ stage, check }) => {
    const why = whyItDoesNotHold(stage, group);
    return why === undefined ? [] : [{ check, ...why }];
  });
}
