import type { Ec2Simulation } from '../model/instances.js';
import type { SimulatedInstance } from '../model/parts.js';
import { Refusal } from '../model/parts.js';
import { matchesFilters, readFilters } from './ec2-filters.js';
import { Form } from './form.js';
import type { WireRequest, WireResponse, WireService } from './http.js';
import { pageOf } from './page.js';
import type { XmlChild, XmlValue } from './xml.js';
import { xmlDocument, xmlList } from './xml.js';

const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';
const LARGEST_PAGE = 1000;
const STATE_CODES = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const satisfies Record<SimulatedInstance['state'], number>;

/** EC2's query protocol: a form in, XML out. */
export function ec2Wire(
  ec2: Ec2Simulation,
  around: { readonly accountId: string; newRequestId(): string },
): WireService {
  const operations: Readonly<Record<string, (form: Form) => readonly XmlChild[]>> = {
    DescribeInstances: (form) => describeInstances(ec2, form, around.accountId),
    DescribeTags: (form) => describeTags(ec2, form),
    CreateTags: (form) => createTags(ec2, form),
    DeleteTags: (form) => deleteTags(ec2, form),
  };
  const refuse: WireService['refuse'] = ({ code, message, status }) => {
    const error: XmlValue = [
      ['Code', code],
      ['Message', message],
    ];
    const body: XmlValue = [
      ['Errors', [['Error', error]]],
      ['RequestID', around.newRequestId()],
    ];
    return xmlAnswer(status, xmlDocument('Response', body));
  };
  return {
    name: 'ec2',
    operationOf: (request) => new Form(request.body).text('Action') ?? 'unknown',
    handle(request: WireRequest, operation: string): WireResponse {
      const act = operations[operation];
      if (act === undefined)
        throw new Refusal('InvalidAction', `The action ${operation} is not valid for this web service.`);
      const requestId = around.newRequestId();
      const content = act(new Form(request.body));
      return xmlAnswer(200, xmlDocument(`${operation}Response`, [['requestId', requestId], ...content], NAMESPACE));
    },
    refuse,
    throttled: (request) =>
      refuse({ code: 'RequestLimitExceeded', message: 'Request limit exceeded.', status: 503 }, request),
  };
}

function xmlAnswer(status: number, body: string): WireResponse {
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body };
}

function describeInstances(ec2: Ec2Simulation, form: Form, accountId: string): readonly XmlChild[] {
  const ids = form.list('InstanceId');
  const maxResults = form.whole('MaxResults');
  if (ids.length > 0 && maxResults !== undefined)
    throw new Refusal(
      'InvalidParameterCombination',
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  if (maxResults !== undefined && !(maxResults >= 5 && maxResults <= LARGEST_PAGE))
    throw new Refusal(
      'InvalidParameterValue',
      `Value ( ${maxResults} ) for parameter maxResults is invalid. Expecting a value between 5 and ${LARGEST_PAGE}.`,
    );
  const visible = ec2.visible();
  refuseUnknown(ids.filter((id) => !visible.some(({ instanceId }) => instanceId === id)));
  const filters = readFilters(form, [
    'instance-id',
    'instance-state-name',
    'tag-key',
    'instance-type',
    'private-ip-address',
    'availability-zone',
  ]);
  const found = visible.filter(
    (instance) =>
      (ids.length === 0 || ids.includes(instance.instanceId)) && matchesFilters(filters, instanceValues(ec2, instance)),
  );
  const page = pageOf(found, {
    size: maxResults ?? LARGEST_PAGE,
    token: form.text('NextToken'),
    refusal: 'InvalidNextToken',
  });
  const reservations = xmlList('item', page.items, (instance) => [
    ['reservationId', `r-${instance.instanceId.slice(2)}`],
    ['ownerId', accountId],
    ['instancesSet', [['item', instanceXml(ec2, instance)]]],
  ]);
  return [
    ['reservationSet', reservations],
    ['nextToken', page.next],
  ];
}

function refuseUnknown(ids: readonly string[]): void {
  if (ids.length === 0) return;
  const malformed = ids.filter((id) => !/^i-[0-9a-f]{8,17}$/.test(id));
  if (malformed.length > 0) throw new Refusal('InvalidInstanceID.Malformed', `Invalid id: "${malformed.join(', ')}"`);
  throw new Refusal(
    'InvalidInstanceID.NotFound',
    ids.length === 1
      ? `The instance ID '${ids.join('')}' does not exist`
      : `The instance IDs '${ids.join(', ')}' do not exist`,
  );
}

function instanceValues(ec2: Ec2Simulation, instance: SimulatedInstance): (filter: string) => readonly string[] {
  return (filter) => {
    if (filter === 'instance-id') return [instance.instanceId];
    const tags = ec2.tagsSeen(instance, 'ec2');
    if (filter.startsWith('tag:')) return [tags.get(filter.slice('tag:'.length)) ?? []].flat();
    if (filter === 'tag-key') return [...tags.keys()];
    const values: Readonly<Record<string, string>> = {
      'instance-state-name': instance.state,
      'instance-type': instance.instanceType,
      'private-ip-address': instance.privateIp,
      'availability-zone': instance.availabilityZone,
    };
    return [values[filter] ?? []].flat();
  };
}

function instanceXml(ec2: Ec2Simulation, instance: SimulatedInstance): readonly XmlChild[] {
  const { state, stateReason, terminatedAt } = instance;
  const gone = state === 'terminated';
  return [
    ['instanceId', instance.instanceId],
    ['imageId', 'ami-0a1b2c3d4e5f60718'],
    [
      'instanceState',
      [
        ['code', STATE_CODES[state]],
        ['name', state],
      ],
    ],
    ['privateIpAddress', gone ? undefined : instance.privateIp],
    ['instanceType', instance.instanceType],
    ['launchTime', new Date(instance.launchedAt).toISOString()],
    ['placement', [['availabilityZone', instance.availabilityZone]]],
    ['instanceLifecycle', 'spot'],
    ['reason', terminatedAt === undefined ? undefined : `${stateReason?.message ?? ''}`],
    [
      'stateReason',
      stateReason && [
        ['code', stateReason.code],
        ['message', stateReason.message],
      ],
    ],
    [
      'tagSet',
      xmlList('item', [...ec2.tagsSeen(instance, 'ec2')], ([key, value]) => [
        ['key', key],
        ['value', value],
      ]),
    ],
  ];
}

function describeTags(ec2: Ec2Simulation, form: Form): readonly XmlChild[] {
  const filters = readFilters(form, ['resource-id', 'resource-type', 'key', 'value']);
  const tags = ec2.visible().flatMap((instance) =>
    [...ec2.tagsSeen(instance, 'ec2')].map(([key, value]) => ({
      'resource-id': instance.instanceId,
      'resource-type': 'instance',
      key,
      value,
    })),
  );
  const found = tags.filter((tag: Readonly<Record<string, string>>) =>
    matchesFilters(filters, (filter) => [tag[filter] ?? []].flat()),
  );
  const page = pageOf(found, {
    size: form.whole('MaxResults') ?? LARGEST_PAGE,
    token: form.text('NextToken'),
    refusal: 'InvalidNextToken',
  });
  const items = xmlList('item', page.items, (tag) => [
    ['resourceId', tag['resource-id']],
    ['resourceType', tag['resource-type']],
    ['key', tag.key],
    ['value', tag.value],
  ]);
  return [
    ['tagSet', items],
    ['nextToken', page.next],
  ];
}

function createTags(ec2: Ec2Simulation, form: Form): readonly XmlChild[] {
  const ids = form.list('ResourceId');
  const tags = Object.fromEntries(
    form.entries('Tag').map((entry) => [form.text(`${entry}.Key`) ?? '', form.text(`${entry}.Value`) ?? '']),
  );
  for (const key of Object.keys(tags))
    if (key === '' || key.toLowerCase().startsWith('aws:'))
      throw new Refusal(
        'InvalidParameterValue',
        `Tag keys starting with 'aws:' are reserved for internal use: '${key}'`,
      );
  refuseUnknown(ids.filter((id) => ec2.get(id) === undefined));
  ec2.createTags(ids, tags);
  return [['return', true]];
}

function deleteTags(ec2: Ec2Simulation, form: Form): readonly XmlChild[] {
  const ids = form.list('ResourceId');
  refuseUnknown(ids.filter((id) => ec2.get(id) === undefined));
  const conditions = form.entries('Tag').map((entry) => ({
    key: form.text(`${entry}.Key`) ?? '',
    value: form.text(`${entry}.Value`),
  }));
  for (const id of ids) {
    const live = ec2.get(id)?.tags;
    // Without any key every tag goes; with a value only a tag that has this value.
    const keys =
      conditions.length === 0
        ? [...(live?.keys() ?? [])]
        : conditions.filter(({ key, value }) => value === undefined || live?.get(key) === value).map(({ key }) => key);
    ec2.deleteTags([id], keys);
  }
  return [['return', true]];
}
