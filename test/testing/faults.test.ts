import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateTagsCommand } from '@aws-sdk/client-ec2';
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import axios from 'axios';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { SHOP, SimulatedCloud } from '../../src/testing/index.js';
import { FaultBoard } from '../../src/testing/model/fault-board.js';
import { ec2Client, elbClient, failureOf } from './cloud-clients.js';

let cloud: SimulatedCloud;
let ids: string[];

beforeEach(async () => {
  cloud = new SimulatedCloud();
  ids = cloud.ec2.all().map(({ instanceId }) => instanceId);
  await cloud.start();
});

afterEach(async () => {
  expect(cloud.clock.pending()).toBe(0);
  await cloud.close();
});

/** Spot's answer to GET on the shop's Elastigroup, through axios. */
const readShop = async (signal?: AbortSignal) => {
  const { spot } = cloud.options();
  return axios.get<unknown>(`${spot.baseUrl}/aws/ec2/group/${SHOP.elastigroupId}`, {
    params: { accountId: spot.accountId },
    headers: { authorization: `Bearer ${await spot.token()}` },
    validateStatus: () => true,
    ...(signal === undefined ? {} : { signal }),
  });
};

const colourOf = (id: string) => cloud.ec2.get(id)?.tags.get('Colour');
const paint = (client = ec2Client(cloud)) =>
  client.send(new CreateTagsCommand({ Resources: [ids[0]!], Tags: [{ Key: 'Colour', Value: 'green' }] }));
const onTags = { service: 'ec2', operation: 'CreateTags' } as const;

describe('faults of the wire', () => {
  it('FAULT-1 strike the nth matching request, so many times', async () => {
    cloud.inject({
      fault: 'refused',
      on: { service: 'spot', nth: 2, times: 2 },
      code: 'NOPE',
      message: 'no',
      status: 418,
    });
    const statuses: number[] = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await readShop()).status);
    expect(statuses).toEqual([200, 418, 418, 200]);
    expect(cloud.faults.remaining()).toEqual([]);
  });

  it('FAULT-1 strike only the operation and only from the time that they name', async () => {
    cloud.inject({ fault: 'refused', on: { ...onTags, atMs: 10_000 }, code: 'UnauthorizedOperation', status: 403 });
    await paint();
    await ec2Client(cloud).send(new DescribeInstancesCommand({}));
    cloud.advance(10_000);
    await ec2Client(cloud).send(new DescribeInstancesCommand({}));
    expect(await failureOf(paint())).toMatchObject({
      name: 'UnauthorizedOperation',
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('FAULT-2 lost-answer: the service has acted and the connection breaks', async () => {
    cloud.inject({ fault: 'lost-answer', on: onTags });
    expect((await failureOf(paint())).code).toBe('ECONNRESET');
    expect(colourOf(ids[0]!)).toBe('green');
    cloud.inject({ fault: 'lost-answer', on: { service: 'spot' } });
    expect(await failureOf(readShop())).toMatchObject({ code: 'ECONNRESET', isAxiosError: true });
    expect(cloud.requests.map(({ status }) => status)).toEqual(['lost', 'lost']);
  });

  it('FAULT-3 refused: in the shape of the service, before it acts', async () => {
    cloud.inject({ fault: 'refused', on: onTags, code: 'TagLimitExceeded', message: 'too many' });
    expect(await failureOf(paint())).toMatchObject({ name: 'TagLimitExceeded', message: 'too many' });
    expect(colourOf(ids[0]!)).toBe('blue');
    cloud.inject({ fault: 'refused', on: { service: 'spot' }, code: 'CANT_READ_GROUP', status: 400 });
    expect((await readShop()).data).toMatchObject({ response: { errors: [{ code: 'CANT_READ_GROUP' }] } });
  });

  it('FAULT-4 server-error: with or without having acted', async () => {
    cloud.inject({ fault: 'server-error', on: onTags, status: 502 });
    expect((await failureOf(paint())).$metadata).toMatchObject({ httpStatusCode: 502 });
    expect(colourOf(ids[0]!)).toBe('blue');
    cloud.inject({ fault: 'server-error', on: onTags, acted: true });
    expect((await failureOf(paint())).$metadata).toMatchObject({ httpStatusCode: 500 });
    expect(colourOf(ids[0]!)).toBe('green');
  });

  it('FAULT-5 throttled: in the shape of the service', async () => {
    cloud.inject({ fault: 'throttled', on: onTags });
    cloud.inject({ fault: 'throttled', on: { service: 'elbv2' } });
    cloud.inject({ fault: 'throttled', on: { service: 'spot' } });
    expect((await failureOf(paint())).name).toBe('RequestLimitExceeded');
    expect((await failureOf(elbClient(cloud).send(new DescribeTargetGroupsCommand({})))).name).toBe('Throttling');
    const spot = await readShop();
    expect(spot.status).toBe(429);
    expect(spot.data).toMatchObject({ response: { data: 'Rate limit exceeded' } });
    expect(spot.headers).toMatchObject({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' });
  });

  it('FAULT-6 slow: answers after that much simulated time', async () => {
    cloud.inject({ fault: 'slow', on: { service: 'spot' }, byMs: 25_000 });
    const before = cloud.clock.now();
    expect((await readShop()).status).toBe(200);
    expect(cloud.clock.now() - before).toBe(25_000);
  });

  it('FAULT-7 no-answer: silence, during which time passes for everybody else', async () => {
    cloud.inject({ fault: 'no-answer', on: onTags, acted: true });
    const stop = new AbortController();
    const resources = { Resources: [ids[0]!], Tags: [{ Key: 'Colour', Value: 'green' }] };
    const call = failureOf(ec2Client(cloud).send(new CreateTagsCommand(resources), { abortSignal: stop.signal }));
    await cloud.clock.sleep(60_000);
    stop.abort();
    expect((await call).name).toBe('AbortError');
    expect(colourOf(ids[0]!)).toBe('green');
    expect(cloud.requests.at(-1)).toMatchObject({ operation: 'CreateTags', status: 'unanswered' });
  });

  it('FAULT-8 malformed: 200 and something else than the contract says', async () => {
    cloud.inject({ fault: 'malformed', on: { service: 'spot' } });
    cloud.inject({ fault: 'malformed', on: { service: 'ec2' }, body: '<html>proxy</html>' });
    const spot = await readShop();
    expect({ status: spot.status, data: spot.data }).toEqual({ status: 200, data: '{"unexpected":' });
    const answer = await ec2Client(cloud).send(new DescribeInstancesCommand({}));
    expect(answer.Reservations).toBeUndefined();
  });

  it('FAULT-9 of the simulation itself are told as such', async () => {
    cloud.elastigroups.read = () => {
      throw new Error('a mistake');
    };
    const { status, data } = await readShop();
    expect(status).toBe(500);
    expect(JSON.stringify(data)).toContain('The simulated spot failed in readElastigroup: Error: a mistake');
  });
});

describe('faults of the models', () => {
  it('FAULT-10 interruption: takes an instance back at its time', async () => {
    cloud.inject({ fault: 'interruption', colour: 'blue', instance: 1, atMs: 30_000 });
    cloud.advance(29_999);
    expect(cloud.ec2.get(ids[1]!)?.state).toBe('running');
    cloud.advance(1);
    expect(cloud.ec2.get(ids[1]!)).toMatchObject({
      state: 'shutting-down',
      stateReason: { code: 'Server.SpotInstanceTermination' },
    });
    expect(cloud.faults.remaining()).toEqual([]);
  });

  it('FAULT-11 are found while they last and taken once', () => {
    const board = new FaultBoard();
    const told: Fault[] = [];
    const first: Fault = { fault: 'script-fails', instance: 1 };
    board.add(first);
    board.onAdded((fault) => void told.push(fault));
    board.add({ fault: 'script-fails', instance: 2 });
    expect(told).toHaveLength(2);
    expect(board.find('mode-error')).toBeUndefined();
    expect(board.find('script-fails', ({ instance }) => instance === 2)).toMatchObject({ instance: 2 });
    expect(board.take('script-fails')).toBe(first);
    expect(board.remove(first as never)).toBe(false);
    expect(board.remaining()).toHaveLength(1);
    board.clear();
    expect(board.remaining()).toEqual([]);
  });
});

describe('the limits of Spot', () => {
  it('RATE-1 are told on every answer, and a call that comes too often waits the longer for it', async () => {
    await cloud.close();
    cloud = new SimulatedCloud({ rateLimits: { spotByOperation: { readElastigroup: 2 } } });
    expect((await readShop()).headers).toMatchObject({
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '1',
      'x-ratelimit-reset': '0',
    });
    cloud.advance(10_000);
    expect((await readShop()).headers).toMatchObject({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '50' });
    const blocked = await readShop();
    expect(blocked.status).toBe(429);
    expect(blocked.headers).toMatchObject({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' });
    cloud.advance(59_999);
    expect((await readShop()).status).toBe(429);
    cloud.advance(60_000);
    expect((await readShop()).status).toBe(200);
  });
});
