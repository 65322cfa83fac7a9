import { GetDeploymentCommand } from '@aws-sdk/client-codedeploy';
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import axios from 'axios';
import { afterEach, describe, expect, it } from 'vitest';
import { SHOP, SimulatedCloud } from '../../src/testing/index.js';
import { ec2Client } from './cloud-clients.js';

const HOUR_MS = 3_600_000;
let cloud: SimulatedCloud;

afterEach(() => cloud.close());

describe('CLOCK-9: the clock of the cloud', () => {
  for (const clockSkewMs of [HOUR_MS, -HOUR_MS, 0]) {
    it(`is ${clockSkewMs} ms ahead of the process's in everything that the services tell`, async () => {
      cloud = new SimulatedCloud({ clockSkewMs });
      const now = cloud.clock.now();
      const { spot, aws } = cloud.options();
      const group = await axios.get<{
        request: { timestamp: string };
        response: { items: Array<{ createdAt: string }> };
      }>(`${spot.baseUrl}/aws/ec2/group/${SHOP.elastigroupId}`, {
        params: { accountId: spot.accountId },
        headers: { authorization: `Bearer ${await spot.token()}` },
      });
      expect(Date.parse(String(group.headers['date']))).toBe(now + clockSkewMs);
      expect(Date.parse(group.data.request.timestamp)).toBe(now + clockSkewMs);
      expect(Date.parse(group.data.response.items[0]?.createdAt ?? '')).toBe(now + clockSkewMs);
      const { Reservations = [] } = await ec2Client(cloud).send(new DescribeInstancesCommand({}));
      expect(Reservations[0]?.Instances?.[0]?.LaunchTime?.getTime()).toBe(now + clockSkewMs);
      const codeDeploy = new CodeDeployClient({ ...aws, maxAttempts: 1 });
      const [last] = cloud.codeDeploy.deployments(SHOP.applicationName, SHOP.deploymentGroupName);
      const { deploymentInfo } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId: last?.deploymentId }));
      expect(deploymentInfo?.createTime?.getTime()).toBe(now + clockSkewMs);
      codeDeploy.destroy();
      expect(cloud.snapshot().at).toBe(new Date(now + clockSkewMs).toISOString());
    });
  }

  it('moves with the process’s: nothing takes longer or shorter', () => {
    cloud = new SimulatedCloud({ clockSkewMs: -HOUR_MS });
    cloud.elastigroups.suspend(SHOP.elastigroupId, 'AUTO_SCALE', 5);
    const [suspension] = cloud.elastigroups.suspensions(SHOP.elastigroupId);
    expect(suspension?.expiresAt).toBe(cloud.clock.now() - HOUR_MS + 5 * 60_000);
    cloud.advance(5 * 60_000 - 1);
    expect(cloud.elastigroups.suspensions(SHOP.elastigroupId)).toHaveLength(1);
    cloud.advance(1);
    expect(cloud.elastigroups.suspensions(SHOP.elastigroupId)).toEqual([]);
  });
});
