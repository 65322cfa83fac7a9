import {
  DeregisterTargetsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedCloud } from '../../src/testing/index.js';
import { elbClient, failureOf } from './cloud-clients.js';

let cloud: SimulatedCloud;
let elb: ElasticLoadBalancingV2Client;
let TargetGroupArn: string;
let ids: string[];

beforeEach(() => {
  cloud = new SimulatedCloud({ rateLimits: false });
  elb = elbClient(cloud);
  TargetGroupArn = cloud.loadBalancing.targetGroup('shop-tg').arn;
  ids = cloud.ec2.all().map(({ instanceId }) => instanceId);
});

afterEach(async () => {
  elb.destroy();
  await cloud.close();
});

const targets = (instanceIds: readonly string[]) => instanceIds.map((Id) => ({ Id }));

const health = async (asked?: readonly string[]) => {
  const input = { TargetGroupArn, ...(asked === undefined ? {} : { Targets: targets(asked) }) };
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand(input));
  return TargetHealthDescriptions.map(({ Target, TargetHealth }) =>
    [Target?.Id, TargetHealth?.State, TargetHealth?.Reason].filter((part) => part !== undefined).join(' '),
  );
};

describe('target groups', () => {
  it('ELB-9 are described by name and by ARN, with their attributes', async () => {
    const byName = await elb.send(new DescribeTargetGroupsCommand({ Names: ['shop-tg'] }));
    expect(byName.TargetGroups).toMatchObject([
      { TargetGroupArn, TargetGroupName: 'shop-tg', Port: 80, TargetType: 'instance' },
    ]);
    expect(byName.TargetGroups?.[0]?.LoadBalancerArns).toHaveLength(1);
    const byArn = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] }));
    expect(byArn.TargetGroups).toEqual(byName.TargetGroups);
    const { Attributes } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
    expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '60' });
  });

  it('ELB-9 are listed in pages', async () => {
    for (const name of ['a', 'b', 'c', 'd']) cloud.loadBalancing.createTargetGroup({ name, inUse: false });
    const first = await elb.send(new DescribeTargetGroupsCommand({ PageSize: 3 }));
    const second = await elb.send(new DescribeTargetGroupsCommand({ PageSize: 3, Marker: first.NextMarker! }));
    const names = [first, second].flatMap((page) => page.TargetGroups?.map((group) => group.TargetGroupName));
    expect(names).toEqual(['shop-tg', 'a', 'b', 'c', 'd']);
    expect(second.NextMarker).toBeUndefined();
    expect(second.TargetGroups?.[0]?.LoadBalancerArns ?? []).toEqual([]);
  });

  it('ELB-8 that do not exist are refused with TargetGroupNotFound', async () => {
    const unknown = await failureOf(elb.send(new DescribeTargetGroupsCommand({ Names: ['shop-tg', 'other'] })));
    expect(unknown).toMatchObject({ name: 'TargetGroupNotFoundException', $metadata: { httpStatusCode: 400 } });
    const arn = `${TargetGroupArn}0`;
    const health = await failureOf(elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn })));
    expect(health.name).toBe('TargetGroupNotFoundException');
    const name = await failureOf(elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: 'shop-tg' })));
    expect(name.message).toBe("'shop-tg' is not a valid target group ARN");
    const input = { Names: ['shop-tg'], TargetGroupArns: [TargetGroupArn] };
    expect((await failureOf(elb.send(new DescribeTargetGroupsCommand(input)))).name).toBe('ValidationError');
  });
});

describe('targets', () => {
  it('ELB-1 to ELB-5 go from registered to healthy to draining to gone', async () => {
    const added = cloud.ec2.launch({
      tags: {},
      launchMs: 0,
      application: { revision: 'shop-412', healthy: true },
    }).instanceId;
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: targets([added]) }));
    expect(await health()).toContain(`${added} initial Elb.RegistrationInProgress`);
    cloud.advance(20_000);
    expect(await health()).toEqual([...ids, added].map((id) => `${id} healthy`));
    await elb.send(
      new DeregisterTargetsCommand({ TargetGroupArn, Targets: targets([ids[0]!, 'i-00000000000000000']) }),
    );
    expect(await health([ids[0]!])).toEqual([`${ids[0]} draining Target.DeregistrationInProgress`]);
    cloud.advance(60_000);
    expect(await health()).not.toContain(`${ids[0]} draining Target.DeregistrationInProgress`);
  });

  it('ELB-10 that are asked for by id are unused when they are not registered, or were a moment ago', async () => {
    const added = cloud.ec2.launch({ tags: {}, launchMs: 0 }).instanceId;
    expect(await health([added, ids[0]!])).toEqual([`${added} unused Target.NotRegistered`, `${ids[0]} healthy`]);
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: targets([added]) }));
    expect(await health([added])).toEqual([`${added} unused Target.NotRegistered`]);
    cloud.advance(1_000);
    expect(await health([added])).toEqual([`${added} initial Elb.RegistrationInProgress`]);
  });

  it('ELB-3 that do not run are refused with InvalidTarget', async () => {
    const pending = cloud.ec2.launch({ tags: {} }).instanceId;
    const failure = await failureOf(
      elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: targets([pending]) })),
    );
    expect(failure).toMatchObject({ name: 'InvalidTargetException', $metadata: { httpStatusCode: 400 } });
    expect(failure.message).toContain(pending);
    const none = await failureOf(elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [] })));
    expect(none.name).toBe('ValidationError');
  });
});

describe('the service', () => {
  it('ELB-11 throttles with 400 once its bucket is empty', async () => {
    const strict = new SimulatedCloud();
    const client = elbClient(strict);
    const call = () => client.send(new DescribeTargetGroupsCommand({}));
    for (let count = 0; count < 40; count += 1) await call();
    expect(await failureOf(call())).toMatchObject({ name: 'Throttling', $metadata: { httpStatusCode: 400 } });
    await strict.close();
  });

  it('ELB-12 refuses other credentials than its own', async () => {
    const credentials = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' };
    await cloud.start();
    const stranger = new ElasticLoadBalancingV2Client({ ...cloud.options().aws, credentials, maxAttempts: 1 });
    expect(await failureOf(stranger.send(new DescribeTargetGroupsCommand({})))).toMatchObject({
      name: 'InvalidClientTokenId',
      $metadata: { httpStatusCode: 403 },
    });
  });
});
