import type { ElastigroupParts } from './elastigroup-parts.js';
import type { SpotDeploymentGroup } from './elastigroup-settings.js';
import type { SimulatedCodeDeployStatus, SimulatedDeploymentSummary } from './parts.js';

const OVER: readonly SimulatedCodeDeployStatus[] = ['Succeeded', 'Failed', 'Stopped'];

export const isOver = (status: SimulatedCodeDeployStatus): boolean => OVER.includes(status);

/**
 * The user's deployment that the mode waits for: in one of its deployment groups, onto at least one green instance.
 * Where one that failed or was stopped before Spot ever looked does not count, the mode goes on waiting for the next.
 */
export function findUserDeployment(
  { codeDeploy, undocumented }: Pick<ElastigroupParts, 'codeDeploy' | 'undocumented'>,
  deploymentGroups: readonly SpotDeploymentGroup[],
  greenIds: ReadonlySet<string>,
): SimulatedDeploymentSummary | undefined {
  const counts = ({ status }: SimulatedDeploymentSummary): boolean =>
    (status !== 'Failed' && status !== 'Stopped') || undocumented.failedBeforeSpotLooks === 'counts';
  for (const { applicationName, deploymentGroupName } of deploymentGroups) {
    const found = codeDeploy
      .deployments(applicationName, deploymentGroupName)
      .find(
        (deployment) =>
          deployment.creator === 'user' &&
          deployment.greenInstanceIds.some((id) => greenIds.has(id)) &&
          counts(deployment),
      );
    if (found !== undefined) return found;
  }
  return undefined;
}
