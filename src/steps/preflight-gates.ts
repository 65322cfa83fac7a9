import type { GivenHook } from '../engine/hooks.js';
import type { LifecycleStage } from '../engine/stages.js';
import type { DeploymentGroup } from '../ports/code-deploy.js';
import type { GateSpec } from '../specs/common-schemas.js';
import { READY_MARGIN_MS } from './budgets.js';
import type { Finding } from './findings.js';

const READY =
  'Let the deployment group wait before traffic: deploymentReadyOption={actionOnTimeout=STOP_DEPLOYMENT,waitTimeInMinutes=60}';
const BEFORE_TRAFFIC = 'Use PRODUCTION_TRAFFIC_SHIFT, with a deployment group that waits in Ready.';

/** Why nothing can be stopped at a stage of this deployment group; undefined when it can. */
export function whyItDoesNotHold(
  stage: LifecycleStage,
  group: Pick<DeploymentGroup, 'readyWaitMs'>,
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
      if (group.readyWaitMs > READY_MARGIN_MS) return undefined;
      return {
        found: `the deployment group waits in Ready for ${group.readyWaitMs} ms, of which ${READY_MARGIN_MS} ms are kept for taking the release back`,
        fix: 'Raise waitTimeInMinutes of its deploymentReadyOption.',
      };
    case 'POST_PRODUCTION_TRAFFIC_SHIFT':
    case 'BAKE_TIME':
      return { found: 'the library cannot hold a release after production traffic has moved', fix: BEFORE_TRAFFIC };
    case 'CLEAN_UP':
      return { found: 'this stage is past the point of no return', fix: BEFORE_TRAFFIC };
  }
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
