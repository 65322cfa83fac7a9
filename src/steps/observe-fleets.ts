import type { StepContext } from '../engine/step.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import type { Instance } from '../ports/instances.js';
import type { TargetHealth } from '../ports/target-groups.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { findOurMode } from './enter-deployment-mode.js';
import { idSetOf } from './id-set.js';
import { preflightFacts } from './preflight.js';
import { statesIn } from './target-states.js';
import { warnIfUnstable } from './warn-unstable.js';

/** Instances of both fleets at one instant, as Spot and EC2 tell. */
export interface Fleets {
  readonly mode: DeploymentMode | undefined;
  /** Ids that belong to the Elastigroup now; instances that have no id yet are counted in `pendingMembers`. */
  readonly members: ReadonlySet<string>;
  readonly pendingMembers: number;
  /** Captured blue that EC2 still runs. */
  readonly blueAlive: readonly string[];
  /** Captured blue that is gone, with EC2's reason where it still knows one. */
  readonly blueGone: ReadonlyArray<{ readonly instanceId: string; readonly reason: string | undefined }>;
  /** Carries every green tag, belongs to the Elastigroup, is not blue, and is not on its way out. */
  readonly green: readonly Instance[];
  /** Carries every green tag without belonging to the Elastigroup; known strangers are left out once we go back. */
  readonly taggedElsewhere: readonly Instance[];
}

const ALIVE: ReadonlySet<string> = new Set(['pending', 'running', 'stopping', 'stopped']);

export const isAlive = ({ state }: Pick<Instance, 'state'>): boolean => ALIVE.has(state);

export async function observeFleets(release: ElastigroupRelease, context: StepContext): Promise<Fleets> {
  const { clouds, spec } = release;
  const call = { signal: context.signal };
  const { greenTags } = preflightFacts(context);
  const captured = capturedBlue(context);
  const mode = await findOurMode(release, context);
  await warnIfUnstable(context, mode);
  const listed = await clouds.elastigroups.listInstances(spec.elastigroupId, call);
  const members = idSetOf(listed);
  const tagged = await clouds.instances.findByTags(
    greenTags.map(({ key, value }) => ({ key, values: [value] })),
    call,
  );
  const blue = await clouds.instances.describeInstances(captured.instanceIds, call);
  const alive = idSetOf(blue.filter((each) => each.state === 'running'));
  const reasons = new Map(blue.map(({ instanceId, stateReason }) => [instanceId, stateReason]));
  const isBlue = new Set(captured.instanceIds);
  const strangers = strangersIn(context);
  const candidates = tagged.filter((each) => isAlive(each) && !isBlue.has(each.instanceId));
  return {
    mode,
    members,
    pendingMembers: listed.filter(({ instanceId }) => instanceId === null).length,
    blueAlive: captured.instanceIds.filter((id) => alive.has(id)),
    blueGone: captured.instanceIds
      .filter((id) => !alive.has(id))
      .map((instanceId) => ({ instanceId, reason: reasons.get(instanceId) })),
    green: candidates.filter(({ instanceId }) => members.has(instanceId)),
    taggedElsewhere: candidates.filter(({ instanceId }) => !members.has(instanceId) && !strangers.has(instanceId)),
  };
}

/** Somebody else's instances, because of which the release was given up: not ours to drain, to remove or to miss. */
function strangersIn({ state: { unwinding } }: StepContext): ReadonlySet<string> {
  if (unwinding?.code !== 'TARGETS_FOREIGN') return new Set();
  return new Set((unwinding.details as { instanceIds?: readonly string[] } | undefined)?.instanceIds);
}

/** Target health in every production target group, by ARN. */
export type Health = ReadonlyMap<string, readonly TargetHealth[]>;

export async function observeHealth(release: ElastigroupRelease, context: StepContext): Promise<Health> {
  const health = new Map<string, readonly TargetHealth[]>();
  for (const { arn } of preflightFacts(context).targetGroups) {
    health.set(arn, await release.clouds.targetGroups.targetHealth(arn, { signal: context.signal }));
  }
  return health;
}

/** Of these instances, those that are healthy in every production target group. */
export function healthyEverywhere(health: Health, instanceIds: Iterable<string>): readonly string[] {
  const groups = statesIn(health);
  return [...instanceIds].filter((id) => groups.every(([, states]) => states.get(id) === 'healthy'));
}

/** Of these instances, those that are healthy in at least one production target group. */
export function healthyAnywhere(health: Health, instanceIds: Iterable<string>): readonly string[] {
  const groups = statesIn(health);
  return [...instanceIds].filter((id) => groups.some(([, states]) => states.get(id) === 'healthy'));
}
