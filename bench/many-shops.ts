import type { ElastigroupSpec } from '../src/index.js';
import { SHOP_SPEC } from '../src/testing/shop.js';
import type { SimulatedCloud } from '../src/testing/index.js';

/**
 * One more shop in a simulated cloud, beside the one that it starts with: an Elastigroup, a target group and a deployment group of
 * its own in the same account. Answers the spec of a release to it.
 */
export function openAnotherShop(cloud: SimulatedCloud, number: number, blue = 1): ElastigroupSpec {
  const name = `shop-${number}`;
  const elastigroupId = `sig-${number.toString(16).padStart(8, '0')}`;
  const tags = { Colour: 'blue', App: name };
  const { arn } = cloud.loadBalancing.createTargetGroup({ name: `${name}-tg`, deregistrationDelayMs: 60_000 });
  cloud.elastigroups.createElastigroup({
    id: elastigroupId,
    name,
    capacity: { minimum: 1, target: blue, maximum: blue * 2, unit: 'instance' },
    launchTags: tags,
    targetGroupArns: [],
    instances: [{ count: blue, tags, application: { revision: 's3://releases/shop-411.zip', healthy: true } }],
  });
  const blueIds = cloud.elastigroups.members(elastigroupId).map(({ instanceId }) => instanceId);
  cloud.loadBalancing.register(arn, blueIds);
  cloud.loadBalancing.finishChecks(arn);
  const group = { applicationName: name, deploymentGroupName: `${name}-prod` };
  cloud.codeDeploy.createDeploymentGroup({
    ...group,
    deploymentType: 'BLUE_GREEN',
    trafficControl: true,
    deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
    autoScalingGroups: [],
    targetGroupNames: [`${name}-tg`],
    ec2TagSet: [
      [{ Key: 'App', Value: name, Type: 'KEY_AND_VALUE' }],
      [{ Key: 'Colour', Value: 'blue', Type: 'KEY_AND_VALUE' }],
    ],
    readyWaitMinutes: undefined,
    terminateBlueAfterMinutes: undefined,
  });
  const s3Location = { bucket: 'releases', key: 'shop-411.zip', bundleType: 'zip' as const };
  cloud.codeDeploy.recordSuccess({ ...group, revision: { revisionType: 'S3', s3Location } });
  return { ...SHOP_SPEC, elastigroupId, codeDeploy: { ...SHOP_SPEC.codeDeploy, ...group } };
}

/** The calls that a simulated cloud refused because there were too many. */
export function throttledIn(cloud: SimulatedCloud): readonly string[] {
  return cloud.requests
    .filter(({ throttled }) => throttled === true)
    .map(({ service, operation, atMs }) => `${service} ${operation} at ${atMs}`);
}
