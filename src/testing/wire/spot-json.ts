import type { DeploymentMode } from '../model/deployment-mode.js';
import type { InstanceHealth } from '../model/elastigroup.js';
import type { Slot } from '../model/elastigroup-fleet.js';
import type { LogEntry } from '../model/elastigroup-log.js';
import type { RollView } from '../model/elastigroup-rolls.js';
import type { SuspensionView } from '../model/elastigroup-suspensions.js';
import type { SimulatedInstance } from '../model/parts.js';
import type { JsonObject } from './spot-body.js';

const iso = (at: number) => new Date(at).toISOString();

export function statusJson(elastigroupId: string, slot: Slot): JsonObject {
  const { instance } = slot;
  return {
    spotInstanceRequestId: slot.spotInstanceRequestId,
    instanceId: instance?.instanceId ?? null,
    instanceType: instance?.instanceType ?? null,
    product: 'Linux/UNIX',
    groupId: elastigroupId,
    availabilityZone: instance?.availabilityZone ?? null,
    privateIp: instance?.privateIp ?? null,
    publicIp: null,
    createdAt: iso(slot.requestedAt),
    status: instance === undefined ? 'pending-evaluation' : 'fulfilled',
    lockStatus: null,
  };
}

export function healthinessJson(
  elastigroupId: string,
  spotRequestId: string,
  instance: SimulatedInstance,
  healthStatus: InstanceHealth,
): JsonObject {
  return {
    instanceId: instance.instanceId,
    spotRequestId,
    groupId: elastigroupId,
    availabilityZone: instance.availabilityZone,
    lifeCycle: 'SPOT',
    healthStatus,
  };
}

export function deploymentModeJson(elastigroupId: string, mode: DeploymentMode): JsonObject {
  const { timeout, tags, deploymentGroups } = mode.config;
  const state = mode.shownState();
  return {
    id: mode.id,
    groupId: elastigroupId,
    state,
    // The only value that any source names.
    ...(state === 'STARTING' ? { status: 'INITIALIZING' } : {}),
    config: { timeout, tags, deploymentGroups },
  };
}

/** Nothing is suspended: no item at all. */
export function suspensionItems(elastigroupId: string, suspensions: readonly SuspensionView[]): readonly JsonObject[] {
  if (suspensions.length === 0) return [];
  return [
    {
      groupId: elastigroupId,
      processes: suspensions.map(({ name }) => name),
      suspensions: suspensions.map(({ name, expiresAt }) =>
        expiresAt === undefined ? { name } : { name, expiresAt: iso(expiresAt) },
      ),
    },
  ];
}

const progressOf = (roll: RollView) => ({
  unit: 'percent',
  value: roll.status === 'FINISHED' ? 100 : Math.floor(((roll.currentBatch - 1) * 100) / roll.numberOfBatches),
});

export function rollJson(roll: RollView): JsonObject {
  return {
    id: roll.rollId,
    status: roll.status,
    currentBatch: roll.currentBatch,
    numOfBatches: roll.numberOfBatches,
    progress: progressOf(roll),
  };
}

export function listedRollJson(elastigroupId: string, roll: RollView): JsonObject {
  return {
    ...rollJson(roll),
    groupId: elastigroupId,
    createdAt: iso(roll.createdAt),
    updatedAt: iso(roll.updatedAt),
  };
}

export function rollStatusJson(roll: RollView): JsonObject {
  return {
    id: roll.rollId,
    status: roll.status,
    progress: progressOf(roll),
    numberOfBatches: roll.numberOfBatches,
    currentBatch: roll.currentBatch,
    gracePeriod: roll.gracePeriod,
    strategyAction: 'REPLACE_SERVER',
    healthCheck: roll.healthCheckType ?? 'NONE',
    instances: [],
  };
}

export function logJson({ message, severity, createdAt }: LogEntry): JsonObject {
  return { message, severity, createdAt: iso(createdAt) };
}
