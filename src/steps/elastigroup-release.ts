import type { AwsPlace } from '../ports/account.js';
import type { GivenCheck } from '../engine/checks.js';
import { ChecksWatch } from '../engine/checks-watch.js';
import type { GivenHook } from '../engine/hooks.js';
import type { Alarms } from '../ports/alarms.js';
import type { Clock } from '../ports/clock.js';
import type { CloudRequests } from '../ports/cloud-requests.js';
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
  /** What these calls would send: for showing. */
  readonly requests: CloudRequests;
}

/** What a release is given beside its spec and the clouds. */
export interface Surroundings {
  readonly hooks: readonly GivenHook[];
  readonly checks?: readonly GivenCheck[];
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
  /** How long the agent of a green instance may owe the start of an event. */
  readonly agentTimeoutMs: number;
  readonly onInterruption: 'replace' | 'tolerate' | 'unwind';
  readonly strays: 'retire' | 'release' | 'fail';
  readonly terminate: boolean;
  /** Undefined: arranged so that nothing is launched or taken away besides. */
  readonly decrement: boolean | undefined;
  readonly drainingTimeoutMs: number | undefined;
  /** How long green carries the load before blue goes; undefined: as long as the deployment group itself waits. */
  readonly bakeMs: number | undefined;
  /** Processes of Spot's that are to stand still: while CodeDeploy keeps blue, or throughout. */
  readonly suspend:
    | { readonly processes: readonly string[]; readonly ttlMs: number; readonly throughout: boolean }
    | undefined;
  readonly hooks: readonly GivenHook[];
  /** What the checks have said lives as long as this does: whoever resumes the rollout asks them anew. */
  readonly checks: ChecksWatch;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
}

const DEFAULTS = Object.freeze({
  minimumHealthyPercent: 100,
  tagSettle: '60s',
  agentTimeout: '4m',
  onInterruption: 'tolerate',
  strays: 'retire',
  terminate: true,
} as const);

/** What would take blue for ill once CodeDeploy has taken it out of traffic. */
const BAKE_ONLY = Object.freeze({
  processes: Object.freeze(['AUTO_HEALING']),
  ttlMs: 4 * 3_600_000,
  throughout: false,
});

export function elastigroupRelease(
  rolloutId: string,
  spec: ElastigroupSpec,
  clouds: Clouds,
  { hooks, checks = [], clock, logger }: Surroundings,
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
    agentTimeoutMs: parseDuration(spec.agentTimeout ?? DEFAULTS.agentTimeout, 'agentTimeout'),
    onInterruption: spec.onInterruption ?? DEFAULTS.onInterruption,
    // A replacement that comes too late for the release onto green gets it at the end.
    strays: spec.strays ?? (spec.onInterruption === 'replace' ? 'release' : DEFAULTS.strays),
    bakeMs: spec.bake === undefined ? undefined : parseDuration(spec.bake, 'bake'),
    suspend: suspendOf(spec),
    hooks,
    checks: new ChecksWatch(checks, clock, logger),
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

function suspendOf({ suspend = 'bake-only' }: ElastigroupSpec): ElastigroupRelease['suspend'] {
  if (suspend === false) return undefined;
  if (suspend === 'bake-only') return BAKE_ONLY;
  return { processes: suspend.processes, ttlMs: parseDuration(suspend.ttl, 'suspend.ttl'), throughout: true };
}

/** Which values the green tags may take, before it is known what blue carries. */
export function greenTagChoices({ spec, rolloutId }: ElastigroupRelease): readonly (readonly Tag[])[] {
  const { green } = spec;
  if ('tags' in green) return [Object.entries(green.tags).map(([key, value]) => ({ key, value }))];
  if ('alternate' in green) return green.alternate.map((value) => [{ key: green.tagKey, value }]);
  return [[{ key: green.tagKey, value: green.value ?? rolloutId }]];
}
