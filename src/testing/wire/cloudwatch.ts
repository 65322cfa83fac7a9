import type { AlarmsSimulation, SimulatedAlarm, SimulatedAlarmState } from '../model/alarms.js';
import { Refusal } from '../model/parts.js';
import type { WireRequest, WireResponse, WireService } from './http.js';
import { pageOf } from './page.js';

const TARGET_PREFIX = 'GraniteServiceVersion20100801.';
const MOST_NAMES = 100;
const MOST_RECORDS = 100;
/** Small, so that a caller who ignores `NextToken` is found out. */
const DEFAULT_RECORDS = 10;
const KINDS = ['CompositeAlarm', 'MetricAlarm', 'LogAlarm'] as const;
const FILTERS_WE_LACK = ['ActionPrefix', 'ChildrenOfAlarmName', 'ParentsOfAlarmName'];

interface Place {
  readonly region: string;
  readonly accountId: string;
}

type JsonObject = Readonly<Record<string, unknown>>;
type Operation = (model: AlarmsSimulation, body: JsonObject, place: Place) => unknown;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  DescribeAlarms: (model, body, place) => {
    for (const filter of FILTERS_WE_LACK) {
      if (body[filter] !== undefined) throw invalid(`The simulated CloudWatch has no filter ${filter}`);
    }
    const names = strings(body, 'AlarmNames');
    const prefix = string(body, 'AlarmNamePrefix');
    if (names !== undefined && names.length > MOST_NAMES) {
      throw invalid(`Value at 'alarmNames' failed to satisfy constraint: Member must have length <= ${MOST_NAMES}`);
    }
    if (names !== undefined && prefix !== undefined) {
      throw new Refusal('InvalidParameterCombination', 'AlarmNames and AlarmNamePrefix are mutually exclusive');
    }
    const kinds = strings(body, 'AlarmTypes') ?? ['MetricAlarm'];
    for (const kind of kinds) {
      if (!KINDS.some((known) => known === kind)) throw invalid(`Value '${kind}' at 'alarmTypes' is not an alarm type`);
    }
    const state = string(body, 'StateValue');
    const found = model
      .all()
      .filter(
        (alarm) =>
          kinds.includes(kindOf(alarm)) &&
          (names === undefined || names.includes(alarm.name)) &&
          (prefix === undefined || alarm.name.startsWith(prefix)) &&
          (state === undefined || alarm.state === state),
      );
    const page = pageOf(found, {
      size: records(body),
      token: string(body, 'NextToken'),
      refusal: 'InvalidNextToken',
    });
    const shapes = (kind: (typeof KINDS)[number]) =>
      page.items.filter((alarm) => kindOf(alarm) === kind).map((alarm) => shape(alarm, place));
    return {
      CompositeAlarms: shapes('CompositeAlarm'),
      MetricAlarms: shapes('MetricAlarm'),
      ...(page.next === undefined ? {} : { NextToken: page.next }),
    };
  },

  SetAlarmState: (model, body) => {
    model.setState(
      needed(body, 'AlarmName'),
      needed(body, 'StateValue') as SimulatedAlarmState,
      needed(body, 'StateReason'),
    );
    return {};
  },
};

/** CloudWatch's alarms on the wire: AWS JSON 1.0 in the form that stays compatible with the old query protocol. */
export function cloudWatchWire(
  model: AlarmsSimulation,
  options: Place & { readonly newRequestId: () => string },
): WireService {
  const answer = (status: number, body: unknown, code?: string): WireResponse => ({
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': options.newRequestId(),
      // The SDK reads the code from here, not from the body.
      ...(code === undefined ? {} : { 'x-amzn-query-error': `${code};${status >= 500 ? 'Receiver' : 'Sender'}` }),
    },
    body: JSON.stringify(body),
  });
  const refuse = (code: string, message: string, status: number): WireResponse =>
    answer(status, { __type: `com.amazonaws.cloudwatch#${code}`, message }, code);
  return {
    name: 'cloudwatch',
    operationOf: (request) => {
      const target = request.headers['x-amz-target'] ?? '';
      const operation = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
      return Object.hasOwn(OPERATIONS, operation) ? operation : 'unknown';
    },
    handle: (request, operation) => {
      const act = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
      if (act === undefined) {
        const target = request.headers['x-amz-target'] ?? 'none';
        throw new Refusal('UnknownOperationException', `The simulated CloudWatch has no operation ${target}`);
      }
      return answer(200, act(model, bodyOf(request), options));
    },
    refuse: ({ code, message, status }) => refuse(code, message, status),
    throttled: () => refuse('Throttling', 'Rate exceeded', 400),
  };
}

const kindOf = ({ kind }: SimulatedAlarm) => (kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm');

function shape(alarm: SimulatedAlarm, { region, accountId }: Place): JsonObject {
  return {
    AlarmName: alarm.name,
    AlarmArn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${alarm.name}`,
    ActionsEnabled: true,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateUpdatedTimestamp: alarm.updatedAt / 1000,
    StateTransitionedTimestamp: alarm.since / 1000,
  };
}

function records(body: JsonObject): number {
  const most = body['MaxRecords'] ?? DEFAULT_RECORDS;
  if (typeof most === 'number' && Number.isInteger(most) && most >= 1 && most <= MOST_RECORDS) return most;
  throw invalid(`Value at 'maxRecords' failed to satisfy constraint: 1 to ${MOST_RECORDS}`);
}

function string(body: JsonObject, field: string): string | undefined {
  const value = body[field];
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw invalid(`${field} is not a string`);
}

function needed(body: JsonObject, field: string): string {
  const value = string(body, field);
  if (value === undefined) throw new Refusal('MissingParameter', `The parameter ${field} is required`);
  return value;
}

function strings(body: JsonObject, field: string): readonly string[] | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((each): each is string => typeof each === 'string')) return value;
  throw invalid(`${field} is not a list of strings`);
}

function bodyOf(request: WireRequest): JsonObject {
  try {
    const body: unknown = JSON.parse(request.body === '' ? '{}' : request.body);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as JsonObject;
  } catch {
    // Told below: what cannot be read is refused as what is not an object.
  }
  throw new Refusal('SerializationException', 'The request body is not a JSON object');
}

function invalid(message: string): Refusal {
  return new Refusal('ValidationError', message);
}
