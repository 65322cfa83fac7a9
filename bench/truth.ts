import type { SimulatedInstance } from '../src/testing/model/parts.js';
import { SHOP, type SimulatedCloud } from '../src/testing/index.js';

/** How often the truth is looked at, in simulated time: what is said to be seen at once is seen this much late at most. */
export const LOOK_MS = 50;

/**
 * The conditions that a release waits for, told by the state machines of the simulated cloud themselves: no answer of
 * an API stands between, so none of them lags.
 */
export function greenStands(cloud: SimulatedCloud): readonly SimulatedInstance[] | undefined {
  const [mode] = cloud.elastigroups.deploymentModes(SHOP.elastigroupId);
  if (mode?.shownState() !== 'AWAITING_USER_DEPLOYMENT') return undefined;
  const carries = ({ tags }: SimulatedInstance): boolean =>
    mode.config.tags.every(({ tagKey, tagValue }) => tags.get(tagKey) === tagValue);
  const green = mode.greenInstances().filter((instance) => instance.state === 'running' && carries(instance));
  const blue = mode.blue.filter(({ state }) => state === 'running').length;
  return green.length >= Math.max(1, blue) ? green : undefined;
}

export function codeDeployIsReady(cloud: SimulatedCloud): boolean {
  return latestDeployment(cloud)?.status === 'Ready';
}

/** Spot has ended the mode, and nothing of blue runs in the Elastigroup any more. */
export function isOver(cloud: SimulatedCloud): boolean {
  const [mode] = cloud.elastigroups.deploymentModes(SHOP.elastigroupId);
  if (mode === undefined || mode.isRunning || latestDeployment(cloud)?.status !== 'Succeeded') return false;
  const members = cloud.elastigroups.members(SHOP.elastigroupId);
  return !mode.blue.some((instance) => instance.state === 'running' && members.includes(instance));
}

function latestDeployment(cloud: SimulatedCloud) {
  return cloud.codeDeploy.deployments(SHOP.applicationName, SHOP.deploymentGroupName)[0];
}

/** When each condition came true, in simulated milliseconds since the cloud was made. */
export interface Instants {
  greenStoodAt?: number;
  readyAt?: number;
  overAt?: number;
}

/** Notes the instants while somebody else drives; it sends nothing, and sleeping is left to whoever drives. */
export function watchTruth(cloud: SimulatedCloud): { readonly instants: Instants; stop(): void } {
  const startedAt = cloud.clock.now();
  const instants: Instants = {};
  const look = (): void => {
    const now = cloud.clock.now() - startedAt;
    if (greenStands(cloud) !== undefined) instants.greenStoodAt ??= now;
    if (codeDeployIsReady(cloud)) instants.readyAt ??= now;
    if (isOver(cloud)) instants.overAt ??= now;
    next = cloud.clock.schedule(LOOK_MS, look);
  };
  let next = cloud.clock.schedule(LOOK_MS, look);
  return { instants, stop: () => next.cancel() };
}
