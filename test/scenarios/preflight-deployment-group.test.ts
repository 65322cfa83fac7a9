import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { SHOP } from '../../src/testing/index.js';
import { refusal, soleFinding } from '../helpers/refusal.js';
import { closeClouds, release, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const { applicationName, deploymentGroupName } = SHOP;
const REVISION = { revisionType: 'S3', s3Location: { bucket: SHOP.bucket, key: 'shop-411.zip', bundleType: 'zip' } };

type Changes = Parameters<SimulatedCloud['codeDeploy']['updateDeploymentGroup']>[2];

const changed = (changes: Changes): ReleaseStory => ({
  prepare: (cloud) => cloud.codeDeploy.updateDeploymentGroup(applicationName, deploymentGroupName, changes),
});

/** A configuration of the user's own, in the deployment group. */
const configured = (type: 'HOST_COUNT' | 'FLEET_PERCENT', value: number): ReleaseStory => ({
  prepare: (cloud) => {
    cloud.codeDeploy.createDeploymentConfig({
      deploymentConfigName: 'shop-careful',
      minimumHealthyHosts: { type, value },
    });
    cloud.codeDeploy.updateDeploymentGroup(applicationName, deploymentGroupName, {
      deploymentConfigName: 'shop-careful',
    });
  },
});

/** Each refused for this reason alone: what is found, and what to do about it. */
const REFUSED: ReadonlyArray<readonly [title: string, story: ReleaseStory, found: RegExp, fix: RegExp]> = [
  [
    'without traffic control',
    changed({ trafficControl: false }),
    /BLUE_GREEN, without traffic control/,
    /BLUE_GREEN and WITH_TRAFFIC_CONTROL/,
  ],
  [
    'that copies an Auto Scaling group for its green',
    changed({ greenFleetProvisioning: 'COPY_AUTO_SCALING_GROUP' }),
    /gets green by COPY_AUTO_SCALING_GROUP/,
    /DISCOVER_EXISTING/,
  ],
  [
    'that names Auto Scaling groups',
    changed({ autoScalingGroups: ['shop-asg'] }),
    /Auto Scaling groups \(shop-asg\)/,
    /Take them out/,
  ],
  [
    'that uses a classic load balancer beside its target group',
    changed({ classicLoadBalancers: ['shop-classic'] }),
    /classic load balancers \(shop-classic\)/,
    /Use target groups/,
  ],
  ['that names no target group', changed({ targetGroupNames: [] }), /names no target group/, /loadBalancerInfo/],
  [
    'for another platform than EC2',
    changed({ computePlatform: 'Lambda' }),
    /platform is Lambda/,
    /deployment group for EC2/,
  ],
  [
    'whose configuration demands as many healthy hosts as there are',
    configured('HOST_COUNT', 3),
    /shop-careful demands 3 healthy of 3 instances \(HOST_COUNT 3\)/,
    /demand fewer/,
  ],
  [
    'whose configuration demands a share that only all of them meet',
    configured('FLEET_PERCENT', 67),
    /shop-careful demands 3 healthy of 3 instances \(FLEET_PERCENT 67\)/,
    /demand fewer/,
  ],
  [
    'that works half at a time on a single instance, since CodeDeploy rounds up',
    { cloud: { blue: 1, deploymentGroup: { deploymentConfigName: 'CodeDeployDefault.HalfAtATime' } } },
    /CodeDeployDefault\.HalfAtATime demands 1 healthy of 1 instances/,
    /demand fewer/,
  ],
  [
    'that does not wait in Ready where the spec requires it',
    { spec: { requireReadyWait: true } },
    /does not wait in Ready, and requireReadyWait is set/,
    /STOP_DEPLOYMENT with a waitTimeInMinutes/,
  ],
];

describe('preflight refuses a deployment group', () => {
  for (const [title, story, found, fix] of REFUSED) {
    it(title, async () => {
      const finding = await soleFinding(story);
      expect(finding.check).toBe('deployment group');
      expect(finding.found).toMatch(found);
      expect(finding.fix).toMatch(fix);
    });
  }

  it('that deploys in place, which has no green to get either', async () => {
    const { findings } = await refusal(changed({ deploymentType: 'IN_PLACE' }));
    expect(findings.map(({ found }) => found)).toEqual([
      'its style is IN_PLACE, with traffic control',
      'it gets green by nothing that it says',
    ]);
    expect(findings[0]?.fix).toBe('Set deploymentStyle to BLUE_GREEN and WITH_TRAFFIC_CONTROL.');
  });

  it('that deploys onto something already, naming the deployment and who made it', async () => {
    let active = '';
    const finding = await soleFinding({
      cloud: { deploymentGroup: { readyWaitMinutes: 60 } },
      prepare: (cloud) => {
        // Onto other instances than the Elastigroup’s, and so nobody’s colour.
        cloud.ec2.launch({ tags: { Canary: 'yes' }, launchMs: 0 });
        active = cloud.codeDeploy.createDeployment({
          applicationName,
          deploymentGroupName,
          revision: REVISION,
          targetInstances: { ec2TagSet: [[{ Key: 'Canary', Value: 'yes', Type: 'KEY_AND_VALUE' }]] },
        });
        // CodeDeploy lists a new deployment only some seconds later.
        cloud.advance(3_000);
      },
    });
    expect(finding.check).toBe('deployment group');
    expect(finding.found).toContain(`deployment ${active} is active in it`);
    expect(finding.found).toMatch(/by user\)/);
    expect(finding.fix).toMatch(/Wait until it ends/);
  });

  it('that CodeDeploy does not know, naming it', async () => {
    const codeDeploy = {
      applicationName,
      deploymentGroupName: 'shop-typo',
      revision: { s3: { bucket: 'b', key: 'k.zip' } },
    };
    const { error } = await refusal({ spec: { codeDeploy } });
    expect(error).toMatchObject({ code: 'CLOUD_NOT_FOUND', blame: 'config', stepId: 'preflight' });
    expect(error.message).toContain('shop-typo');
  });

  it('for the configuration that the spec names in its place', async () => {
    const finding = await soleFinding({
      spec: {
        codeDeploy: {
          applicationName,
          deploymentGroupName,
          revision: { s3: { bucket: 'releases', key: 'shop-412.zip' } },
          deploymentConfigName: 'shop-careful',
        },
      },
      prepare: (cloud) =>
        cloud.codeDeploy.createDeploymentConfig({
          deploymentConfigName: 'shop-careful',
          minimumHealthyHosts: { type: 'FLEET_PERCENT', value: 100 },
        }),
    });
    expect(finding.found).toMatch(/shop-careful demands 3 healthy of 3 instances \(FLEET_PERCENT 100\)/);
  });
});

describe('preflight accepts', () => {
  it('a configuration that demands all but one of the instances', async () => {
    const { cloud, result } = await release({
      ...configured('FLEET_PERCENT', 66),
      options: { polling: { every: '15s' } },
    });
    expect(result.outcome).toBe('succeeded');
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
    expect(cloud.traffic.failed).toBe(0);
  });
});
