import type { SimulatedTargetGroup } from '../model/parts.js';
import { Refusal } from '../model/parts.js';
import type { LoadBalancingSimulation } from '../model/target-groups.js';
import { NOT_REGISTERED } from '../model/target.js';
import { Form } from './form.js';
import type { WireRequest, WireResponse, WireService } from './http.js';
import { pageOf } from './page.js';
import type { XmlChild, XmlValue } from './xml.js';
import { xmlDocument, xmlList } from './xml.js';

const NAMESPACE = 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/';
const LARGEST_PAGE = 400;
/** For so long after registering, a question that names the target does not know it. */
const REGISTRATION_LAG_MS = 1000;

interface Around {
  readonly region: string;
  readonly accountId: string;
  now(): number;
  newRequestId(): string;
}

/** The query protocol of Elastic Load Balancing: a form in, XML out. */
export function elbv2Wire(loadBalancing: LoadBalancingSimulation, around: Around): WireService {
  const operations: Readonly<Record<string, (form: Form) => readonly XmlChild[]>> = {
    DescribeTargetGroups: (form) => describeTargetGroups(loadBalancing, form, around),
    DescribeTargetGroupAttributes: (form) => describeAttributes(named(loadBalancing, form)),
    DescribeTargetHealth: (form) => describeTargetHealth(loadBalancing, form, around),
    RegisterTargets(form) {
      loadBalancing.register(named(loadBalancing, form).arn, targetIds(form, 'required'));
      return [];
    },
    DeregisterTargets(form) {
      loadBalancing.deregister(named(loadBalancing, form).arn, targetIds(form, 'required'));
      return [];
    },
  };
  const refuse: WireService['refuse'] = ({ code, message, status }) => {
    const error: XmlValue = [
      ['Type', status >= 500 ? 'Receiver' : 'Sender'],
      ['Code', code],
      ['Message', message],
    ];
    const body: XmlValue = [
      ['Error', error],
      ['RequestId', around.newRequestId()],
    ];
    return xmlAnswer(status, xmlDocument('ErrorResponse', body, NAMESPACE));
  };
  return {
    name: 'elbv2',
    operationOf: (request) => new Form(request.body).text('Action') ?? 'unknown',
    handle(request: WireRequest, operation: string): WireResponse {
      const act = operations[operation];
      if (act === undefined)
        throw new Refusal('InvalidAction', `Could not find operation ${operation} for version 2015-12-01`);
      const content: XmlValue = [
        [`${operation}Result`, act(new Form(request.body))],
        ['ResponseMetadata', [['RequestId', around.newRequestId()]]],
      ];
      return xmlAnswer(200, xmlDocument(`${operation}Response`, content, NAMESPACE));
    },
    refuse,
    throttled: (request) => refuse({ code: 'Throttling', message: 'Rate exceeded', status: 400 }, request),
  };
}

function xmlAnswer(status: number, body: string): WireResponse {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}

function named(loadBalancing: LoadBalancingSimulation, form: Form): SimulatedTargetGroup {
  const arn = form.text('TargetGroupArn') ?? '';
  if (!/^arn:[^:]+:elasticloadbalancing:[^:]+:[^:]+:targetgroup\//.test(arn))
    throw new Refusal('ValidationError', `'${arn}' is not a valid target group ARN`);
  return loadBalancing.targetGroup(arn);
}

function targetIds(form: Form, need: 'required' | 'optional'): string[] {
  const ids = form.entries('Targets.member').map((entry) => form.text(`${entry}.Id`) ?? '');
  if (need === 'required' && ids.length === 0)
    throw new Refusal('ValidationError', 'At least one target must be specified');
  return ids;
}

function describeTargetGroups(loadBalancing: LoadBalancingSimulation, form: Form, around: Around): readonly XmlChild[] {
  const names = form.list('Names.member');
  const arns = form.list('TargetGroupArns.member');
  if (names.length > 0 && arns.length > 0)
    throw new Refusal(
      'ValidationError',
      'Target group names and target group ARNs cannot be specified at the same time',
    );
  const asked = [...names, ...arns];
  const found =
    asked.length > 0 ? asked.map((each) => loadBalancing.targetGroup(each)) : [...loadBalancing.targetGroups()];
  const page = pageOf(found, {
    size: form.whole('PageSize') ?? LARGEST_PAGE,
    token: form.text('Marker'),
    refusal: 'ValidationError',
  });
  const groups = xmlList('member', page.items, (group) =>
    targetGroupXml(group, loadBalancing.isInUse(group.arn), around),
  );
  return [
    ['TargetGroups', groups],
    ['NextMarker', page.next],
  ];
}

function targetGroupXml(group: SimulatedTargetGroup, inUse: boolean, around: Around): readonly XmlChild[] {
  const loadBalancer = `arn:aws:elasticloadbalancing:${around.region}:${around.accountId}:loadbalancer/app/shop-alb/50dc6c495c0c9188`;
  return [
    ['TargetGroupArn', group.arn],
    ['TargetGroupName', group.name],
    ['Protocol', 'HTTP'],
    ['Port', group.port],
    ['VpcId', 'vpc-0a1b2c3d'],
    ['HealthCheckProtocol', 'HTTP'],
    ['HealthCheckPort', 'traffic-port'],
    ['HealthCheckEnabled', true],
    ['HealthCheckIntervalSeconds', 10],
    ['HealthCheckTimeoutSeconds', 5],
    ['HealthyThresholdCount', 2],
    ['UnhealthyThresholdCount', 2],
    ['HealthCheckPath', '/health'],
    ['Matcher', [['HttpCode', '200']]],
    ['LoadBalancerArns', inUse ? [['member', loadBalancer]] : []],
    ['TargetType', 'instance'],
  ];
}

function describeAttributes(group: SimulatedTargetGroup): readonly XmlChild[] {
  const attributes = [
    ['deregistration_delay.timeout_seconds', group.deregistrationDelayMs / 1000],
    ['stickiness.enabled', false],
    ['slow_start.duration_seconds', 0],
    ['load_balancing.algorithm.type', 'round_robin'],
  ] as const;
  const members = xmlList('member', attributes, ([key, value]) => [
    ['Key', key],
    ['Value', value],
  ]);
  return [['Attributes', members]];
}

function describeTargetHealth(loadBalancing: LoadBalancingSimulation, form: Form, around: Around): readonly XmlChild[] {
  const group = named(loadBalancing, form);
  const asked = targetIds(form, 'optional');
  const all = loadBalancing.health(group.arn);
  const found =
    asked.length === 0
      ? all
      : asked.map((instanceId) => {
          const since = around.now() - (loadBalancing.registeredAt(group.arn, instanceId) ?? around.now());
          const known =
            since < REGISTRATION_LAG_MS ? undefined : all.find((target) => target.instanceId === instanceId);
          return known ?? { instanceId, state: 'unused', ...NOT_REGISTERED };
        });
  const members = xmlList('member', found, ({ instanceId, state, reason, description }) => [
    [
      'Target',
      [
        ['Id', instanceId],
        ['Port', group.port],
      ],
    ],
    ['HealthCheckPort', String(group.port)],
    [
      'TargetHealth',
      [
        ['State', state],
        ['Reason', reason],
        ['Description', description],
      ],
    ],
  ]);
  return [['TargetHealthDescriptions', members]];
}
