import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AlarmsGateway } from '../../src/aws/alarms-gateway.js';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { rejection } from '../spot/test-clock.js';
import { answerAws, aws, failureOf, SECRET } from './aws-helpers.js';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function gateway(attempts?: number) {
  const { clients, environment } = aws(attempts === undefined ? {} : { attempts });
  return new AlarmsGateway(clients, environment);
}

const answer = (body: unknown, status = 200, error?: string) =>
  new HttpResponse(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: {
      'x-amzn-requestid': 'req-7',
      'content-type': 'application/x-amz-json-1.0',
      ...(error === undefined ? {} : { 'x-amzn-query-error': error }),
    },
  });
const alarm = (name: string, state = 'OK') => ({ AlarmName: name, StateValue: state });

describe('alarms by name', () => {
  test('metric and composite ones are asked for, and their state, reason and time are read', async () => {
    const requests = answerAws(server, () =>
      answer({
        MetricAlarms: [
          { ...alarm('5xx', 'ALARM'), StateReason: 'too many', StateTransitionedTimestamp: 1_767_603_600.5 },
          { ...alarm('latency', 'SOMETHING_NEW'), StateUpdatedTimestamp: 1_767_603_600 },
        ],
        CompositeAlarms: [{ ...alarm('all', 'INSUFFICIENT_DATA'), AlarmRule: 'ALARM("5xx")' }],
      }),
    );
    expect(await gateway().describeAlarms(['all', '5xx', 'latency', 'unknown'])).toEqual([
      { name: 'all', kind: 'composite', state: 'INSUFFICIENT_DATA' },
      { name: '5xx', kind: 'metric', state: 'ALARM', reason: 'too many', since: '2026-01-05T09:00:00.500Z' },
      { name: 'latency', kind: 'metric', state: 'SOMETHING_NEW', since: '2026-01-05T09:00:00.000Z' },
    ]);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      operation: 'DescribeAlarms',
      json: {
        AlarmNames: ['all', '5xx', 'latency', 'unknown'],
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: 100,
      },
    });
  });

  test('the time of the change counts, not that of the last look', async () => {
    answerAws(server, () =>
      answer({
        MetricAlarms: [
          { ...alarm('a'), StateTransitionedTimestamp: 1_767_603_600, StateUpdatedTimestamp: 1_767_607_200 },
        ],
      }),
    );
    expect(await gateway().describeAlarms(['a'])).toMatchObject([{ since: '2026-01-05T09:00:00.000Z' }]);
  });

  test('a hundred names at a time, each once', async () => {
    const names = Array.from({ length: 150 }, (_, n) => `alarm-${n}`);
    const requests = answerAws(server, ({ json }) =>
      answer({ MetricAlarms: (json['AlarmNames'] as string[]).map((name) => alarm(name)), CompositeAlarms: [] }),
    );
    const found = await gateway().describeAlarms([...names, 'alarm-0']);
    expect(found.map(({ name }) => name)).toEqual(names);
    expect(requests.map(({ json }) => (json['AlarmNames'] as string[]).length)).toEqual([100, 50]);
  });

  test('all pages are read, an empty one in between too', async () => {
    const requests = answerAws(server, ({ json }) => {
      if (json['NextToken'] === undefined) return answer({ MetricAlarms: [alarm('a')], NextToken: '2' });
      if (json['NextToken'] === '2') return answer({ MetricAlarms: [], CompositeAlarms: [], NextToken: '3' });
      return answer({ CompositeAlarms: [alarm('b')] });
    });
    expect((await gateway().describeAlarms(['a', 'b'])).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(requests.map(({ json }) => json['NextToken'])).toEqual([undefined, '2', '3']);
  });

  test('no names, no request', async () => {
    expect(await gateway().describeAlarms([])).toEqual([]);
  });

  test('none of them there is an empty list', async () => {
    answerAws(server, () => answer({ MetricAlarms: [], CompositeAlarms: [] }));
    expect(await gateway().describeAlarms(['a'])).toEqual([]);
  });

  test('an alarm that was not asked for is not answered', async () => {
    answerAws(server, () => answer({ MetricAlarms: [alarm('a'), alarm('stranger', 'ALARM')] }));
    expect(await gateway().describeAlarms(['a'])).toHaveLength(1);
  });
});

describe('what goes wrong', () => {
  test.each([
    ['an answer without a list', {}],
    ['an alarm without a state', { MetricAlarms: [{ AlarmName: 'a' }] }],
    ['HTML', '<html><body>proxy</body></html>'],
  ])('%s is malformed, and does not mean that there is no such alarm', async (_what, body) => {
    answerAws(server, () => answer(body));
    expect(await failureOf(gateway().describeAlarms(['a']))).toMatchObject({
      service: 'cloudwatch',
      operation: 'describeAlarms',
      kind: 'malformed',
      acted: 'no',
    });
  });

  test('the code is that of the query protocol, and throttling is waited out', async () => {
    const requests = answerAws(server, () =>
      requests.length === 1
        ? answer({ __type: 'com.amazonaws.cloudwatch#X', message: 'Rate exceeded' }, 400, 'Throttling;Sender')
        : answer({ MetricAlarms: [alarm('a')] }),
    );
    expect(await gateway(3).describeAlarms(['a'])).toHaveLength(1);
    expect(requests).toHaveLength(2);
  });

  test.each([
    ['AccessDenied;Sender', 403, 'denied'],
    ['InvalidNextToken;Sender', 400, 'refused'],
    ['InternalFailure;Receiver', 500, 'unavailable'],
  ])('%s', async (code, status, kind) => {
    answerAws(server, () => answer({ message: `no: authorization: ${SECRET}` }, status, code));
    const failure = await failureOf(gateway().describeAlarms(['a']));
    expect(failure).toMatchObject({ kind, status, code: code.split(';')[0], requestId: 'req-7' });
    expect(JSON.stringify(failure)).not.toContain(SECRET);
  });

  test('the caller’s signal ends it', async () => {
    const stop = new AbortController();
    answerAws(server, () => {
      stop.abort(new Error('enough'));
      return answer({ MetricAlarms: [] });
    });
    expect(await rejection(gateway().describeAlarms(['a'], { signal: stop.signal }))).toMatchObject({
      message: 'enough',
    });
  });
});

test('the client is made once, and one that is given is used and left open', async () => {
  const { CloudWatchClient } = await import('@aws-sdk/client-cloudwatch');
  const clients = new AwsClients({ region: 'eu-west-1' });
  expect(await clients.cloudWatch()).toBe(await clients.cloudWatch());
  const own = new CloudWatchClient({ region: 'us-east-1' });
  const given = new AwsClients({ clients: { cloudWatch: own } });
  expect(await given.cloudWatch()).toBe(own);
  clients.close();
});
