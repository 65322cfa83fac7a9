import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TargetGroupsGateway } from '../../src/aws/target-groups-gateway.js';
import { answerAws, aws, elbError, failureOf, xml } from './aws-helpers.js';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function gateway() {
  const { clients, environment } = aws();
  return new TargetGroupsGateway(clients, environment);
}

const ARN = 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/';
const result = (action: string, inner: string) =>
  xml(
    `<${action}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><${action}Result>${inner}</${action}Result><ResponseMetadata><RequestId>req-7</RequestId></ResponseMetadata></${action}Response>`,
  );
const group = (name: string) =>
  `<member><TargetGroupArn>${ARN}${name}</TargetGroupArn><TargetGroupName>${name}</TargetGroupName><TargetType>instance</TargetType><Port>80</Port><LoadBalancerArns><member>arn:lb</member></LoadBalancerArns></member>`;
const list = (form: URLSearchParams, field: string) =>
  [...form].filter(([name]) => name.startsWith(`${field}.member.`)).map(([, value]) => value);
const attributes = (seconds: string) =>
  result(
    'DescribeTargetGroupAttributes',
    `<Attributes><member><Key>stickiness.enabled</Key><Value>false</Value></member>${seconds}</Attributes>`,
  );
const DELAY = '<member><Key>deregistration_delay.timeout_seconds</Key><Value>45</Value></member>';

/** A load balancer with these target groups; one unknown name fails the whole request, as it does on AWS. */
function withGroups(...names: string[]) {
  return answerAws(server, ({ operation, form }) => {
    if (operation === 'DescribeTargetGroupAttributes') return attributes(DELAY);
    const asked = [...list(form, 'Names'), ...list(form, 'TargetGroupArns').map((arn) => arn.slice(ARN.length))];
    if (!asked.every((name) => names.includes(name))) {
      return elbError('TargetGroupNotFound', 'One or more target groups not found');
    }
    return result('DescribeTargetGroups', `<TargetGroups>${asked.map(group).join('')}</TargetGroups>`);
  });
}

describe('describing target groups', () => {
  test('names and ARNs are asked for apart, and answered in the order asked, each group once', async () => {
    const requests = withGroups('a', 'b');
    const found = await gateway().describeTargetGroups(['b', `${ARN}a`, 'a']);
    expect(found.map(({ name }) => name)).toEqual(['b', 'a']);
    expect(found[0]).toEqual({
      arn: `${ARN}b`,
      name: 'b',
      targetType: 'instance',
      port: 80,
      deregistrationDelayMs: 45_000,
      loadBalancerArns: ['arn:lb'],
    });
    for (const { form } of requests.filter(({ operation }) => operation === 'DescribeTargetGroups')) {
      expect(list(form, 'Names').length === 0 || list(form, 'TargetGroupArns').length === 0).toBe(true);
    }
  });

  test('of several, the one that does not exist is named', async () => {
    withGroups('a', 'c');
    const failure = await failureOf(gateway().describeTargetGroups(['a', 'nope', 'c']));
    expect(failure).toMatchObject({ kind: 'not-found', acted: 'no', service: 'elbv2', requestId: 'req-7' });
    expect(failure.message).toContain('no target group nope');
  });

  test('a group that is left out of an answer is not found', async () => {
    answerAws(server, () => result('DescribeTargetGroups', '<TargetGroups/>'));
    const failure = await failureOf(gateway().describeTargetGroups([`${ARN}gone`]));
    expect(failure).toMatchObject({ kind: 'not-found' });
    expect(failure.message).toContain(`${ARN}gone`);
  });

  test('an answer of another shape is malformed, not an absent group', async () => {
    answerAws(server, () => xml('<html><body>proxy</body></html>'));
    expect(await failureOf(gateway().describeTargetGroups(['a']))).toMatchObject({ kind: 'malformed' });
  });

  test('all pages are read', async () => {
    answerAws(server, ({ operation, form }) => {
      if (operation === 'DescribeTargetGroupAttributes') return attributes(DELAY);
      return form.get('Marker') === 'm2'
        ? result('DescribeTargetGroups', `<TargetGroups>${group('b')}</TargetGroups>`)
        : result('DescribeTargetGroups', `<TargetGroups>${group('a')}</TargetGroups><NextMarker>m2</NextMarker>`);
    });
    expect(await gateway().describeTargetGroups(['a', 'b'])).toHaveLength(2);
  });

  test('without the attribute the delay is the default of five minutes', async () => {
    answerAws(server, ({ operation }) =>
      operation === 'DescribeTargetGroupAttributes'
        ? attributes('')
        : result('DescribeTargetGroups', `<TargetGroups>${group('a')}</TargetGroups>`),
    );
    expect((await gateway().describeTargetGroups(['a']))[0]).toMatchObject({ deregistrationDelayMs: 300_000 });
  });

  test('nothing asked, nothing sent', async () => {
    expect(await gateway().describeTargetGroups([])).toEqual([]);
  });
});

describe('target health', () => {
  test('state, reason and description are read, unknown states as they come', async () => {
    answerAws(server, () =>
      result(
        'DescribeTargetHealth',
        '<TargetHealthDescriptions><member><Target><Id>i-1</Id><Port>80</Port></Target><TargetHealth><State>unhealthy</State><Reason>Target.Timeout</Reason><Description>slow</Description></TargetHealth></member><member><Target><Id>i-2</Id></Target><TargetHealth><State>brand-new</State></TargetHealth></member></TargetHealthDescriptions>',
      ),
    );
    expect(await gateway().targetHealth(`${ARN}a`)).toEqual([
      { targetId: 'i-1', port: 80, state: 'unhealthy', reason: 'Target.Timeout', description: 'slow' },
      { targetId: 'i-2', state: 'brand-new' },
    ]);
  });

  test('an empty target group is an empty list', async () => {
    answerAws(server, () => result('DescribeTargetHealth', '<TargetHealthDescriptions/>'));
    expect(await gateway().targetHealth(`${ARN}a`)).toEqual([]);
  });

  test('an answer without the list is malformed, not an empty target group', async () => {
    answerAws(server, () => result('DescribeTargetHealth', ''));
    expect(await failureOf(gateway().targetHealth(`${ARN}a`))).toMatchObject({ kind: 'malformed' });
  });
});

describe('registering targets', () => {
  test('all ids go into one request', async () => {
    const requests = answerAws(server, () => result('RegisterTargets', ''));
    await gateway().registerTargets(`${ARN}a`, ['i-1', 'i-2']);
    expect(requests).toHaveLength(1);
    expect(Object.fromEntries(requests[0]!.form)).toMatchObject({
      Action: 'RegisterTargets',
      TargetGroupArn: `${ARN}a`,
      'Targets.member.1.Id': 'i-1',
      'Targets.member.2.Id': 'i-2',
    });
  });

  test('a failure on the service’s side leaves open what happened; nothing to register sends nothing', async () => {
    const requests = answerAws(server, () => elbError('InternalFailure', 'x', 500));
    expect(await failureOf(gateway().registerTargets(`${ARN}a`, ['i-1']))).toMatchObject({
      kind: 'unavailable',
      acted: 'unknown',
    });
    await gateway().registerTargets(`${ARN}a`, []);
    expect(requests).toHaveLength(1);
  });
});
