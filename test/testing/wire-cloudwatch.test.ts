import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatedCloudOptions } from '../../src/testing/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { failureOf } from './cloud-clients.js';

const MINUTE = 60_000;
const clouds: SimulatedCloud[] = [];
const clients: CloudWatchClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  for (const cloud of clouds.splice(0)) await cloud.close();
});

function open(options: SimulatedCloudOptions = {}) {
  const cloud = new SimulatedCloud({ rateLimits: false, ...options });
  clouds.push(cloud);
  const client = new CloudWatchClient({ ...cloud.options().aws, maxAttempts: 1 });
  clients.push(client);
  const describeAlarms = async (input: ConstructorParameters<typeof DescribeAlarmsCommand>[0] = {}) => {
    const { MetricAlarms = [], CompositeAlarms = [], NextToken } = await client.send(new DescribeAlarmsCommand(input));
    return { names: [...CompositeAlarms, ...MetricAlarms].map(({ AlarmName }) => AlarmName), MetricAlarms, NextToken };
  };
  return { cloud, client, describeAlarms };
}

describe('DescribeAlarms', () => {
  it('CW-1 answers alarms with state, reason and times', async () => {
    const { cloud, describeAlarms } = open();
    cloud.alarms.createAlarm({ name: '5xx' });
    cloud.alarms.createAlarm({ name: '5xx', state: 'INSUFFICIENT_DATA' });
    cloud.advance(MINUTE);
    cloud.alarms.setState('5xx', 'ALARM', '12 of 12 datapoints');
    const { MetricAlarms } = await describeAlarms({ AlarmNames: ['5xx'] });
    expect(MetricAlarms).toMatchObject([
      {
        AlarmName: '5xx',
        AlarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:5xx',
        StateValue: 'ALARM',
        StateReason: '12 of 12 datapoints',
        StateTransitionedTimestamp: new Date('2026-01-05T09:01:00Z'),
      },
    ]);
    expect(cloud.snapshot().alarms).toEqual([
      { name: '5xx', kind: 'metric', state: 'ALARM', since: '2026-01-05T09:01:00.000Z' },
    ]);
  });

  it('CW-2 leaves out names that do not exist, and takes a prefix and a state', async () => {
    const { cloud, describeAlarms } = open();
    for (const name of ['shop-5xx', 'shop-slow', 'other']) cloud.alarms.createAlarm({ name });
    cloud.alarms.setState('other', 'ALARM');
    expect((await describeAlarms({ AlarmNames: ['shop-5xx', 'nobody'] })).names).toEqual(['shop-5xx']);
    expect((await describeAlarms({ AlarmNamePrefix: 'shop-' })).names).toEqual(['shop-5xx', 'shop-slow']);
    expect((await describeAlarms({ StateValue: 'ALARM' })).names).toEqual(['other']);
    cloud.alarms.deleteAlarm('other');
    expect((await describeAlarms({ AlarmNames: ['other'] })).names).toEqual([]);
  });

  it.each([
    ['more than 100 names', { AlarmNames: Array.from({ length: 101 }, (_, n) => `a${n}`) }, 'ValidationException'],
    ['names and a prefix', { AlarmNames: ['a'], AlarmNamePrefix: 'a' }, 'InvalidParameterCombinationException'],
    ['an unknown type', { AlarmTypes: ['Alarm' as never] }, 'ValidationException'],
    ['a filter that is not simulated', { ActionPrefix: 'arn:' }, 'ValidationException'],
    ['101 records', { MaxRecords: 101 }, 'ValidationException'],
    ['a bad token', { NextToken: 'x' }, 'InvalidNextToken'],
  ])('CW-2, CW-6 refuses %s', async (_what, input, name) => {
    const { describeAlarms } = open();
    expect(await failureOf(describeAlarms(input))).toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  });

  it('CW-3 leaves composite alarms out unless they are asked for', async () => {
    const { cloud, describeAlarms } = open();
    cloud.alarms.createAlarm({ name: 'all', kind: 'composite' });
    cloud.alarms.createAlarm({ name: '5xx' });
    const AlarmNames = ['all', '5xx'];
    expect((await describeAlarms({ AlarmNames })).names).toEqual(['5xx']);
    expect((await describeAlarms({ AlarmNames, AlarmTypes: ['CompositeAlarm'] })).names).toEqual(['all']);
    const both = await describeAlarms({ AlarmNames, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] });
    expect(both.names).toEqual(['all', '5xx']);
  });

  it('CW-6 answers ten on a page', async () => {
    const { cloud, describeAlarms } = open();
    for (let n = 0; n < 12; n += 1) cloud.alarms.createAlarm({ name: `alarm-${n}` });
    const first = await describeAlarms();
    expect(first.names).toHaveLength(10);
    const second = await describeAlarms({ NextToken: first.NextToken! });
    expect(second.names).toHaveLength(2);
    expect(second.NextToken).toBeUndefined();
    expect((await describeAlarms({ MaxRecords: 100 })).names).toHaveLength(12);
  });
});

describe('SetAlarmState', () => {
  it('CW-5 keeps the time of the change when it is set to the same again', async () => {
    const { cloud, client, describeAlarms } = open();
    cloud.alarms.createAlarm({ name: '5xx' });
    cloud.advance(MINUTE);
    const input = { AlarmName: '5xx', StateValue: 'ALARM', StateReason: 'by hand' } as const;
    await client.send(new SetAlarmStateCommand(input));
    cloud.advance(MINUTE);
    await client.send(new SetAlarmStateCommand(input));
    expect((await describeAlarms()).MetricAlarms).toMatchObject([
      {
        StateReason: 'by hand',
        StateTransitionedTimestamp: new Date('2026-01-05T09:01:00Z'),
        StateUpdatedTimestamp: new Date('2026-01-05T09:02:00Z'),
      },
    ]);
  });

  it('CW-4 refuses an alarm and a state that there are not', async () => {
    const { cloud, client } = open();
    cloud.alarms.createAlarm({ name: '5xx' });
    const set = (AlarmName: string, StateValue: string) =>
      failureOf(client.send(new SetAlarmStateCommand({ AlarmName, StateValue: StateValue as 'OK', StateReason: 'r' })));
    expect(await set('nobody', 'OK')).toMatchObject({ name: expect.stringContaining('ResourceNotFound') });
    expect(await set('5xx', 'BROKEN')).toMatchObject({ name: 'ValidationException' });
    expect(() => cloud.alarms.deleteAlarm('nobody')).toThrow('nobody');
  });
});

describe('CW-8 the wire', () => {
  it('throttles', async () => {
    const { describeAlarms, cloud } = open({ rateLimits: true });
    for (let n = 0; n < 9; n += 1) await describeAlarms();
    expect(await failureOf(describeAlarms())).toMatchObject({ name: 'Throttling', $metadata: { httpStatusCode: 400 } });
    cloud.advance(1_000);
    await describeAlarms();
    expect(cloud.requests.at(-1)).toMatchObject({ service: 'cloudwatch', operation: 'DescribeAlarms', status: 200 });
  });

  it('faults of the wire strike it', async () => {
    const { describeAlarms, cloud } = open();
    cloud.inject({
      fault: 'refused',
      on: { service: 'cloudwatch', operation: 'DescribeAlarms' },
      code: 'AccessDenied',
      status: 403,
    });
    cloud.inject({ fault: 'server-error', on: { service: 'cloudwatch' } });
    expect(await failureOf(describeAlarms())).toMatchObject({ name: 'AccessDenied' });
    expect(await failureOf(describeAlarms())).toMatchObject({ name: 'InternalFailure' });
  });

  it('refuses another access key', async () => {
    const { cloud } = open();
    const credentials = { accessKeyId: 'AKIAOTHER', secretAccessKey: 's' };
    const client = new CloudWatchClient({ ...cloud.options().aws, credentials, maxAttempts: 1 });
    clients.push(client);
    await cloud.start();
    expect(await failureOf(client.send(new DescribeAlarmsCommand({})))).toMatchObject({ name: 'InvalidClientTokenId' });
  });

  it('knows the service by its target where nothing is signed, and refuses what it does not know', async () => {
    const { cloud } = open();
    await cloud.start();
    const { endpoint } = cloud.options().aws;
    const post = (operation: string, authorization?: string) =>
      fetch(endpoint, {
        method: 'POST',
        headers: {
          'x-amz-target': `GraniteServiceVersion20100801.${operation}`,
          'content-type': 'application/x-amz-json-1.0',
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: '[]',
      });
    await post('DescribeAlarms');
    expect(cloud.requests.at(-1)).toMatchObject({ service: 'cloudwatch', status: 403 });
    const signed = 'AWS4-HMAC-SHA256 Credential=AKIASIMULATED0000000/20260105/eu-west-1/monitoring/aws4_request';
    expect((await post('GetMetricData', signed)).headers.get('x-amzn-query-error')).toBe(
      'UnknownOperationException;Sender',
    );
    expect((await post('DescribeAlarms', signed)).headers.get('x-amzn-query-error')).toBe(
      'SerializationException;Sender',
    );
  });
});
