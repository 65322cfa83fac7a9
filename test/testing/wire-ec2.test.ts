import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  DescribeTagsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedCloud } from '../../src/testing/index.js';
import { ec2Client, failureOf } from './cloud-clients.js';

let cloud: SimulatedCloud;
let ec2: EC2Client;
let ids: string[];

beforeEach(() => {
  cloud = new SimulatedCloud({ rateLimits: false });
  ec2 = ec2Client(cloud);
  ids = cloud.ec2.all().map(({ instanceId }) => instanceId);
});

afterEach(async () => {
  ec2.destroy();
  await cloud.close();
});

const describeInstances = async (input: ConstructorParameters<typeof DescribeInstancesCommand>[0] = {}) => {
  const { Reservations = [], NextToken } = await ec2.send(new DescribeInstancesCommand(input));
  return { instances: Reservations.flatMap(({ Instances = [] }) => Instances), NextToken };
};

const found = async (...filters: ReadonlyArray<readonly [name: string, ...values: string[]]>) => {
  const Filters = filters.map(([Name, ...Values]) => ({ Name, Values }));
  return (await describeInstances({ Filters })).instances.map(({ InstanceId }) => InstanceId);
};

describe('DescribeInstances', () => {
  it('EC2-6 answers instances with state, tags and place', async () => {
    const { instances } = await describeInstances();
    expect(instances).toHaveLength(3);
    expect(instances[0]).toMatchObject({
      InstanceId: ids[0],
      State: { Code: 16, Name: 'running' },
      Tags: [
        { Key: 'Colour', Value: 'blue' },
        { Key: 'App', Value: 'shop' },
      ],
      Placement: { AvailabilityZone: 'eu-west-1a' },
      PrivateIpAddress: '10.0.0.10',
      LaunchTime: new Date('2026-01-05T09:00:00Z'),
    });
  });

  it('EC2-6 fails as a whole for one unknown id, but not when asked with a filter', async () => {
    const unknown = 'i-00000000000000000';
    const failure = await failureOf(describeInstances({ InstanceIds: [ids[0]!, unknown] }));
    expect(failure).toMatchObject({ name: 'InvalidInstanceID.NotFound', $metadata: { httpStatusCode: 400 } });
    expect(failure.message).toBe(`The instance ID '${unknown}' does not exist`);
    expect(await found(['instance-id', ids[0]!, unknown])).toEqual([ids[0]]);
    const malformed = await failureOf(describeInstances({ InstanceIds: ['shop'] }));
    expect(malformed.name).toBe('InvalidInstanceID.Malformed');
  });

  it('EC2-7 shows terminated instances, with the reason, for an hour', async () => {
    cloud.ec2.terminate(ids[0]!, { code: 'Server.SpotInstanceTermination', message: 'taken back' });
    cloud.advance(60_000);
    const { instances } = await describeInstances({ InstanceIds: [ids[0]!] });
    expect(instances[0]).toMatchObject({
      State: { Name: 'terminated' },
      StateReason: { Code: 'Server.SpotInstanceTermination', Message: 'taken back' },
    });
    expect(await found(['tag:Colour', 'blue'], ['instance-state-name', 'pending', 'running'])).toEqual(ids.slice(1));
    cloud.advance(3_600_000);
    expect(await found(['tag:Colour', 'blue'])).not.toContain(ids[0]);
    expect((await failureOf(describeInstances({ InstanceIds: [ids[0]!] }))).name).toBe('InvalidInstanceID.NotFound');
  });

  it('EC2-8 answers in pages', async () => {
    for (let count = 0; count < 9; count += 1) cloud.ec2.launch({ tags: {}, launchMs: 0 });
    const seen: Array<string | undefined> = [];
    let NextToken: string | undefined;
    let pages = 0;
    do {
      const page = await describeInstances({ MaxResults: 5, ...(NextToken === undefined ? {} : { NextToken }) });
      seen.push(...page.instances.map(({ InstanceId }) => InstanceId));
      NextToken = page.NextToken;
      pages += 1;
    } while (NextToken !== undefined);
    expect(pages).toBe(3);
    expect(seen).toEqual(cloud.ec2.all().map(({ instanceId }) => instanceId));
    const both = await failureOf(describeInstances({ MaxResults: 5, InstanceIds: ids }));
    expect(both.name).toBe('InvalidParameterCombination');
    expect((await failureOf(describeInstances({ MaxResults: 4 }))).name).toBe('InvalidParameterValue');
    expect((await failureOf(describeInstances({ MaxResults: 5, NextToken: 'x' }))).name).toBe('InvalidNextToken');
  });

  it('EC2-9 takes filters by tag, tag key, state and id, reads * and ? as wildcards, and refuses others', async () => {
    const odd = cloud.ec2.launch({ tags: { Colour: 'a*b', Extra: '' }, launchMs: 0 }).instanceId;
    expect(await found(['tag:Colour', 'blue'])).toEqual(ids);
    expect(await found(['tag:Colour', 'b??e'], ['tag:App', 'sh*'])).toEqual(ids);
    expect(await found(['tag:Colour', 'blu'])).toEqual([]);
    expect(await found(['tag-key', 'Extra'])).toEqual([odd]);
    expect(await found(['tag:Colour', String.raw`a\*b`])).toEqual([odd]);
    expect(await found(['tag:Extra', ''])).toEqual([odd]);
    expect(await found(['tag:Colour', 'a.b'])).toEqual([]);
    expect((await failureOf(found(['colour', 'blue']))).message).toBe("The filter 'colour' is invalid");
  });
});

describe('tags', () => {
  it('EC2-4 and EC2-10 appear and disappear with the lag of the API', async () => {
    const Tags = [{ Key: 'Colour', Value: 'green' }];
    await ec2.send(new CreateTagsCommand({ Resources: ids.slice(0, 2), Tags }));
    expect(await found(['tag:Colour', 'green'])).toEqual([]);
    cloud.advance(3_000);
    expect(await found(['tag:Colour', 'green'])).toEqual(ids.slice(0, 2));
    const listed = await ec2.send(new DescribeTagsCommand({ Filters: [{ Name: 'key', Values: ['Colour'] }] }));
    expect(listed.Tags?.map(({ ResourceId, Value }) => `${ResourceId} ${Value}`)).toEqual([
      `${ids[0]} green`,
      `${ids[1]} green`,
      `${ids[2]} blue`,
    ]);
    await ec2.send(new DeleteTagsCommand({ Resources: [ids[0]!], Tags: [{ Key: 'Colour', Value: 'other' }] }));
    await ec2.send(new DeleteTagsCommand({ Resources: [ids[1]!], Tags: [{ Key: 'Colour' }] }));
    cloud.advance(3_000);
    expect(await found(['tag:Colour', 'green'])).toEqual([ids[0]]);
  });

  it('EC2-10 are refused for an unknown instance and for reserved keys', async () => {
    const create = (Resources: string[], Key: string) =>
      failureOf(ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key, Value: 'x' }] })));
    expect((await create(['i-00000000000000000'], 'Colour')).name).toBe('InvalidInstanceID.NotFound');
    expect((await create(ids, 'aws:owner')).name).toBe('InvalidParameterValue');
  });
});

describe('the service', () => {
  it('EC2-11 throttles with 503 once its bucket is empty, and lets calls through again', async () => {
    const strict = new SimulatedCloud();
    const client = ec2Client(strict);
    const call = () => client.send(new DescribeInstancesCommand({}));
    for (let count = 0; count < 50; count += 1) await call();
    expect(await failureOf(call())).toMatchObject({
      name: 'RequestLimitExceeded',
      $metadata: { httpStatusCode: 503 },
    });
    strict.advance(100);
    await call();
    await strict.close();
  });

  it('EC2-12 refuses other credentials than its own, and actions that it does not know', async () => {
    const credentials = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' };
    await cloud.start();
    const stranger = new EC2Client({ ...cloud.options().aws, credentials, maxAttempts: 1 });
    const failure = await failureOf(stranger.send(new DescribeInstancesCommand({})));
    expect(failure).toMatchObject({ name: 'AuthFailure', $metadata: { httpStatusCode: 401 } });
    const request = { method: 'POST', headers: { authorization: '' }, body: 'Action=RunInstances' };
    expect((await fetch(`${cloud.options().aws.endpoint}/`, request)).status).toBe(404);
  });
});
