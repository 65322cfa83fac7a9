import * as v from 'valibot';
import type { DeploymentMode, Elastigroup, ElastigroupInstance, Roll, Suspension, Tag } from '../ports/elastigroups.js';

/**
 * What of Spot's answers is read, and how it is called here. Fields that are not named are dropped before anything else
 * sees them: user data and the secrets of integrations are among them.
 */

const list = <T extends v.GenericSchema>(item: T) => v.nullish(v.array(item), []);
const word = v.nullish(v.string(), null);

const spotTag = v.pipe(
  v.object({ tagKey: v.string(), tagValue: v.nullish(v.string(), '') }),
  v.transform(({ tagKey, tagValue }): Tag => ({ key: tagKey, value: tagValue })),
);

const deploymentGroupRef = v.object({ applicationName: v.string(), deploymentGroupName: v.string() });

// Spot's specification says a list of settings, its examples show the settings themselves.
const settings = v.record(v.string(), v.unknown());
const persistence = v.nullish(v.union([v.array(v.nullable(settings)), settings]), []);

/** A time as text, or in epoch milliseconds. */
const time = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform((given) => {
    const date = new Date(given);
    return Number.isNaN(date.getTime()) ? String(given) : date.toISOString();
  }),
);

const task = v.object({
  taskType: v.nullish(v.string(), 'unknown'),
  cronExpression: word,
  frequency: word,
  startTime: word,
  isEnabled: v.nullish(v.boolean(), true),
});

export const elastigroupAnswer = v.pipe(
  v.object({
    id: v.string(),
    name: v.nullish(v.string(), ''),
    capacity: v.object({
      minimum: v.number(),
      target: v.number(),
      maximum: v.number(),
      unit: v.nullish(v.string(), 'instance'),
    }),
    strategy: v.nullish(v.object({ persistence }), {}),
    compute: v.nullish(
      v.object({
        elasticIps: list(v.nullable(v.string())),
        privateIps: list(v.nullable(v.string())),
        launchSpecification: v.nullish(
          v.object({
            tags: list(spotTag),
            loadBalancersConfig: v.nullish(
              v.object({ loadBalancers: list(v.object({ name: word, arn: word, type: word })) }),
              {},
            ),
          }),
          {},
        ),
      }),
      {},
    ),
    scheduling: v.nullish(v.object({ tasks: list(task) }), {}),
    thirdPartiesIntegration: v.nullish(
      v.object({ codeDeploy: v.nullish(v.object({ deploymentGroups: list(deploymentGroupRef) }), {}) }),
      {},
    ),
  }),
  v.transform(({ id, name, capacity, strategy, compute, scheduling, thirdPartiesIntegration }): Elastigroup => {
    const { tags, loadBalancersConfig } = compute.launchSpecification;
    const { loadBalancers } = loadBalancersConfig;
    return {
      elastigroupId: id,
      name,
      capacity,
      persistence: settingsThatAreOn(strategy.persistence),
      elasticIps: compute.elasticIps.filter((ip) => ip !== null),
      privateIps: compute.privateIps.filter((ip) => ip !== null),
      targetGroupArns: loadBalancers.flatMap(({ type, arn }) => (type !== 'CLASSIC' && arn !== null ? [arn] : [])),
      classicLoadBalancers: loadBalancers.flatMap((lb) => (lb.type === 'CLASSIC' && lb.name !== null ? [lb.name] : [])),
      codeDeployIntegration: thirdPartiesIntegration.codeDeploy.deploymentGroups,
      launchTags: tags,
      scheduledTasks: scheduling.tasks.map(({ taskType, cronExpression, frequency, startTime, isEnabled }) => ({
        taskType,
        when: cronExpression ?? frequency ?? startTime ?? 'unknown',
        enabled: isEnabled,
      })),
    };
  }),
);

function settingsThatAreOn(given: v.InferOutput<typeof persistence>): string[] {
  const all = (Array.isArray(given) ? given : [given]).flatMap((some) => Object.entries(some ?? {}));
  return [...new Set(all.filter(([, value]) => value === true).map(([name]) => name))];
}

export const instanceAnswer: v.GenericSchema<unknown, ElastigroupInstance> = v.object({
  // Null is the answer for a pending instance; a missing id would be another answer altogether.
  instanceId: v.nullable(v.string()),
  spotInstanceRequestId: word,
  instanceType: word,
  availabilityZone: word,
  privateIp: word,
  status: word,
  createdAt: word,
});

export const deploymentModeAnswer = v.pipe(
  v.object({
    id: v.string(),
    groupId: word,
    state: v.string(),
    config: v.nullish(
      v.object({ tags: list(spotTag), deploymentGroups: list(deploymentGroupRef), timeout: v.nullish(v.number()) }),
      {},
    ),
  }),
  v.transform(
    ({ id, groupId, state, config }) =>
      (elastigroupId: string, timeoutUnitMs: number): DeploymentMode => ({
        deploymentModeId: id,
        elastigroupId: groupId ?? elastigroupId,
        state,
        tags: config.tags,
        deploymentGroups: config.deploymentGroups,
        ...(typeof config.timeout === 'number' ? { timeoutMs: config.timeout * timeoutUnitMs } : {}),
      }),
  ),
);

export const rollAnswer = v.pipe(
  v.object({ id: v.string(), status: v.nullish(v.string(), 'UNKNOWN') }),
  v.transform(({ id, status }): Roll => ({ rollId: id, status })),
);

/** A process that is suspended without an end may stand in `processes` alone. */
export const suspensionAnswer = v.pipe(
  v.object({
    processes: list(v.string()),
    suspensions: list(v.object({ name: v.string(), expiresAt: v.nullish(time) })),
  }),
  v.transform(({ processes, suspensions }): readonly Suspension[] => [
    ...suspensions.map(({ name, expiresAt }) => ({
      process: name,
      ...(expiresAt === undefined || expiresAt === null ? {} : { expiresAt }),
    })),
    ...processes.filter((process) => !suspensions.some(({ name }) => name === process)).map((process) => ({ process })),
  ]),
);

export const healthAnswer = v.object({
  instanceId: v.nullable(v.string()),
  healthStatus: v.nullish(v.string(), 'UNKNOWN'),
});

/** Where the status alone is the answer. */
export const anyAnswer = v.unknown();
