import type { StepContext } from '../engine/step.js';
import type { Call } from '../ports/call.js';
import type { DeploymentGroup } from '../ports/code-deploy.js';
import type { Elastigroup } from '../ports/elastigroups.js';
import { factsOf, inWords } from './already-deploying.js';
import { AWAIT_DEPLOYMENT_GROUP } from './await-deployment-group.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import type { Finding } from './findings.js';

const CHECK = 'deployment group';

/** What about the CodeDeploy deployment group rules a release out. */
export async function checkDeploymentGroup(
  release: ElastigroupRelease,
  group: DeploymentGroup,
  elastigroup: Elastigroup,
  context: StepContext,
): Promise<readonly Finding[]> {
  const call: Call = { signal: context.signal };
  const findings: Finding[] = [];
  const find = (found: string, fix: string): void => void findings.push({ check: CHECK, found, fix });

  if (group.computePlatform !== 'Server')
    find(`its platform is ${group.computePlatform}`, 'Use a deployment group for EC2 instances.');
  if (group.deploymentType !== 'BLUE_GREEN' || !group.trafficControl) {
    const style = `${group.deploymentType}, ${group.trafficControl ? 'with' : 'without'} traffic control`;
    find(`its style is ${style}`, 'Set deploymentStyle to BLUE_GREEN and WITH_TRAFFIC_CONTROL.');
  }
  if (group.greenFleetProvisioning !== 'DISCOVER_EXISTING') {
    find(
      `it gets green by ${group.greenFleetProvisioning ?? 'nothing that it says'}`,
      'Set greenFleetProvisioningOption to DISCOVER_EXISTING: Spot launches green.',
    );
  }
  if (group.autoScalingGroups.length > 0) {
    find(
      `it names Auto Scaling groups (${group.autoScalingGroups.join(', ')})`,
      'Take them out: the instances are the Elastigroup’s.',
    );
  }
  if (group.classicLoadBalancers.length > 0) {
    find(`it uses classic load balancers (${group.classicLoadBalancers.join(', ')})`, 'Use target groups.');
  }
  if (group.targetGroupNames.length === 0)
    find('it names no target group', 'Name the production target group in loadBalancerInfo.');
  if (release.spec.requireReadyWait === true && group.readyWaitMs === undefined) {
    find(
      'it does not wait in Ready, and requireReadyWait is set',
      'Set deploymentReadyOption to STOP_DEPLOYMENT with a waitTimeInMinutes, or leave requireReadyWait out.',
    );
  }
  findings.push(...(await checkMinimumHealthyHosts(release, group, elastigroup, call)));
  findings.push(...(await checkActiveDeployments(release, context)));
  return findings;
}

async function checkActiveDeployments(
  { clouds, deploymentGroup, spec }: ElastigroupRelease,
  context: StepContext,
): Promise<readonly Finding[]> {
  const active = await clouds.codeDeploy.listActiveDeployments(deploymentGroup, { signal: context.signal });
  // A rollout that waits has waited by now: only a look ahead has not.
  const waits = spec.codeDeploy.onAlreadyDeploying === 'wait' && context.output(AWAIT_DEPLOYMENT_GROUP) === undefined;
  const findings: Finding[] = [];
  for (const deployment of active) {
    const { codeDeployDeploymentId } = deployment;
    const told = inWords(deployment, context.now()).slice(codeDeployDeploymentId.length + 1);
    const found = `deployment ${codeDeployDeploymentId} is active in it ${told}`;
    const fix = 'Wait until it ends, or stop it; onAlreadyDeploying: wait waits.';
    if (waits) await context.warn('WOULD_WAIT', `${found}: the release would wait for its end`);
    else findings.push({ check: CHECK, found, fix, facts: factsOf(deployment, context.now()) });
  }
  return findings;
}

/** CodeDeploy's own configurations that leave room whatever the number of instances: HalfAtATime is none, for one. */
const LEAVE_ROOM: ReadonlySet<string> = new Set(['CodeDeployDefault.OneAtATime', 'CodeDeployDefault.AllAtOnce']);

/** Percentages are rounded up, and a demand for all of the instances never succeeds. */
async function checkMinimumHealthyHosts(
  release: ElastigroupRelease,
  group: DeploymentGroup,
  elastigroup: Elastigroup,
  call: Call,
): Promise<readonly Finding[]> {
  const name = release.spec.codeDeploy.deploymentConfigName ?? group.deploymentConfigName;
  if (LEAVE_ROOM.has(name)) return [];
  const minimum = await release.clouds.codeDeploy.readMinimumHealthyHosts(name, call);
  if (minimum === undefined) return [];
  const instances = elastigroup.capacity.target;
  const demanded = minimum.type === 'FLEET_PERCENT' ? Math.ceil((minimum.value * instances) / 100) : minimum.value;
  if (demanded < instances) return [];
  const found = `its configuration ${name} demands ${demanded} healthy of ${instances} instances (${minimum.type} ${minimum.value})`;
  return [{ check: CHECK, found, fix: 'CodeDeploy fails such a deployment at once: demand fewer.' }];
}
