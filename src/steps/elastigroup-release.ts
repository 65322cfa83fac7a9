import type { AwsPlace } from '../ports/account.js';
import type { GivenHook } from '../engine/hooks.js';
import type { Alarms } from '../ports/alarms.js';
import type { Clock } from '../ports/clock.js';
import type { CodeDeploy } from '../ports/code-deploy.js';
import type { Logger } from '../ports/logger.js';
import type { Elastigroups, Tag } from '../ports/elastigroups.js';
import type { Instances } from '../ports/instances.js';
import type { TargetGroups } from '../ports/target-groups.js';
import type { ElastigroupSpec } from '../specs/elastigroup-spec.js';
import { parseDuration } from '../policies/duration.js';

/** Every cloud that a release onto an Elastigroup talks to. */
export interface Clouds {
  readonly elastigroups: Elastigroups;
  readonly instances: Instances;
  readonly codeDeploy: CodeDeploy;
  readonly targetGroups: TargetGroups;
  readonly aws: AwsPlace;
  readonly alarms: Alarms;
}

/** What a release is given beside its spec and the clouds. */
export interface Surroundings {
  readonly hooks: readonly GivenHook[];
  readonly clock: Clock;
  readonly logger: Logger | undefined;
}

/** What the steps of one release share: the spec with its defaults in place, and the clouds. */
export interface ElastigroupRelease {
  readonly rolloutId: string;
  readonly spec: ElastigroupSpec;
  readonly clouds: Clouds;
  readonly deploymentGroup: { readonly applicationName: string; readonly deploymentGroupName: string };
  readonly minimumHealthyPercent: number;
  readonly tagSettleMs: number;
  readonly strays: 'retire' | 'fail';
  readonly terminate: boolean;
  /** Undefined: arranged so that nothing is launched or taken away besides. */
  readonly decrement: boolean | undefined;
  readonly drainingTimeoutMs: number | undefined;
  readonly hooks: readonly GivenHook[];
  readonly clock: Clock;
  readonly logger: Logger | undefined;
}

const DEFAULTS = Object.freeze({
  minimumHealthyPercent: 100,
  tagSettle: '60s',
  strays: 'retire',
  terminate: true,
} as const);

export function elastigroupRelease(
  rolloutId: string,
  spec: ElastigroupSpec,
  clouds: Clouds,
  { hooks, clock, logger }: Surroundings,
): ElastigroupRelease {
  const { applicationName, deploymentGroupName } = spec.codeDeploy;
  const { detach } = spec;
  return {
    rolloutId,
    spec,
    clouds,
    deploymentGroup: { applicationName, deploymentGroupName },
    minimumHealthyPercent: spec.minimumHealthyPercent ?? DEFAULTS.minimumHealthyPercent,
    tagSettleMs: parseDuration(spec.tagSettle ?? DEFAULTS.tagSettle, 'tagSettle'),
    strays: spec.strays ?? DEFAULTS.strays,
    hooks,
    clock,
    logger,
    terminate: detach?.terminate ?? DEFAULTS.terminate,
    decrement: detach?.decrementTargetCapacity,
    drainingTimeoutMs:
      detach?.drainingTimeout === undefined
        ? undefined
        : parseDuration(detach.drainingTimeout, 'detach.drainingTimeout'),
  };
}

/** Which values the green tags may take, before it is known what blue carries. */
export function greenTagChoices({ spec, rolloutId }: ElastigroupRelease): readonly (readonly Tag[])[] {
  const { green } = spec;
  if ('tags' in green) return [Object.entries(green.tags).map(([key, value]) => ({ key, value }))];
  if ('alternate' in green) return green.alternate.map((value) => [{ key: green.tagKey, value }]);
  return [[{ key: green.tagKey, value: green.value ?? rolloutId }]];
}
