import { SimulatedClock, SimulatedCloud } from '../src/testing/index.js';
import { SHOP } from '../src/testing/shop.js';
import { DEPLOYED, type LargeCloud } from './large-elastigroup.js';

/** As many targets as a target group of an ALB holds. */
const TARGETS = 1_000;
const GREEN = { Colour: 'green', App: SHOP.applicationName };
const application = { revision: SHOP.revision, healthy: true };

/** One Elastigroup with so many instances, and a CodeDeploy deployment onto some of them. Told by `large-elastigroup.ts`. */
process.once('message', (count: number) => void open(count));

async function open(count: number): Promise<void> {
  const clock = new SimulatedClock();
  const cloud = new SimulatedCloud({ clock, blue: 0, requestsPerSecond: 0.001, rateLimits: false });
  const elastigroupId = 'sig-00000001';
  cloud.elastigroups.createElastigroup({
    id: elastigroupId,
    name: 'large',
    capacity: { minimum: 1, target: count, maximum: count, unit: 'instance' },
    launchTags: GREEN,
    targetGroupArns: [],
    instances: [
      { count: count - DEPLOYED, tags: GREEN, application },
      { count: DEPLOYED, tags: { ...GREEN, Deployed: 'yes' }, application },
    ],
  });
  const instanceIds = cloud.elastigroups.members(elastigroupId).map(({ instanceId }) => instanceId);
  const targetGroupArns: string[] = [];
  for (let from = 0; from < count; from += TARGETS) {
    const { arn } = cloud.loadBalancing.createTargetGroup({ name: `large-${from}` });
    cloud.loadBalancing.register(arn, instanceIds.slice(from, from + TARGETS));
    cloud.loadBalancing.finishChecks(arn);
    targetGroupArns.push(arn);
  }
  // A tag that was there all along is seen by CodeDeploy at once.
  const deploymentId = cloud.codeDeploy.createDeployment({
    applicationName: SHOP.applicationName,
    deploymentGroupName: SHOP.deploymentGroupName,
    revision: { revisionType: 'S3', s3Location: { bucket: SHOP.bucket, key: 'shop-412.zip', bundleType: 'zip' } },
    targetInstances: { ec2TagSet: [[{ Key: 'Deployed', Value: 'yes', Type: 'KEY_AND_VALUE' }]] },
  });
  // On its way, and then time stands still: nothing but answers is computed here.
  cloud.advance(60_000);
  clock.hold();
  const { awsUrl, spotUrl, environment } = await cloud.listen();
  const told: LargeCloud = { awsUrl, spotUrl, environment, elastigroupId, instanceIds, targetGroupArns, deploymentId };
  process.send?.(told);
  process.on('message', () => process.send?.(cloud.requests.splice(0).map(({ operation }) => operation)));
}
