import type * as ElbSdk from '@aws-sdk/client-elastic-load-balancing-v2';
import * as v from 'valibot';
import { CloudError } from '../errors/cloud-error.js';
import type { CloudCallEnvironment } from '../policies/cloud-call.js';
import type { Call } from '../ports/call.js';
import type { TargetGroup, TargetGroups, TargetHealth } from '../ports/target-groups.js';
import { allPages, awsCall, batchesOf } from './aws-call.js';
import type { AwsClients } from './aws-clients.js';
import { targetsInput } from './target-inputs.js';

const BATCH = 20;
const DEREGISTRATION_DELAY = 'deregistration_delay.timeout_seconds';
const DEFAULT_DEREGISTRATION_DELAY_MS = 300_000;

const described = v.pipe(
  v.object({
    TargetGroups: v.array(
      v.object({
        TargetGroupArn: v.string(),
        TargetGroupName: v.string(),
        TargetType: v.nullish(v.string(), 'instance'),
        Port: v.nullish(v.number()),
        LoadBalancerArns: v.nullish(v.array(v.string()), []),
      }),
    ),
    NextMarker: v.nullish(v.string()),
  }),
  v.transform(({ TargetGroups, NextMarker }) => ({ items: TargetGroups, next: NextMarker ?? undefined })),
);
type Described = v.InferOutput<typeof described>['items'][number];

const attributes = v.object({ Attributes: v.array(v.object({ Key: v.string(), Value: v.nullish(v.string(), '') })) });

const health = v.object({
  TargetHealthDescriptions: v.array(
    v.pipe(
      v.object({
        Target: v.object({ Id: v.string(), Port: v.nullish(v.number()) }),
        TargetHealth: v.object({
          State: v.string(),
          Reason: v.nullish(v.string()),
          Description: v.nullish(v.string()),
        }),
      }),
      v.transform(
        ({ Target, TargetHealth: { State, Reason, Description } }): TargetHealth => ({
          targetId: Target.Id,
          ...(Target.Port == null ? {} : { port: Target.Port }),
          state: State,
          ...(Reason ? { reason: Reason } : {}),
          ...(Description ? { description: Description } : {}),
        }),
      ),
    ),
  ),
});

let loading: Promise<typeof ElbSdk> | undefined;

/** Target groups through the AWS SDK. */
export class TargetGroupsGateway implements TargetGroups {
  readonly #clients: AwsClients;
  readonly #environment: CloudCallEnvironment;

  constructor(clients: AwsClients, environment: CloudCallEnvironment) {
    this.#clients = clients;
    this.#environment = environment;
  }

  async describeTargetGroups(namesOrArns: readonly string[], call?: Call): Promise<readonly TargetGroup[]> {
    const wanted = [...new Set(namesOrArns)];
    const isArn = (nameOrArn: string) => nameOrArn.startsWith('arn:');
    const found = new Map<string, Described>();
    // One request takes names or ARNs, not both.
    for (const batch of [
      ...batchesOf(wanted.filter(isArn), BATCH),
      ...batchesOf(
        wanted.filter((x) => !isArn(x)),
        BATCH,
      ),
    ]) {
      for (const targetGroup of await this.#describeBatch(batch, call)) {
        found.set(targetGroup.TargetGroupArn, targetGroup);
        found.set(targetGroup.TargetGroupName, targetGroup);
      }
    }
    const answers = new Map<string, TargetGroup>();
    for (const nameOrArn of wanted) {
      const one = found.get(nameOrArn) ?? notFound(nameOrArn);
      if (answers.has(one.TargetGroupArn)) continue;
      answers.set(one.TargetGroupArn, {
        arn: one.TargetGroupArn,
        name: one.TargetGroupName,
        targetType: one.TargetType,
        ...(one.Port == null ? {} : { port: one.Port }),
        deregistrationDelayMs: await this.#deregistrationDelayMs(one.TargetGroupArn, call),
        loadBalancerArns: one.LoadBalancerArns,
      });
    }
    return [...answers.values()];
  }

  async targetHealth(targetGroupArn: string, call?: Call): Promise<readonly TargetHealth[]> {
    const request = { service: 'elbv2', operation: 'targetHealth', mutates: false } as const;
    const { TargetHealthDescriptions } = await awsCall(this.#environment, request, call, health, async (options) => {
      const { client, DescribeTargetHealthCommand } = await this.#sdk();
      return client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }), options);
    });
    return TargetHealthDescriptions;
  }

  async registerTargets(targetGroupArn: string, instanceIds: readonly string[], call?: Call): Promise<void> {
    if (instanceIds.length === 0) return;
    const request = { service: 'elbv2', operation: 'registerTargets', mutates: true } as const;
    await awsCall(this.#environment, request, call, v.unknown(), async (options) => {
      const { client, RegisterTargetsCommand } = await this.#sdk();
      return client.send(new RegisterTargetsCommand(targetsInput(targetGroupArn, instanceIds)), options);
    });
  }

  async deregisterTargets(targetGroupArn: string, instanceIds: readonly string[], call?: Call): Promise<void> {
    if (instanceIds.length === 0) return;
    const request = { service: 'elbv2', operation: 'deregisterTargets', mutates: true } as const;
    await awsCall(this.#environment, request, call, v.unknown(), async (options) => {
      const { client, DeregisterTargetsCommand } = await this.#sdk();
      return client.send(new DeregisterTargetsCommand(targetsInput(targetGroupArn, instanceIds)), options);
    });
  }

  async #describeBatch(batch: readonly string[], call: Call | undefined): Promise<readonly Described[]> {
    try {
      return await this.#describe(batch, call);
    } catch (error) {
      if (!CloudError.is(error) || error.failure.kind !== 'not-found') throw error;
      const [only] = batch;
      if (batch.length === 1 && only !== undefined) return notFound(only, error);
      // Asked for several, the service does not say which of them it does not know.
      const found: Described[] = [];
      for (const one of batch) found.push(...(await this.#describeBatch([one], call)));
      return found;
    }
  }

  #describe(batch: readonly string[], call: Call | undefined): Promise<Described[]> {
    const by = batch[0]?.startsWith('arn:') ? { TargetGroupArns: [...batch] } : { Names: [...batch] };
    const request = { service: 'elbv2', operation: 'describeTargetGroups', mutates: false } as const;
    return allPages(request, (token) =>
      awsCall(this.#environment, request, call, described, async (options) => {
        const { client, DescribeTargetGroupsCommand } = await this.#sdk();
        const page = { ...by, ...(token === undefined ? {} : { Marker: token }) };
        return client.send(new DescribeTargetGroupsCommand(page), options);
      }),
    );
  }

  async #deregistrationDelayMs(targetGroupArn: string, call: Call | undefined): Promise<number> {
    const request = { service: 'elbv2', operation: 'describeTargetGroups', mutates: false } as const;
    const { Attributes } = await awsCall(this.#environment, request, call, attributes, async (options) => {
      const { client, DescribeTargetGroupAttributesCommand } = await this.#sdk();
      return client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn }), options);
    });
    const value = Attributes.find(({ Key }) => Key === DEREGISTRATION_DELAY)?.Value;
    const seconds = value === undefined || value === '' ? Number.NaN : Number(value);
    return Number.isFinite(seconds) ? seconds * 1000 : DEFAULT_DEREGISTRATION_DELAY_MS;
  }

  async #sdk() {
    loading ??= import('@aws-sdk/client-elastic-load-balancing-v2');
    const client = await this.#clients.elasticLoadBalancingV2();
    const sdk = await loading;
    return {
      client,
      DescribeTargetGroupsCommand: sdk.DescribeTargetGroupsCommand,
      DescribeTargetGroupAttributesCommand: sdk.DescribeTargetGroupAttributesCommand,
      DescribeTargetHealthCommand: sdk.DescribeTargetHealthCommand,
      RegisterTargetsCommand: sdk.RegisterTargetsCommand,
      DeregisterTargetsCommand: sdk.DeregisterTargetsCommand,
    };
  }
}

function notFound(nameOrArn: string, error?: CloudError): never {
  throw new CloudError({
    ...(error?.failure ?? { acted: 'no' }),
    service: 'elbv2',
    operation: 'describeTargetGroups',
    kind: 'not-found',
    message: `there is no target group ${nameOrArn} in this region and account`,
  });
}
