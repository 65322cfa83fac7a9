import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { InstancesGateway } from '../../src/aws/instances-gateway.js';
import { answerAws, aws, ec2Error, failureOf, xml } from './aws-helpers.js';
import { rejection } from '../spot/test-clock.js';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function gateway(attempts?: number) {
  const { clients, environment } = aws(attempts === undefined ? {} : { attempts });
  return new InstancesGateway(clients, environment);
}

const instance = (id: string, state = 'running', more = '') =>
  `<item><reservationId>r-${id}</reservationId><instancesSet><item><instanceId>${id}</instanceId><instanceState><code>16</code><name>${state}</name></instanceState>${more}</item></instancesSet></item>`;
const answer = (items: string, next?: string) =>
  xml(
    `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>req-7</requestId><reservationSet>${items}</reservationSet>${next === undefined ? '' : `<nextToken>${next}</nextToken>`}</DescribeInstancesResponse>`,
  );
const values = (form: URLSearchParams, filter: number) =>
  [...form].filter(([name]) => name.startsWith(`Filter.${filter}.Value.`)).map(([, value]) => value);

describe('looking at instances by id', () => {
  test('the state, its reason, the address and the tags are read', async () => {
    answerAws(server, () =>
      answer(
        instance(
          'i-1',
          'shutting-down',
          '<stateReason><code>Server.SpotInstanceTermination</code><message>m</message></stateReason><privateIpAddress>10.0.0.1</privateIpAddress><tagSet><item><key>Colour</key><value>green</value></item><item><key>Empty</key><value/></item></tagSet>',
        ) + instance('i-2', 'terminated'),
      ),
    );
    expect(await gateway().describeInstances(['i-1', 'i-2', 'i-unknown'])).toEqual([
      {
        instanceId: 'i-1',
        state: 'shutting-down',
        stateReason: 'Server.SpotInstanceTermination',
        privateIp: '10.0.0.1',
        tags: [
          { key: 'Colour', value: 'green' },
          { key: 'Empty', value: '' },
        ],
      },
      { instanceId: 'i-2', state: 'terminated', tags: [] },
    ]);
  });

  test('ids are asked for by filter, two hundred at a time and each once', async () => {
    const ids = Array.from({ length: 350 }, (_, n) => `i-${n}`);
    const requests = answerAws(server, ({ form }) =>
      answer(
        values(form, 1)
          .map((id) => instance(id))
          .join(''),
      ),
    );
    const found = await gateway().describeInstances([...ids, 'i-0']);
    expect(found.map(({ instanceId }) => instanceId)).toEqual(ids);
    expect(requests.map(({ form }) => form.get('Filter.1.Name'))).toEqual(['instance-id', 'instance-id']);
    expect(requests.map(({ form }) => values(form, 1).length)).toEqual([200, 150]);
    expect(requests[0]!.form.has('InstanceId.1')).toBe(false);
  });

  test('no ids, no request', async () => {
    expect(await gateway().describeInstances([])).toEqual([]);
  });

  test('all pages are read', async () => {
    answerAws(server, ({ form }) =>
      form.get('NextToken') === 'more' ? answer(instance('i-2')) : answer(instance('i-1'), 'more'),
    );
    expect(await gateway().describeInstances(['i-1', 'i-2'])).toHaveLength(2);
  });

  test('nobody there is an empty list', async () => {
    answerAws(server, () => answer(''));
    expect(await gateway().describeInstances(['i-1'])).toEqual([]);
  });

  test.each([
    ['HTML', '<html><body>proxy</body></html>'],
    ['text', 'maintenance'],
    ['an empty document', '<DescribeInstancesResponse/>'],
  ])('%s is malformed, and does not mean that nobody is there', async (_what, body) => {
    answerAws(server, () => xml(body));
    expect(await failureOf(gateway().describeInstances(['i-1']))).toMatchObject({ kind: 'malformed', acted: 'no' });
  });
});

describe('finding instances by tags', () => {
  test('asks with tag filters, for everything that is not terminated', async () => {
    const requests = answerAws(server, () => answer(instance('i-1') + instance('i-2', 'terminated')));
    const found = await gateway().findByTags([{ key: 'Colour', values: ['green', 'grün'] }, { key: 'Shop' }]);
    expect(found.map(({ instanceId }) => instanceId)).toEqual(['i-1']);
    const { form } = requests[0]!;
    expect(form.get('Filter.1.Name')).toBe('tag:Colour');
    expect(values(form, 1)).toEqual(['green', 'grün']);
    expect(form.get('Filter.2.Name')).toBe('tag:Shop');
    expect(values(form, 2)).toEqual(['*']);
    expect(form.get('Filter.3.Name')).toBe('instance-state-name');
    expect(values(form, 3)).toEqual(['pending', 'running', 'shutting-down', 'stopping', 'stopped']);
  });

  test('wildcards in a value are taken literally', async () => {
    const requests = answerAws(server, () => answer(''));
    await gateway().findByTags([{ key: 'Colour', values: ['a*b?c\\d'] }]);
    expect(values(requests[0]!.form, 1)).toEqual(['a\\*b\\?c\\\\d']);
  });

  test('two conditions on one key must both hold', async () => {
    const requests = answerAws(server, () => answer(''));
    await gateway().findByTags([{ key: 'C', values: ['a', 'b'] }, { key: 'C' }, { key: 'C', values: ['b', 'c'] }]);
    expect(values(requests[0]!.form, 1)).toEqual(['b']);
    expect(requests[0]!.form.get('Filter.2.Name')).toBe('instance-state-name');
  });

  test('a condition that nothing can meet is answered without asking', async () => {
    expect(await gateway().findByTags([{ key: 'C', values: [] }])).toEqual([]);
    const impossible = [
      { key: 'C', values: ['a'] },
      { key: 'C', values: ['b'] },
    ];
    expect(await gateway().findByTags(impossible)).toEqual([]);
  });

  test('no condition at all is a fault of the caller, not a search for everything', async () => {
    expect(await rejection(gateway().findByTags([]))).toMatchObject({ code: 'INTERNAL' });
  });
});

test('a throttled page is asked for again, and only that page', async () => {
  const asked: Array<string | null> = [];
  answerAws(server, ({ form }) => {
    asked.push(form.get('NextToken'));
    if (asked.length === 2) return ec2Error('RequestLimitExceeded', 'Request limit exceeded.', 503);
    return asked.length === 1 ? answer(instance('i-1'), 'more') : answer(instance('i-2'));
  });
  expect(await gateway(3).describeInstances(['i-1', 'i-2'])).toHaveLength(2);
  expect(asked).toEqual([null, 'more', 'more']);
});

describe('giving instances tags', () => {
  test('names every instance and every tag in one call', async () => {
    const requests = answerAws(server, () =>
      xml('<CreateTagsResponse><requestId>req-8</requestId><return>true</return></CreateTagsResponse>'),
    );
    await gateway().createTags(
      ['i-1', 'i-2'],
      [
        { key: 'Colour', value: 'green' },
        { key: 'elastigroup-bluegreen:release', value: 'bg-1/strays-1' },
      ],
    );
    expect(requests).toHaveLength(1);
    expect(requests[0]!.operation).toBe('CreateTags');
    expect(Object.fromEntries(requests[0]!.form)).toMatchObject({
      'ResourceId.1': 'i-1',
      'ResourceId.2': 'i-2',
      'Tag.1.Key': 'Colour',
      'Tag.1.Value': 'green',
      'Tag.2.Key': 'elastigroup-bluegreen:release',
      'Tag.2.Value': 'bg-1/strays-1',
    });
  });

  test('a refusal says that nothing was done', async () => {
    answerAws(server, () => ec2Error('TagLimitExceeded'));
    const error = await failureOf(gateway().createTags(['i-1'], [{ key: 'a', value: 'b' }]));
    expect(error).toMatchObject({ kind: 'refused', acted: 'no', operation: 'createTags' });
  });
});
