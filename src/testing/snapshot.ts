import type { AlarmsSimulation } from './model/alarms.js';
import type { CodeDeploySimulation } from './model/code-deploy.js';
import { revisionName } from './model/code-deploy-deployment.js';
import type { ElastigroupSimulation } from './model/elastigroup.js';
import type { Ec2Simulation } from './model/instances.js';
import type { SimulatedInstance } from './model/parts.js';
import type { LoadBalancingSimulation } from './model/target-groups.js';
import type { Colour } from './model/traffic.js';
import { SHOP } from './shop.js';

interface Models {
  readonly ec2: Ec2Simulation;
  readonly loadBalancing: LoadBalancingSimulation;
  readonly codeDeploy: CodeDeploySimulation;
  readonly elastigroups: ElastigroupSimulation;
  readonly alarms: AlarmsSimulation;
}

const iso = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());

/** What a simulated cloud looks like at one moment, as plain JSON: the truth, not what a service would show. */
export type CloudSnapshot = ReturnType<typeof takeSnapshot>;

export function takeSnapshot(models: Models, now: number) {
  const targetGroups = models.loadBalancing.targetGroups().map((targetGroup) => ({
    name: targetGroup.name,
    arn: targetGroup.arn,
    targets: models.loadBalancing.health(targetGroup.arn).map((target) => ({
      ...target,
      colour: models.elastigroups.colourOf(target.instanceId),
    })),
  }));
  // How many healthy targets of each colour there are, over all target groups.
  const serving: Record<Colour, number> = { blue: 0, green: 0, other: 0 };
  for (const { state, colour } of targetGroups.flatMap(({ targets }) => targets))
    if (state === 'healthy') serving[colour] += 1;
  return {
    at: new Date(now).toISOString(),
    serving,
    elastigroups: elastigroupsOf(models),
    instances: models.ec2
      .all()
      .map((instance) => ({ ...instanceOf(instance), colour: models.elastigroups.colourOf(instance.instanceId) })),
    targetGroups,
    deploymentGroup: deploymentGroupOf(models.codeDeploy),
    codeDeployDeployments: deploymentsOf(models.codeDeploy),
    alarms: models.alarms.all().map(({ name, kind, state, since }) => ({ name, kind, state, since: iso(since) })),
  };
}

function elastigroupsOf({ elastigroups, ec2 }: Models) {
  const ids = new Set([SHOP.elastigroupId, ...ec2.all().flatMap(({ elastigroupId }) => elastigroupId ?? [])]);
  return [...ids].map((id) => {
    const { name, capacity } = elastigroups.read(id).settings;
    return {
      id,
      name,
      capacity: { ...capacity },
      members: elastigroups.members(id).map(({ instanceId }) => instanceId),
      suspensions: elastigroups
        .suspensions(id)
        .map(({ name: process, expiresAt }) => ({ name: process, expiresAt: iso(expiresAt) })),
      // Latest first; one that Spot has just been given may not be shown yet.
      deploymentModes: elastigroups.deploymentModes(id).map((mode) => ({
        id: mode.id,
        state: mode.shownState(),
        running: mode.isRunning,
        tags: mode.config.tags.map((tag) => ({ ...tag })),
      })),
    };
  });
}

function instanceOf(instance: SimulatedInstance) {
  return {
    instanceId: instance.instanceId,
    state: instance.state,
    stateReason: instance.stateReason?.code,
    elastigroupId: instance.attached ? instance.elastigroupId : undefined,
    tags: Object.fromEntries(instance.tags),
    revision: instance.application?.revision,
    healthy: instance.application?.healthy ?? false,
    launchedAt: iso(instance.launchedAt),
    terminatedAt: iso(instance.terminatedAt),
  };
}

function deploymentGroupOf(codeDeploy: CodeDeploySimulation) {
  const { applicationName, deploymentGroupName, filter } = codeDeploy.groups.get(
    SHOP.applicationName,
    SHOP.deploymentGroupName,
  );
  return { applicationName, deploymentGroupName, filter: structuredClone(filter) };
}

/** Latest first. */
function deploymentsOf(codeDeploy: CodeDeploySimulation) {
  return codeDeploy.deployments(SHOP.applicationName, SHOP.deploymentGroupName).map(({ deploymentId, creator }) => {
    const deployment = codeDeploy.find(deploymentId);
    return {
      deploymentId,
      creator,
      status: deployment.status,
      description: deployment.description,
      revision: revisionName(deployment.revision),
      rollbackOf: deployment.rollbackOf,
      error: deployment.error && { ...deployment.error },
      createdAt: iso(deployment.createdAt),
      completedAt: iso(deployment.completedAt),
      targets: deployment.targets.map(({ instanceId, label, status }) => ({ instanceId, label, status })),
    };
  });
}
