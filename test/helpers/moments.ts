import type { SimulatedCloud } from '../../src/testing/index.js';
import { SHOP } from '../../src/testing/shop.js';

/** Points of a release, as the cloud itself shows them. */
export type Moment =
  /** The first instance of green runs. */
  | 'launched'
  /** The new revision has just been put on an instance of green. */
  | 'installing'
  /** The first instance of green has been registered. */
  | 'allowing'
  /** The first instance of blue has begun to drain. */
  | 'blocking'
  /** Blue is out of the target group, and the release is not over: the termination wait. */
  | 'blue-out';

const SOON_MS = 1_000;
/** AfterBlockTraffic, and CodeDeploy's own look at the draining, have passed by then. */
const BLUE_OUT_MS = 20_000;

/** Does something once, a moment after that point is reached. */
export function at(cloud: SimulatedCloud, moment: Moment, act: () => void): void {
  let done = false;
  const look = (): void => {
    if (done || !reached(cloud, moment)) return;
    done = true;
    cloud.clock.schedule(moment === 'blue-out' ? BLUE_OUT_MS : SOON_MS, act);
  };
  cloud.ec2.onChange(look);
  cloud.loadBalancing.onChange(look);
}

function reached({ elastigroups, loadBalancing }: SimulatedCloud, moment: Moment): boolean {
  const blue = elastigroups.coloured(SHOP.elastigroupId, 'blue');
  const green = elastigroups.coloured(SHOP.elastigroupId, 'green');
  const targets = loadBalancing.health(SHOP.targetGroupName);
  const stateOf = (id: string): string | undefined => targets.find(({ instanceId }) => instanceId === id)?.state;
  switch (moment) {
    case 'launched':
      return green.some(({ state }) => state === 'running');
    case 'installing':
      return green.some(({ application }) => application !== undefined);
    case 'allowing':
      return green.some(({ instanceId }) => stateOf(instanceId) !== undefined);
    case 'blocking':
      return blue.some(({ instanceId }) => stateOf(instanceId) === 'draining');
    case 'blue-out':
      return green.length > 0 && blue.every(({ instanceId }) => stateOf(instanceId) === undefined);
  }
}

/** The CodeDeploy deployment of the rollout, once there is one. */
export function ourDeployment(cloud: SimulatedCloud) {
  const { applicationName, deploymentGroupName } = SHOP;
  return cloud.codeDeploy
    .deployments(applicationName, deploymentGroupName)
    .map(({ deploymentId }) => cloud.codeDeploy.find(deploymentId))
    .find(({ description }) => /#\d+( |$)/.test(description ?? ''));
}
