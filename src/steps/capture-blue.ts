import { BlueGreenError } from '../errors/blue-green-error.js';
import type { ReadStep, StepContext } from '../engine/step.js';
import { giveWay } from '../internal/give-way.js';
import type { Suspension } from '../ports/elastigroups.js';
import type { Instance } from '../ports/instances.js';
import type { TargetHealth } from '../ports/target-groups.js';
import { AWAIT_ADOPTED_MODE } from './await-adopted-mode.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { FIRST_RELEASE } from './first-release.js';
import { carriesAll } from './preflight-colours.js';
import { preflightFacts } from './preflight.js';

/** The snapshot that the way back is measured against. Blue is these ids, whatever happens later. */
export type CapturedBlue = {
  readonly account: string | null;
  readonly region: string;
  readonly instanceIds: readonly string[];
  readonly privateIps: Readonly<Record<string, string>>;
  /** Per production target group: the state of each blue instance in it. */
  readonly health: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of blue in each production target group. */
  readonly healthyCount: Readonly<Record<string, number>>;
  readonly capacity: { readonly minimum: number; readonly target: number; readonly maximum: number };
  readonly suspensions: readonly Suspension[];
  /** Instances that were in the Elastigroup beside blue, running or not. */
  readonly otherMembers: readonly string[];
};

export const CAPTURE_BLUE = 'capture-blue';

export function captureBlue(release: ElastigroupRelease): ReadStep {
  const { clouds, spec } = release;
  return {
    type: 'read',
    id: CAPTURE_BLUE,
    version: 1,
    stage: 'RECONCILE_SERVICE',
    title: 'capture what serves now',
    read: async (context): Promise<CapturedBlue> => {
      const call = { signal: context.signal };
      const { targetGroups, region, account, adopted, greenTags } = preflightFacts(context);
      const elastigroup = await clouds.elastigroups.readElastigroup(spec.elastigroupId, call);
      const suspensions = await clouds.elastigroups.listSuspensions(spec.elastigroupId, call);
      const listed = await clouds.elastigroups.listInstances(spec.elastigroupId, call);
      const members = listed.flatMap(({ instanceId }) => instanceId ?? []);
      const instances = await clouds.instances.describeInstances(members, call);
      const observed = new Map<string, readonly TargetHealth[]>();
      for (const { arn } of targetGroups) observed.set(arn, await clouds.targetGroups.targetHealth(arn, call));
      const running = instances.filter(({ state }) => state === 'running');
      // A mode that is taken over has launched green already.
      const green = new Set(
        (adopted === undefined ? [] : instances.filter((instance) => carriesAll(instance, greenTags))).map(
          ({ instanceId }) => instanceId,
        ),
      );
      const notGreen = running.filter(({ instanceId }) => !green.has(instanceId));
      const blue = adopted === undefined ? notGreen : servingOf(notGreen, observed);
      if (blue.length === 0) {
        const message = `${spec.elastigroupId} has no running instance to capture as blue. ${FIRST_RELEASE}`;
        throw new BlueGreenError('PREFLIGHT_REFUSED', message);
      }
      const blueIds = new Set(blue.map(({ instanceId }) => instanceId));
      const health: Record<string, Record<string, string>> = {};
      const healthyCount: Record<string, number> = {};
      for (const { arn } of targetGroups) {
        const ofBlue = (observed.get(arn) ?? []).filter(({ targetId }) => blueIds.has(targetId));
        health[arn] = Object.fromEntries(ofBlue.map(({ targetId, state }) => [targetId, state]));
        healthyCount[arn] = ofBlue.filter(({ state }) => state === 'healthy').length;
      }
      const { minimum, maximum } = elastigroup.capacity;
      const target =
        // Somebody who only looks ahead has not waited for the mode: what it is about to launch is not there yet.
        adopted === undefined || context.output(AWAIT_ADOPTED_MODE) === undefined
          ? elastigroup.capacity.target
          : targetBeforeMode(elastigroup.capacity.target, { green: green.size, others: listed.length - green.size });
      if (adopted !== undefined && suspensions.length > 0) {
        const names = suspensions.map(({ process }) => process).join(', ');
        await context.warn(
          'SUSPENSIONS_OF_ADOPTED_MODE',
          `suspended now: ${names}; whether by a person or by Spot for its mode cannot be told: none is put back`,
        );
      }
      const captured: CapturedBlue = {
        account,
        region,
        instanceIds: [...blueIds].sort(),
        privateIps: Object.fromEntries(
          blue.flatMap(({ instanceId, privateIp }) => (privateIp === undefined ? [] : [[instanceId, privateIp]])),
        ),
        health,
        healthyCount,
        capacity: { minimum, target, maximum },
        // Of a mode that runs already, kept as if they ended now: they may stand, and none is owed.
        suspensions:
          adopted === undefined
            ? suspensions
            : suspensions.map(({ process }) => ({ process, expiresAt: new Date(context.now()).toISOString() })),
        otherMembers: members.filter((id) => !blueIds.has(id) && !green.has(id)),
      };
      // What is written down next is all of it, too.
      await giveWay(members.length);
      return captured;
    },
  };
}

/**
 * Under a mode that runs already, an instance that serves nowhere may be one that stands in for a loss: blue is what is
 * registered in a production target group, or, where nothing is, everything that is not green.
 */
function servingOf(
  instances: readonly Instance[],
  health: ReadonlyMap<string, readonly TargetHealth[]>,
): readonly Instance[] {
  const staying = [...health.values()].flat().filter(({ state }) => !LEAVING.has(state));
  const targets = new Set(staying.map(({ targetId }) => targetId));
  const registered = instances.filter(({ instanceId }) => targets.has(instanceId));
  return registered.length > 0 ? registered : instances;
}

const LEAVING: ReadonlySet<string> = new Set(['draining', 'unhealthy.draining']);

/** Spot may have raised the target by green for as long as the mode runs. */
function targetBeforeMode(target: number, { green, others }: { green: number; others: number }): number {
  if (target <= others) return target;
  if (target === others + green) return others;
  const message = `the target is ${target} with ${others} instances beside ${green} green ones: what it was before the deployment mode cannot be told. Wait until the Elastigroup is complete.`;
  throw new BlueGreenError('PREFLIGHT_REFUSED', message);
}

export function capturedBlue(context: Pick<StepContext, 'output'>): CapturedBlue {
  const captured = context.output<CapturedBlue>(CAPTURE_BLUE);
  if (captured === undefined) throw new BlueGreenError('INTERNAL', 'a step needs captured blue before it was captured');
  return captured;
}
