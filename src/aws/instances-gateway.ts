import type * as Ec2Sdk from '@aws-sdk/client-ec2';
import type { Filter } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { BlueGreenError } from '../errors/blue-green-error.js';
import type { CloudCallEnvironment } from '../policies/cloud-call.js';
import type { Call } from '../ports/call.js';
import type { Tag } from '../ports/elastigroups.js';
import type { Instance, Instances, InstanceState, TagCondition } from '../ports/instances.js';
import { allPages, awsCall, batchesOf } from './aws-call.js';
import type { AwsClients } from './aws-clients.js';
import { tagsInput } from './target-inputs.js';

/**
 * As many values as EC2 takes in a filter. Its XML takes about 70 µs an instance to parse, all at once: larger pages of what is
 * found by tag would hold up everything else.
 */
const PAGE = 200;
const STATES = [
  'pending',
  'running',
  'shutting-down',
  'terminated',
  'stopping',
  'stopped',
] as const satisfies readonly InstanceState[];
const NOT_TERMINATED = STATES.filter((state) => state !== 'terminated');

const instanceAnswer = v.pipe(
  v.object({
    InstanceId: v.string(),
    State: v.object({ Name: v.picklist(STATES) }),
    StateReason: v.nullish(v.object({ Code: v.nullish(v.string()) })),
    PrivateIpAddress: v.nullish(v.string()),
    Tags: v.nullish(v.array(v.object({ Key: v.string(), Value: v.nullish(v.string(), '') })), []),
  }),
  v.transform(
    ({ InstanceId, State, StateReason, PrivateIpAddress, Tags }): Instance => ({
      instanceId: InstanceId,
      state: State.Name,
      ...(StateReason?.Code ? { stateReason: StateReason.Code } : {}),
      ...(PrivateIpAddress ? { privateIp: PrivateIpAddress } : {}),
      tags: Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
    }),
  ),
);

// EC2 answers an empty list where there is nothing. No list at all is another document, such as a proxy's page, which the
// SDK reads as an answer without instances.
const answer = v.pipe(
  v.object({
    Reservations: v.array(v.object({ Instances: v.nullish(v.array(instanceAnswer), []) })),
    NextToken: v.nullish(v.string()),
  }),
  v.transform(({ Reservations, NextToken }) => ({
    items: Reservations.flatMap(({ Instances }) => Instances),
    next: NextToken ?? undefined,
  })),
);

let loading: Promise<typeof Ec2Sdk> | undefined;

/** EC2 through the AWS SDK. */
export class InstancesGateway implements Instances {
  readonly #clients: AwsClients;
  readonly #environment: CloudCallEnvironment;

  constructor(clients: AwsClients, environment: CloudCallEnvironment) {
    this.#clients = clients;
    this.#environment = environment;
  }

  async describeInstances(instanceIds: readonly string[], call?: Call): Promise<readonly Instance[]> {
    const found: Instance[] = [];
    for (const ids of batchesOf([...new Set(instanceIds)], PAGE)) {
      // Asked by filter: asked by id, one unknown id would fail them all.
      found.push(
        ...(await this.#find('describeInstances', [{ Name: 'instance-id', Values: ids.map(literally) }], call)),
      );
    }
    return found;
  }

  async findByTags(all: readonly TagCondition[], call?: Call): Promise<readonly Instance[]> {
    if (all.length === 0) throw new BlueGreenError('INTERNAL', 'findByTags without a condition would find everything.');
    const filters: Filter[] = [];
    for (const [key, values] of valuesByKey(all)) {
      if (values?.length === 0) return [];
      filters.push({ Name: `tag:${key}`, Values: values === undefined ? ['*'] : values.map(literally) });
    }
    filters.push({ Name: 'instance-state-name', Values: [...NOT_TERMINATED] });
    const found = await this.#find('findByTags', filters, call);
    return found.filter(({ state }) => state !== 'terminated');
  }

  async createTags(instanceIds: readonly string[], tags: readonly Tag[], call?: Call): Promise<void> {
    const request = { service: 'ec2', operation: 'createTags', mutates: true } as const;
    await awsCall(this.#environment, request, call, v.unknown(), async (options) => {
      loading ??= import('@aws-sdk/client-ec2');
      const client = await this.#clients.ec2();
      const { CreateTagsCommand } = await loading;
      return client.send(new CreateTagsCommand(tagsInput(instanceIds, tags)), options);
    });
  }

  #find(operation: string, filters: Filter[], call: Call | undefined): Promise<Instance[]> {
    const request = { service: 'ec2', operation, mutates: false } as const;
    return allPages(request, (token) =>
      awsCall(this.#environment, request, call, answer, async (options) => {
        loading ??= import('@aws-sdk/client-ec2');
        const client = await this.#clients.ec2();
        const { DescribeInstancesCommand } = await loading;
        const page = { Filters: filters, MaxResults: PAGE, ...(token === undefined ? {} : { NextToken: token }) };
        return client.send(new DescribeInstancesCommand(page), options);
      }),
    );
  }
}

/** What each key may be; two conditions on one key have to hold at once. Undefined = any value. */
function valuesByKey(all: readonly TagCondition[]): Map<string, readonly string[] | undefined> {
  const byKey = new Map<string, readonly string[] | undefined>();
  for (const { key, values } of all) {
    const before = byKey.get(key);
    byKey.set(
      key,
      before === undefined ? values : values === undefined ? before : before.filter((x) => values.includes(x)),
    );
  }
  return byKey;
}

/** EC2 reads `*` and `?` in a filter as wildcards. */
function literally(value: string): string {
  return value.replace(/[\\*?]/g, '\\$&');
}
