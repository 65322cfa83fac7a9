import type { StepContext } from '../engine/step.js';
import type { DetachInstances } from '../ports/elastigroups.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { idSetOf } from './id-set.js';

/** What `takeOut` may send. */
export const TAKE_OUT_CALLS = ['spot setCapacity', 'spot detachInstances'] as const;

/**
 * Takes exactly these instances out of the Elastigroup, so that Spot neither launches anything in their place nor takes
 * anything else away: the target is first raised to what is there, then goes down with each instance that leaves.
 */
export async function takeOut(
  release: ElastigroupRelease,
  context: StepContext,
  take: { readonly key: string; readonly instanceIds: readonly string[]; readonly guard: () => Promise<void> },
): Promise<readonly string[]> {
  const { elastigroups } = release.clouds;
  const { elastigroupId } = release.spec;
  const call = { signal: context.signal };
  const listed = await elastigroups.listInstances(elastigroupId, call);
  const members = idSetOf(listed);
  const instanceIds = take.instanceIds.filter((id) => members.has(id));
  if (instanceIds.length === 0) return [];
  const { capacity } = await elastigroups.readElastigroup(elastigroupId, call);
  const leaves = listed.length - instanceIds.length;
  const decrement = release.decrement ?? leaves >= capacity.minimum;
  if (decrement && capacity.target < listed.length) {
    await raiseTarget(release, context, { key: `${take.key}/raise`, target: listed.length, guard: take.guard });
  }
  await context.effect({
    key: `${take.key}/detach`,
    call: 'spot detachInstances',
    token: instanceIds.join(','),
    settleMs: 30_000,
    guard: take.guard,
    find: async () => ((await stillMembers(release, instanceIds)).length === 0 ? { present: null } : 'absent'),
    send: async (sending) => {
      const still = await stillMembers(release, instanceIds);
      if (still.length === 0) return null;
      await elastigroups.detachInstances(elastigroupId, detachOf(release, { instanceIds: still, decrement }), sending);
      return null;
    },
  });
  return instanceIds;
}

/** What Spot is asked for. */
export function detachOf(
  { terminate, drainingTimeoutMs }: ElastigroupRelease,
  { instanceIds, decrement }: { readonly instanceIds: readonly string[]; readonly decrement: boolean },
): DetachInstances {
  return { instanceIds, terminate, decrementTargetCapacity: decrement, drainingTimeoutMs };
}

async function raiseTarget(
  release: ElastigroupRelease,
  context: StepContext,
  raise: { readonly key: string; readonly target: number; readonly guard: () => Promise<void> },
): Promise<void> {
  const { elastigroups } = release.clouds;
  const { elastigroupId } = release.spec;
  const read = async () => (await elastigroups.readElastigroup(elastigroupId, { signal: context.signal })).capacity;
  await context.effect({
    key: raise.key,
    call: 'spot setCapacity',
    token: `target=${raise.target}`,
    settleMs: 15_000,
    guard: raise.guard,
    find: async () => ((await read()).target >= raise.target ? { present: null } : 'absent'),
    send: async (sending) => {
      const { minimum, maximum } = await read();
      await elastigroups.setCapacity(
        elastigroupId,
        {
          minimum,
          target: raise.target,
          maximum: Math.max(maximum, raise.target),
        },
        sending,
      );
      return null;
    },
  });
}

async function stillMembers(
  { clouds, spec }: ElastigroupRelease,
  instanceIds: readonly string[],
): Promise<readonly string[]> {
  const members = idSetOf(await clouds.elastigroups.listInstances(spec.elastigroupId));
  return instanceIds.filter((id) => members.has(id));
}
