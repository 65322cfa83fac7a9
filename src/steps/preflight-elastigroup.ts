import type { Call } from '../ports/call.js';
import type { DeploymentMode, Elastigroup } from '../ports/elastigroups.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import type { Finding } from './findings.js';
import { hasEnded } from './mode-states.js';
import { FIRST_RELEASE } from './first-release.js';

const CHECK = 'Elastigroup';
const ROLL_OVER = /^(finish|fail|stop|complet|succe|cancel)/i;

/** What about the Elastigroup rules a release out. */
export async function checkElastigroup(
  release: ElastigroupRelease,
  elastigroup: Elastigroup,
  /** Those that this release does not take over. */
  modes: readonly DeploymentMode[],
  call: Call,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const find = (found: string, fix: string): void => void findings.push({ check: CHECK, found, fix });
  const { capacity } = elastigroup;

  for (const mode of modes.filter((each) => !hasEnded(each))) {
    find(
      `it is in deployment mode already (${mode.deploymentModeId}, ${mode.state})`,
      'Wait until that ends, or stop it.',
    );
  }
  for (const roll of await release.clouds.elastigroups.listRolls(release.spec.elastigroupId, call)) {
    if (!ROLL_OVER.test(roll.status))
      find(`a roll is in progress (${roll.rollId}, ${roll.status})`, 'Wait until it ends, or stop it.');
  }
  if (elastigroup.persistence.length > 0) {
    find(
      `it is stateful (${elastigroup.persistence.join(', ')})`,
      'Green cannot stand beside blue in a stateful Elastigroup.',
    );
  }
  if (elastigroup.elasticIps.length > 0)
    find('it has elastic IP addresses of its own', 'Green cannot take them while blue holds them.');
  if (elastigroup.privateIps.length > 0)
    find('it has private IP addresses of its own', 'Green cannot take them while blue holds them.');
  if (capacity.unit !== 'instance') {
    find(
      `its capacity is counted in ${capacity.unit}`,
      'Use an Elastigroup whose capacity unit is instance: counts would not be instances.',
    );
  }
  if (capacity.target <= 0) find('its target capacity is 0', FIRST_RELEASE);
  const { applicationName, deploymentGroupName } = release.deploymentGroup;
  const integrated = elastigroup.codeDeployIntegration.some(
    (group) => group.applicationName === applicationName && group.deploymentGroupName === deploymentGroupName,
  );
  if (integrated) {
    find(
      `its own CodeDeploy integration deploys to ${applicationName}/${deploymentGroupName} whenever it launches an instance`,
      'Take the deployment group out of thirdPartiesIntegration.codeDeploy: both would deploy at once.',
    );
  }
  return findings;
}
