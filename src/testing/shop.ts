import type { CodeDeploySimulation } from './model/code-deploy.js';
import type { ElastigroupSimulation } from './model/elastigroup.js';
import type { LoadBalancingSimulation } from './model/target-groups.js';
import type { SimulatedCloudOptions } from './simulated-cloud-options.js';

/** The names of what every simulated cloud starts with. */
export const SHOP = Object.freeze({
  elastigroupId: 'sig-1a2b3c4d',
  elastigroupName: 'shop',
  applicationName: 'shop',
  deploymentGroupName: 'shop-prod',
  targetGroupName: 'shop-tg',
  bucket: 'releases',
  revision: 's3://releases/shop-411.zip',
  tags: Object.freeze({ Colour: 'blue', App: 'shop' }),
});

const s3Revision = (key: string) => ({ bucket: SHOP.bucket, key, bundleType: 'zip' as const });

/** A release of the next version of the shop: the smallest spec that there is. */
export const SHOP_SPEC = Object.freeze({
  kind: 'elastigroup' as const,
  elastigroupId: SHOP.elastigroupId,
  green: { tagKey: 'Colour' },
  codeDeploy: {
    applicationName: SHOP.applicationName,
    deploymentGroupName: SHOP.deploymentGroupName,
    revision: { s3: s3Revision('shop-412.zip') },
  },
});

export type ShopSpec = typeof SHOP_SPEC;

/** A shop that serves: an Elastigroup, its instances in a target group, and the deployment group that releases to it. */
export function openShop(
  models: {
    readonly loadBalancing: LoadBalancingSimulation;
    readonly codeDeploy: CodeDeploySimulation;
    readonly elastigroups: ElastigroupSimulation;
  },
  options: SimulatedCloudOptions,
): void {
  const { loadBalancing, codeDeploy, elastigroups } = models;
  const blue = options.blue ?? 3;
  const targetGroup = loadBalancing.createTargetGroup({
    name: SHOP.targetGroupName,
    deregistrationDelayMs: options.deregistrationDelayMs ?? 60_000,
  });
  const {
    target = blue,
    minimum = Math.min(1, target),
    maximum = target * 2,
    unit,
    registerAtLaunch,
  } = {
    ...options.elastigroup,
  };
  elastigroups.createElastigroup({
    id: SHOP.elastigroupId,
    name: SHOP.elastigroupName,
    capacity: { minimum, target, maximum, unit: unit ?? 'instance' },
    launchTags: SHOP.tags,
    targetGroupArns: registerAtLaunch === true ? [targetGroup.arn] : [],
    instances:
      blue === 0 ? [] : [{ count: blue, tags: SHOP.tags, application: { revision: SHOP.revision, healthy: true } }],
  });
  const blueIds = elastigroups.members(SHOP.elastigroupId).map(({ instanceId }) => instanceId);
  loadBalancing.register(targetGroup.arn, blueIds);
  loadBalancing.finishChecks(targetGroup.arn);
  createDeploymentGroup(codeDeploy, options.deploymentGroup ?? {});
}

function createDeploymentGroup(
  codeDeploy: CodeDeploySimulation,
  options: NonNullable<SimulatedCloudOptions['deploymentGroup']>,
): void {
  const { applicationName, deploymentGroupName } = SHOP;
  const { greenFleetProvisioning, terminationWaitMinutes } = options;
  codeDeploy.createDeploymentGroup({
    applicationName,
    deploymentGroupName,
    deploymentType: options.deploymentType ?? 'BLUE_GREEN',
    trafficControl: options.trafficControl ?? true,
    ...(greenFleetProvisioning === undefined ? {} : { greenFleetProvisioning }),
    deploymentConfigName: options.deploymentConfigName ?? 'CodeDeployDefault.AllAtOnce',
    autoScalingGroups: options.autoScalingGroups ?? [],
    targetGroupNames: [SHOP.targetGroupName],
    ec2TagSet: [[{ Key: 'Colour', Value: SHOP.tags.Colour, Type: 'KEY_AND_VALUE' }]],
    readyWaitMinutes: options.readyWaitMinutes,
    terminateBlueAfterMinutes: terminationWaitMinutes ?? (options.terminateBlue === true ? 0 : undefined),
  });
  if (options.hasLastDeployment === false) return;
  codeDeploy.recordSuccess({
    applicationName,
    deploymentGroupName,
    revision: { revisionType: 'S3', s3Location: s3Revision('shop-411.zip') },
  });
}
