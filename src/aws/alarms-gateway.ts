import type * as CloudWatchSdk from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import type { CloudCallEnvironment } from '../policies/cloud-call.js';
import type { Alarms, AlarmState } from '../ports/alarms.js';
import type { Call } from '../ports/call.js';
import { allPages, awsCall, batchesOf } from './aws-call.js';
import type { AwsClients } from './aws-clients.js';

/** What the service takes in one request, names and answers alike. */
const BATCH = 100;

const alarm = v.object({
  AlarmName: v.string(),
  StateValue: v.string(),
  StateReason: v.nullish(v.string()),
  StateTransitionedTimestamp: v.nullish(v.date()),
  StateUpdatedTimestamp: v.nullish(v.date()),
});

const answer = v.pipe(
  v.object({
    MetricAlarms: v.nullish(v.array(alarm)),
    CompositeAlarms: v.nullish(v.array(alarm)),
    NextToken: v.nullish(v.string()),
  }),
  // An answer without either list is none of CloudWatch's, and must not be read as "there is no such alarm".
  v.check(
    ({ MetricAlarms, CompositeAlarms }) => Boolean(MetricAlarms ?? CompositeAlarms),
    'it holds no list of alarms',
  ),
  v.transform(({ MetricAlarms, CompositeAlarms, NextToken }) => ({
    items: [
      ...(MetricAlarms ?? []).map((each) => stateOf(each, 'metric')),
      ...(CompositeAlarms ?? []).map((each) => stateOf(each, 'composite')),
    ],
    next: NextToken ?? undefined,
  })),
);

let loading: Promise<typeof CloudWatchSdk> | undefined;

/** CloudWatch alarms through the AWS SDK. */
export class AlarmsGateway implements Alarms {
  readonly #clients: AwsClients;
  readonly #environment: CloudCallEnvironment;

  constructor(clients: AwsClients, environment: CloudCallEnvironment) {
    this.#clients = clients;
    this.#environment = environment;
  }

  async describeAlarms(names: readonly string[], call?: Call): Promise<readonly AlarmState[]> {
    const wanted = [...new Set(names)];
    const found = new Map<string, AlarmState>();
    for (const batch of batchesOf(wanted, BATCH)) {
      for (const each of await this.#describe(batch, call)) found.set(each.name, each);
    }
    return wanted.flatMap((name) => found.get(name) ?? []);
  }

  #describe(batch: string[], call: Call | undefined): Promise<AlarmState[]> {
    const request = { service: 'cloudwatch', operation: 'describeAlarms', mutates: false } as const;
    return allPages(request, (token) =>
      awsCall(this.#environment, request, call, answer, async (options) => {
        loading ??= import('@aws-sdk/client-cloudwatch');
        const client = await this.#clients.cloudWatch();
        const { DescribeAlarmsCommand } = await loading;
        const page = {
          AlarmNames: batch,
          // Not named, composite alarms would be left out.
          AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const],
          MaxRecords: BATCH,
          ...(token === undefined ? {} : { NextToken: token }),
        };
        return client.send(new DescribeAlarmsCommand(page), options);
      }),
    );
  }
}

function stateOf(found: v.InferOutput<typeof alarm>, kind: AlarmState['kind']): AlarmState {
  // The other time also moves when the same state is found again.
  const since = found.StateTransitionedTimestamp ?? found.StateUpdatedTimestamp;
  return {
    name: found.AlarmName,
    kind,
    state: found.StateValue,
    ...(found.StateReason ? { reason: found.StateReason } : {}),
    ...(since ? { since: since.toISOString() } : {}),
  };
}
