import type { ElastigroupSimulation } from '../model/elastigroup.js';
import type { LogSeverity } from '../model/elastigroup-log.js';
import { SPOT_PROCESSES } from '../model/elastigroup-suspensions.js';
import { Refusal } from '../model/parts.js';
import type { JsonObject } from './spot-body.js';
import {
  integerAt,
  objectAt,
  objectsAt,
  oneOf,
  optionalBooleanAt,
  optionalIntegerAt,
  parseBody,
  stringAt,
  stringsAt,
} from './spot-body.js';
import { groupJson } from './spot-group-json.js';
import {
  deploymentModeJson,
  healthinessJson,
  listedRollJson,
  logJson,
  rollJson,
  rollStatusJson,
  statusJson,
  suspensionItems,
} from './spot-json.js';
import type { SpotCall } from './spot-routes.js';

/** What a call answers; without items the answer is its status alone. */
export interface SpotAnswer {
  readonly kind: string;
  readonly items?: readonly JsonObject[];
}

type Answer = (model: ElastigroupSimulation, call: SpotCall, body: string) => SpotAnswer;

const SEVERITIES = ['ALL', 'INFO', 'DEBUG', 'WARN'] as const;
const MODE_KIND = 'spotinst:aws:ec2:group:codeDeploy:blueGreenDeployment';
const SUSPENSION_KIND = 'spotinst:aws:ec2:suspension';
const ROLL_KIND = 'spotinst:aws:ec2:group:roll';

const suspensionAnswer = (model: ElastigroupSimulation, elastigroupId: string): SpotAnswer => ({
  kind: SUSPENSION_KIND,
  items: suspensionItems(elastigroupId, model.suspensions(elastigroupId)),
});

/** What each operation does. */
export const SPOT_ANSWERS: Readonly<Record<string, Answer>> = {
  readElastigroup: (model, { elastigroupId }) => ({
    kind: 'spotinst:aws:ec2:group',
    items: [groupJson(model.read(elastigroupId))],
  }),

  listInstances: (model, { elastigroupId }) => ({
    kind: 'spotinst:aws:ec2:group',
    items: model.status(elastigroupId).map((slot) => statusJson(elastigroupId, slot)),
  }),

  listInstanceHealth: (model, { elastigroupId }) => ({
    kind: 'spotinst:aws:ec2:group:instanceHealthiness',
    items: model
      .status(elastigroupId)
      .flatMap(({ instance, ...slot }): readonly JsonObject[] =>
        instance === undefined
          ? []
          : [
              healthinessJson(
                elastigroupId,
                slot.spotInstanceRequestId,
                instance,
                model.healthOf(elastigroupId, instance),
              ),
            ],
      ),
  }),

  updateCapacity: (model, { elastigroupId }, body) => {
    const given = objectAt(parseBody(body), 'capacity');
    const [minimum, target, maximum] = ['minimum', 'target', 'maximum'].map((field) =>
      optionalIntegerAt(given, field, 0),
    );
    const { capacity } = model.read(elastigroupId).settings;
    const wanted = {
      minimum: minimum ?? capacity.minimum,
      target: target ?? capacity.target,
      maximum: maximum ?? capacity.maximum,
    };
    model.setCapacity(elastigroupId, wanted);
    return { kind: 'spotinst:aws:ec2:group:capacity', items: [{ capacity: wanted }] };
  },

  detachInstances: (model, { elastigroupId }, text) => {
    const body = parseBody(text);
    model.detach(elastigroupId, {
      instanceIds: stringsAt(body, 'instancesToDetach'),
      terminate: optionalBooleanAt(body, 'shouldTerminateInstances'),
      decrementTargetCapacity: optionalBooleanAt(body, 'shouldDecrementTargetCapacity'),
      drainingTimeoutSeconds: optionalIntegerAt(body, 'drainingTimeout', 0),
    });
    return { kind: 'spotinst:aws:ec2:detachInstances' };
  },

  listSuspensions: (model, { elastigroupId }) => suspensionAnswer(model, elastigroupId),

  suspendProcesses: (model, { elastigroupId }, text) => {
    const body = parseBody(text);
    const wanted =
      body['suspensions'] === undefined
        ? stringsAt(body, 'processes').map((name) => ({ name, ttlMinutes: undefined }))
        : objectsAt(body, 'suspensions').map((entry) => ({
            name: stringAt(entry, 'name'),
            ttlMinutes: optionalIntegerAt(entry, 'ttlInMinutes', 1),
          }));
    const known = wanted.map((entry) => ({ ...entry, name: oneOf(entry.name, SPOT_PROCESSES, 'name') }));
    model.read(elastigroupId);
    for (const { name, ttlMinutes } of known) model.suspend(elastigroupId, name, ttlMinutes);
    return suspensionAnswer(model, elastigroupId);
  },

  resumeProcesses: (model, { elastigroupId }, text) => {
    const names = stringsAt(parseBody(text), 'processes').map((name) => oneOf(name, SPOT_PROCESSES, 'processes'));
    model.resume(elastigroupId, names);
    return suspensionAnswer(model, elastigroupId);
  },

  listRolls: (model, { elastigroupId }) => ({
    kind: ROLL_KIND,
    items: model.rolls(elastigroupId).map((roll) => listedRollJson(elastigroupId, roll)),
  }),

  startRoll: (model, { elastigroupId }, text) => {
    const body = parseBody(text);
    const roll = model.startRoll(elastigroupId, {
      batchSizePercentage: integerAt(body, 'batchSizePercentage', 1),
      gracePeriod: integerAt(body, 'gracePeriod', 0),
      ...(body['healthCheckType'] === undefined ? {} : { healthCheckType: stringAt(body, 'healthCheckType') }),
    });
    return { kind: ROLL_KIND, items: [rollJson(roll)] };
  },

  readRoll: (model, { elastigroupId, itemId }) => ({
    kind: `${ROLL_KIND}:status`,
    items: [rollStatusJson(model.roll(elastigroupId, itemId))],
  }),

  stopRoll: (model, { elastigroupId, itemId }, text) => {
    oneOf(objectAt(parseBody(text), 'roll')['status'], ['STOPPED'], 'roll.status');
    model.stopRoll(elastigroupId, itemId);
    return { kind: ROLL_KIND };
  },

  listLogs: (model, { elastigroupId, query }) => {
    const numberOf = (field: string) => {
      const value = query.get(field);
      if (value !== null && /^\d+$/.test(value)) return Number(value);
      throw new Refusal('VALIDATION_ERROR', `${field} must be a number.`, 400, field);
    };
    const limit = query.has('limit') ? numberOf('limit') : 1000;
    if (limit > 1000) throw new Refusal('VALIDATION_ERROR', 'limit must be at most 1000.', 400, 'limit');
    const severity: 'ALL' | LogSeverity = oneOf(query.get('severity') ?? 'ALL', SEVERITIES, 'severity');
    const resourceId = query.get('resourceId');
    const entries = model.logs(elastigroupId, {
      fromMs: numberOf('fromDate'),
      toMs: numberOf('toDate'),
      ...(severity === 'ALL' ? {} : { severity }),
      ...(resourceId === null ? {} : { resourceId }),
      limit,
    });
    return { kind: 'spotinst:aws:ec2:group:log', items: entries.map(logJson) };
  },

  listDeploymentModes: (model, { elastigroupId }) => ({
    kind: MODE_KIND,
    items: model.deploymentModes(elastigroupId).map((mode) => deploymentModeJson(elastigroupId, mode)),
  }),

  enterDeploymentMode: (model, { elastigroupId }, text) => {
    const deployment = objectAt(parseBody(text), 'deployment');
    const mode = model.enterDeploymentMode(elastigroupId, {
      timeout: integerAt(deployment, 'timeout', 1),
      tags: objectsAt(deployment, 'tags').map((tag) => ({
        tagKey: stringAt(tag, 'tagKey'),
        tagValue: stringAt(tag, 'tagValue'),
      })),
      deploymentGroups: objectsAt(deployment, 'deploymentGroups').map((deploymentGroup) => ({
        applicationName: stringAt(deploymentGroup, 'applicationName'),
        deploymentGroupName: stringAt(deploymentGroup, 'deploymentGroupName'),
      })),
    });
    return { kind: MODE_KIND, items: [deploymentModeJson(elastigroupId, mode)] };
  },

  stopDeploymentMode: (model, { elastigroupId, itemId }) => {
    model.stopDeploymentMode(elastigroupId, itemId);
    return { kind: MODE_KIND };
  },
};
