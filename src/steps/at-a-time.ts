import type { Call } from '../ports/call.js';
import type { DeploymentGroup, MinimumHealthyHosts } from '../ports/code-deploy.js';
import type { ElastigroupRelease } from './elastigroup-release.js';

/** CodeDeploy's own configurations whose meaning is in their names. */
const KNOWN: Readonly<Record<string, MinimumHealthyHosts>> = Object.freeze({
  'CodeDeployDefault.OneAtATime': { type: 'MOST_CONCURRENCY', value: 1 },
  'CodeDeployDefault.AllAtOnce': { type: 'HOST_COUNT', value: 0 },
});

/** How many instances CodeDeploy is to keep healthy while it releases; undefined where it does not say. */
export async function minimumHealthyHostsOf(
  { spec, clouds }: ElastigroupRelease,
  group: DeploymentGroup,
  call: Call,
): Promise<MinimumHealthyHosts | undefined> {
  const name = spec.codeDeploy.deploymentConfigName ?? group.deploymentConfigName;
  return KNOWN[name] ?? (await clouds.codeDeploy.readMinimumHealthyHosts(name, call));
}

/** Of so many instances, how many CodeDeploy works on at a time, at most; where that is not known, one. */
export function atATime(minimum: MinimumHealthyHosts | undefined, instances: number): number {
  switch (minimum?.type) {
    case 'HOST_COUNT':
      return Math.max(1, instances - minimum.value);
    case 'FLEET_PERCENT':
      return Math.max(1, instances - Math.ceil((minimum.value * instances) / 100));
    default:
      return 1;
  }
}
