import { CodeDeployClient, CreateDeploymentCommand, GetDeploymentCommand } from '@aws-sdk/client-codedeploy';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import axios from 'axios';
import { describe, expect, it } from 'vitest';
import { waitsForTheSystem } from '../../src/testing/process-activity.js';
import type { SimulatedCloudOptions } from '../../src/testing/index.js';
import { SHOP, SimulatedClock, SimulatedCloud } from '../../src/testing/index.js';
import { QUIET_TURNS } from '../../src/testing/simulated-clock.js';
import { ec2Client, elbClient, failureOf } from './cloud-clients.js';

const { applicationName, deploymentGroupName, elastigroupId } = SHOP;
const GREEN = { Key: 'Colour', Value: 'green', Type: 'KEY_AND_VALUE' } as const;
const MODE_PATH = `/aws/ec2/group/${elastigroupId}/codeDeploy/blueGreenDeployment`;

interface Mode {
  readonly response: { readonly items: ReadonlyArray<{ readonly state: string }> };
}

/** Axios and the three AWS clients, pointed at a cloud. */
async function clientsOf(cloud: SimulatedCloud) {
  const { spot, aws } = cloud.options();
  const http = axios.create({
    baseURL: spot.baseUrl,
    params: { accountId: spot.accountId },
    headers: { authorization: `Bearer ${await spot.token()}` },
  });
  return {
    http,
    ec2: ec2Client(cloud),
    elb: elbClient(cloud),
    codeDeploy: new CodeDeployClient({ ...aws, maxAttempts: 1 }),
  };
}

/** A whole release by hand, through the real clients. */
async function release(cloud: SimulatedCloud): Promise<void> {
  const { http, ec2, elb, codeDeploy } = await clientsOf(cloud);
  const tags = [{ tagKey: 'Colour', tagValue: 'green' }];
  const deploymentGroups = [{ applicationName, deploymentGroupName }];
  await http.post(MODE_PATH, { deployment: { timeout: 7_200, tags, deploymentGroups } });
  const stateIs = async (wanted: string) => {
    const { data } = await http.get<Mode>(MODE_PATH);
    return data.response.items[0]?.state === wanted;
  };
  do await cloud.clock.sleep(15_000);
  while (!(await stateIs('AWAITING_USER_DEPLOYMENT')));
  const Filters = [{ Name: 'tag:Colour', Values: ['green'] }];
  do await cloud.clock.sleep(15_000);
  while ((await ec2.send(new DescribeInstancesCommand({ Filters }))).Reservations?.length !== 3);
  await cloud.clock.sleep(60_000);
  const { deploymentId } = await codeDeploy.send(
    new CreateDeploymentCommand({
      applicationName,
      deploymentGroupName,
      revision: { revisionType: 'S3', s3Location: { bucket: 'releases', key: 'shop-412.zip', bundleType: 'zip' } },
      targetInstances: { tagFilters: [GREEN] },
    }),
  );
  const TargetGroupArn = cloud.loadBalancing.targetGroup('shop-tg').arn;
  for (let status: string | undefined; status !== 'Succeeded'; ) {
    await cloud.clock.sleep(15_000);
    status = (await codeDeploy.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo?.status;
    await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  }
  do await cloud.clock.sleep(15_000);
  while (!(await stateIs('FINISHED')));
}

async function tell(options: SimulatedCloudOptions) {
  await using cloud = new SimulatedCloud(options);
  await release(cloud);
  return {
    snapshot: cloud.snapshot(),
    traffic: cloud.traffic,
    requests: cloud.requests,
    pending: cloud.clock.pending(),
  };
}

describe('a release by hand', () => {
  it('ends with green serving, blue gone, no request lost, and nobody asleep', async () => {
    const { snapshot, traffic, pending } = await tell({});
    expect(snapshot.serving).toEqual({ blue: 0, green: 3, other: 0 });
    expect(snapshot.elastigroups[0]).toMatchObject({ id: elastigroupId, deploymentModes: [{ state: 'FINISHED' }] });
    expect(snapshot.instances.filter(({ colour }) => colour === 'green')).toMatchObject(
      Array(3).fill({ state: 'running', revision: 's3://releases/shop-412.zip', elastigroupId }),
    );
    expect(traffic.failed).toBe(0);
    expect(pending).toBe(0);
  });

  it('is the same story again for the same seed, to the millisecond', async () => {
    const [first, second, other] = [await tell({ seed: 5 }), await tell({ seed: 5 }), await tell({ seed: 6 })];
    expect(second).toEqual(first);
    expect(other.snapshot.instances[0]?.instanceId).not.toBe(first.snapshot.instances[0]?.instanceId);
  });

  it('never keeps the event loop quiet for as long as the clock waits before it jumps', async () => {
    await using cloud = new SimulatedCloud({ rateLimits: false });
    const { http, ec2, elb, codeDeploy } = await clientsOf(cloud);
    let [turns, quietSince, longest, watching] = [0, 0, 0, true];
    const activity = () => {
      longest = Math.max(longest, turns - quietSince);
      quietSince = turns;
    };
    const turn = () => {
      if (waitsForTheSystem()) quietSince = turns;
      turns += 1;
      if (watching) setImmediate(turn);
    };
    const hold = cloud.clock.hold.bind(cloud.clock);
    cloud.clock.hold = () => {
      activity();
      const release = hold();
      return () => {
        activity();
        release();
      };
    };
    setImmediate(turn);
    const calls = [
      () => http.get(MODE_PATH),
      () => http.put(`/aws/ec2/group/${elastigroupId}/capacity`, { capacity: { minimum: 1, target: 3, maximum: 6 } }),
      () => ec2.send(new DescribeInstancesCommand({})),
      () =>
        elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: cloud.loadBalancing.targetGroup('shop-tg').arn })),
      () => codeDeploy.send(new GetDeploymentCommand({ deploymentId: 'd-000000000' })).catch(() => 'refused'),
    ];
    for (let round = 0; round < 20; round += 1) {
      for (const call of calls) {
        quietSince = turns;
        await call();
        activity();
      }
      quietSince = turns;
      await Promise.all(calls.map((call) => call()));
      activity();
    }
    watching = false;
    expect(longest).toBeLessThan(QUIET_TURNS / 2);
  });
});

describe('the shop', () => {
  it('serves from the start, in the size and the settings that were asked for', async () => {
    await using cloud = new SimulatedCloud({
      blue: 2,
      elastigroup: { maximum: 2, registerAtLaunch: true },
      deploymentGroup: { readyWaitMinutes: 30, terminationWaitMinutes: 5, hasLastDeployment: false },
    });
    const { serving, elastigroups, codeDeployDeployments, deploymentGroup } = cloud.snapshot();
    expect(serving).toEqual({ blue: 2, green: 0, other: 0 });
    expect(elastigroups[0]?.capacity).toEqual({ minimum: 1, target: 2, maximum: 2, unit: 'instance' });
    expect(elastigroups[0]?.members).toHaveLength(2);
    expect(codeDeployDeployments).toEqual([]);
    expect(deploymentGroup.filter).toEqual({ ec2TagSet: [[{ Key: 'Colour', Value: 'blue', Type: 'KEY_AND_VALUE' }]] });
    expect(cloud.elastigroups.read(elastigroupId).settings.targetGroupArns).toHaveLength(1);
    expect(cloud.codeDeploy.groups.get(applicationName, deploymentGroupName).settings).toMatchObject({
      readyWaitMinutes: 30,
      terminateBlueAfterMinutes: 5,
      deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
    });
    cloud.advance(10_000);
    expect(cloud.traffic).toEqual({ blue: 100, green: 0, other: 0, failed: 0, total: 100 });
  });

  it('has a spec for its next release, of which a test says what differs', async () => {
    await using cloud = new SimulatedCloud();
    const spec = cloud.spec({ green: { tagKey: 'Colour', value: 'green' }, bake: '5m' });
    expect(spec).toMatchObject({ kind: 'elastigroup', elastigroupId, bake: '5m', green: { value: 'green' } });
    cloud.spec().codeDeploy.revision.s3.key = 'changed.zip';
    expect(cloud.spec().codeDeploy.revision.s3.key).toBe('shop-412.zip');
  });

  it('refuses an answer to an undocumented question that it does not know', () => {
    expect(() => new SimulatedCloud({ undocumented: { stopMode: 'explodes' as never } })).toThrow(
      "undocumented.stopMode is 'explodes'; allowed: removes-green, leaves-green",
    );
  });
});

describe('requests', () => {
  it('are recorded with what was asked and answered, and without credentials', async () => {
    await using cloud = new SimulatedCloud();
    const { http, ec2 } = await clientsOf(cloud);
    await http.get(`/aws/ec2/group/${elastigroupId}`);
    cloud.advance(1_500);
    await ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }));
    expect(cloud.requests).toEqual([
      {
        atMs: 0,
        service: 'spot',
        operation: 'readElastigroup',
        method: 'GET',
        path: `/aws/ec2/group/${elastigroupId}?accountId=act-1a2b3c4d`,
        body: undefined,
        status: 200,
      },
      {
        atMs: 1_500,
        service: 'ec2',
        operation: 'DescribeInstances',
        method: 'POST',
        path: '/',
        body: { Action: 'DescribeInstances', Version: '2016-11-15', MaxResults: '5' },
        status: 200,
      },
    ]);
    const text = JSON.stringify(cloud.requests);
    for (const secret of ['simulated-token', 'AKIA']) expect(text).not.toContain(secret);
  });

  it('reach the cloud that they name, of several in one process', async () => {
    await using one = new SimulatedCloud({ seed: 1 });
    await using two = new SimulatedCloud({ seed: 2 });
    await ec2Client(one).send(new DescribeInstancesCommand({}));
    await ec2Client(two).send(new DescribeInstancesCommand({}));
    await ec2Client(two).send(new DescribeInstancesCommand({}));
    expect([one.requests.length, two.requests.length]).toEqual([1, 2]);
  });

  it('fail to connect once the cloud is closed', async () => {
    await using other = new SimulatedCloud();
    await other.start();
    const cloud = new SimulatedCloud();
    const { http } = await clientsOf(cloud);
    await cloud.close();
    expect((await failureOf(http.get(MODE_PATH))).code).toBe('ECONNREFUSED');
  });
});

describe('a cloud that listens', () => {
  it('answers every service at one port of this machine, and breaks connections there too', async () => {
    const clock = new SimulatedClock({ factor: 1_000 });
    await using cloud = new SimulatedCloud({ clock });
    const server = await cloud.listen();
    const { spotUrl, awsUrl } = server;
    expect(spotUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const { aws, spot } = cloud.options();
    const ec2 = new (await import('@aws-sdk/client-ec2')).EC2Client({ ...aws, endpoint: awsUrl, maxAttempts: 1 });
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
    expect(Reservations).toHaveLength(3);
    const headers = { authorization: `Bearer ${await spot.token()}` };
    const { data } = await axios.get<Mode>(`${spotUrl}/aws/ec2/group/${elastigroupId}`, { headers });
    expect(data.response.items).toHaveLength(1);
    cloud.inject({ fault: 'lost-answer', on: { service: 'spot' } });
    expect((await failureOf(axios.get(`${spotUrl}${MODE_PATH}`, { headers }))).code).toBe('ECONNRESET');
    cloud.inject({ fault: 'slow', on: { service: 'spot' }, byMs: 20_000 });
    await axios.get(`${spotUrl}${MODE_PATH}`, { headers });
    expect(cloud.requests.at(-1)?.status).toBe(200);
    cloud.inject({ fault: 'no-answer', on: { service: 'ec2' } });
    const unanswered = failureOf(ec2.send(new DescribeInstancesCommand({})));
    await cloud.clock.sleep(50_000);
    await server.close();
    expect((await unanswered).code).toBe('ECONNRESET');
  });
});
