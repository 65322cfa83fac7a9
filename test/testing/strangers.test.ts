import { beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { SHOP, SimulatedCloud } from '../../src/testing/index.js';

const GREEN = [{ tagKey: 'Colour', tagValue: 'green' }];
const { applicationName, deploymentGroupName, elastigroupId } = SHOP;

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud({ blue: 2 });
});

function play(fault: Omit<Extract<Fault, { fault: 'stranger-deploys' }>, 'fault'>, forMs: number): void {
  cloud.inject({ fault: 'stranger-deploys', ...fault });
  cloud.elastigroups.enterDeploymentMode(elastigroupId, {
    timeout: 3600,
    tags: GREEN,
    deploymentGroups: [{ applicationName, deploymentGroupName }],
  });
  cloud.advance(forMs);
}

const theirs = () => cloud.snapshot().codeDeployDeployments.find(({ description }) => description === 'by hand');
const idsOf = (colour: 'blue' | 'green') =>
  cloud.elastigroups.coloured(elastigroupId, colour).map(({ instanceId }) => instanceId);
const greenTargets = () =>
  theirs()?.targets.flatMap(({ label, instanceId }) => (label === 'Green' ? [instanceId] : []));

describe('the fault stranger-deploys', () => {
  it('FAULT-13: onto green, as soon as CodeDeploy sees its tags; the mode follows it', () => {
    play({ during: 'AWAITING_USER_DEPLOYMENT', onto: 'green' }, 140_000);
    expect(greenTargets()).toEqual(idsOf('green'));
    expect(theirs()?.creator).toBe('user');
    expect(cloud.snapshot().elastigroups[0]?.deploymentModes[0]?.state).toBe('AWAITING_DEPLOYMENT_TO_FINISH');
    expect(cloud.faults.remaining()).toEqual([]);
  });

  it('FAULT-13: onto blue, as long after the state as it says', () => {
    play({ during: 'AWAITING_USER_DEPLOYMENT', onto: 'blue', afterMs: 40_000 }, 180_000);
    expect(greenTargets()).toEqual(idsOf('blue'));
    expect(theirs()?.revision).toBe('s3://releases/somebody-elses.zip');
    expect(cloud.snapshot().elastigroups[0]?.deploymentModes[0]?.state).toBe('AWAITING_USER_DEPLOYMENT');
  });

  it('FAULT-13: gives up in a group that is busy', () => {
    cloud.ec2.launch({ tags: { Canary: 'yes' }, launchMs: 0 });
    cloud.codeDeploy.createDeployment({
      applicationName,
      deploymentGroupName,
      revision: { revisionType: 'S3', s3Location: { bucket: 'b', key: 'k.zip', bundleType: 'zip' } },
      targetInstances: { ec2TagSet: [[{ Key: 'Canary', Value: 'yes', Type: 'KEY_AND_VALUE' }]] },
    });
    play({ during: 'STARTING', onto: 'blue' }, 1_200_000);
    expect(theirs()).toBeUndefined();
    expect(cloud.faults.remaining()).toEqual([]);
  });

  it('FAULT-13: waits for a moment that does not come', () => {
    play({ during: 'REMOVE_OLD_INSTANCES', onto: 'blue' }, 600_000);
    expect(theirs()).toBeUndefined();
    expect(cloud.faults.remaining()).toHaveLength(1);
  });
});
