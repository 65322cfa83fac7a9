import { describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/shop.js';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.js';
import type { SimulatedCloudOptions } from '../../src/testing/simulated-cloud-options.js';

const { elastigroupId, applicationName, deploymentGroupName } = SHOP;

/** A release by hand, in simulated time, without the library. */
class Release {
  readonly cloud: SimulatedCloud;

  constructor(options: SimulatedCloudOptions = {}) {
    this.cloud = new SimulatedCloud({ ...options, deregistrationDelayMs: 30_000 });
    this.cloud.elastigroups.enterDeploymentMode(elastigroupId, {
      timeout: 3_600,
      tags: [{ tagKey: 'Colour', tagValue: 'green' }],
      deploymentGroups: [{ applicationName, deploymentGroupName }],
    });
  }

  state() {
    return this.cloud.elastigroups.deploymentModes(elastigroupId)[0]?.shownState();
  }

  reach(state: string) {
    for (let looks = 0; this.state() !== state; looks += 1) {
      if (looks > 7_200) throw new Error(`still in ${String(this.state())}, not in ${state}`);
      this.cloud.advance(500);
    }
  }

  deploy() {
    this.reach('AWAITING_USER_DEPLOYMENT');
    this.cloud.advance(30_000);
    return this.cloud.codeDeploy.createDeployment({
      applicationName,
      deploymentGroupName,
      revision: { revisionType: 'S3', s3Location: { bucket: 'releases', key: 'shop-412.zip', bundleType: 'zip' } },
      targetInstances: { tagFilters: [{ Key: 'Colour', Value: 'green', Type: 'KEY_AND_VALUE' }] },
    });
  }

  serving() {
    return this.cloud.snapshot().serving;
  }
}

describe('Spot with CodeDeploy', () => {
  it.each([false, true])('ends with green alone, blue terminated by CodeDeploy before: %s', (terminateBlue) => {
    const release = new Release({ deploymentGroup: { terminateBlue } });
    release.deploy();
    release.reach('FINISHED');
    expect(release.serving()).toEqual({ blue: 0, green: 3, other: 0 });
    release.cloud.advance(600_000);
    expect(release.cloud.elastigroups.members(elastigroupId)).toHaveLength(3);
    expect(release.cloud.traffic.failed).toBe(0);
  });

  it('puts blue back by itself when the deployment fails', () => {
    const release = new Release({ faults: [{ fault: 'script-fails', event: 'ApplicationStart', instance: 'all' }] });
    release.deploy();
    release.reach('FINISHED_ERROR');
    release.cloud.advance(600_000);
    expect(release.serving()).toEqual({ blue: 3, green: 0, other: 0 });
    expect(release.cloud.snapshot().codeDeployDeployments.map(({ creator }) => creator)).toContain('spot');
  });

  it('waits on when the deployment was stopped at once', () => {
    const release = new Release({ timings: { spotPollMs: 60_000 } });
    const deploymentId = release.deploy();
    release.cloud.codeDeploy.stopDeployment(deploymentId, false);
    release.cloud.advance(120_000);
    expect(release.state()).toBe('AWAITING_USER_DEPLOYMENT');
  });
});
