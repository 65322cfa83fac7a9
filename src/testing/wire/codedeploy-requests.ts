import type { AlarmConfiguration, AutoRollback, AutoRollbackEvent } from '../model/code-deploy-groups.js';
import type { CreateDeploymentInput } from '../model/code-deploy-requests.js';
import type { CodeDeployTagFilter, InstanceSelection } from '../model/code-deploy-tags.js';
import { Refusal, type SimulatedRevision } from '../model/parts.js';

export type JsonObject = Readonly<Record<string, unknown>>;

const DEPLOYMENT_ID = /^d-[A-Z0-9]+$/;

export function text(body: JsonObject, field: string): string | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new Refusal('SerializationException', `${field} is not a string`);
  return value === '' ? undefined : value;
}

export function flag(body: JsonObject, field: string): boolean | undefined {
  const value = body[field];
  return typeof value === 'boolean' ? value : undefined;
}

/** Milliseconds, of a timestamp in seconds. */
export function instant(body: JsonObject, field: string): number | undefined {
  const value = body[field];
  return typeof value === 'number' ? value * 1000 : undefined;
}

export function texts(body: JsonObject, field: string): readonly string[] {
  const value = body[field];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

export function object(body: JsonObject, field: string): JsonObject | undefined {
  const value = body[field];
  return isObject(value) ? value : undefined;
}

export function required(body: JsonObject, field: string, code: string): string {
  const value = text(body, field);
  if (value === undefined) throw new Refusal(code, `${field} must be specified`);
  return value;
}

export function deploymentId(body: JsonObject): string {
  return checkedDeploymentId(required(body, 'deploymentId', 'DeploymentIdRequiredException'));
}

export function checkedDeploymentId(id: string): string {
  if (!DEPLOYMENT_ID.test(id)) {
    throw new Refusal('InvalidDeploymentIdException', `The specified deployment ID is in an invalid format: ${id}`);
  }
  return id;
}

export function deploymentGroupRef(body: JsonObject): { applicationName: string; deploymentGroupName: string } {
  return {
    applicationName: required(body, 'applicationName', 'ApplicationNameRequiredException'),
    deploymentGroupName: required(body, 'deploymentGroupName', 'DeploymentGroupNameRequiredException'),
  };
}

export function createDeploymentInput(body: JsonObject): CreateDeploymentInput {
  const revision = object(body, 'revision');
  return {
    ...deploymentGroupRef(body),
    revision: revision && revisionOf(revision),
    deploymentConfigName: text(body, 'deploymentConfigName'),
    description: text(body, 'description'),
    ignoreApplicationStopFailures: flag(body, 'ignoreApplicationStopFailures'),
    targetInstances: selectionOf(object(body, 'targetInstances')),
    autoRollback: autoRollbackOf(object(body, 'autoRollbackConfiguration')),
    fileExistsBehavior: text(body, 'fileExistsBehavior'),
    overrideAlarms: alarmsOf(object(body, 'overrideAlarmConfiguration')),
  };
}

export function targetFilters(body: JsonObject): Readonly<Record<string, readonly string[]>> {
  const filters = object(body, 'targetFilters') ?? {};
  return Object.fromEntries(Object.keys(filters).map((name) => [name, texts(filters, name)]));
}

function revisionOf(revision: JsonObject): SimulatedRevision {
  return { ...revision, revisionType: text(revision, 'revisionType') ?? '' };
}

/** An empty object names no target instances, as if it were absent. */
function selectionOf(body: JsonObject | undefined): InstanceSelection | undefined {
  if (body === undefined) return undefined;
  const list = object(body, 'ec2TagSet')?.['ec2TagSetList'];
  const ec2TagSet = Array.isArray(list) ? list.map(filtersOf) : [];
  const tagFilters = filtersOf(body['tagFilters']);
  if (tagFilters.length === 0 && ec2TagSet.length === 0) return undefined;
  return { ...(tagFilters.length > 0 && { tagFilters }), ...(ec2TagSet.length > 0 && { ec2TagSet }) };
}

function filtersOf(list: unknown): readonly CodeDeployTagFilter[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).map((filter) => {
    const [Key, Value, Type] = [text(filter, 'Key'), text(filter, 'Value'), text(filter, 'Type')];
    return {
      ...(Key !== undefined && { Key }),
      ...(Value !== undefined && { Value }),
      ...(Type !== undefined && { Type }),
    };
  });
}

function autoRollbackOf(body: JsonObject | undefined): AutoRollback | undefined {
  // An event that CodeDeploy does not know is refused by the model, with the service's own code.
  return body && { enabled: flag(body, 'enabled') ?? false, events: texts(body, 'events') as AutoRollbackEvent[] };
}

function alarmsOf(body: JsonObject | undefined): AlarmConfiguration | undefined {
  if (body === undefined) return undefined;
  const alarms = Array.isArray(body['alarms']) ? body['alarms'].filter(isObject) : [];
  return {
    enabled: flag(body, 'enabled') ?? false,
    names: alarms.flatMap((alarm) => text(alarm, 'name') ?? []),
    ignorePollAlarmFailure: flag(body, 'ignorePollAlarmFailure') ?? false,
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
