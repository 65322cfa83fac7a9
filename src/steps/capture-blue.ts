import { BlueGreenError } from '../errors/blue-green-error.js';
import type { ReadStep, StepContext } from '../engine/step.js';
import type { Suspension } from '../ports/elastigroups.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
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
      const { targetGroups, region, account } = preflightFacts(context);
      const elastigroup = await clouds.elastigroups.readElastigroup(spec.elastigroupId, call);
      const suspensions = await clouds.elastigroups.listSuspensions(spec.elastigroupId, call);
      const members = (await clouds.elastigroups.listInstances(spec.elastigroupId, call)).flatMap(
        ({ instanceId }) => instanceId ?? [],
      );
      const instances = await clouds.instances.describeInstances(members, call);
      const blue = instances.filter(({ state }) => state === 'running');
      if (blue.length === 0) {
        throw new BlueGreenError(
          'PREFLIGHT_REFUSED',
          `${spec.elastigroupId} has no running instance to capture as blue`,
        );
      }
      const blueIds = new Set(blue.map(({ instanceId }) => instanceId));
      const health: Record<string, Record<string, string>> = {};
      const healthyCount: Record<string, number> = {};
      for (const { arn } of targetGroups) {
        const ofBlue = (await clouds.targetGroups.targetHealth(arn, call)).filter(({ targetId }) =>
          blueIds.has(targetId),
        );
        health[arn] = Object.fromEntries(ofBlue.map(({ targetId, state }) => [targetId, state]));
        healthyCount[arn] = ofBlue.filter(({ state }) => state === 'healthy').length;
      }
      const { minimum, target, maximum } = elastigroup.capacity;
      return {
        account,
        region,
        instanceIds: [...blueIds].sort(),
        privateIps: Object.fromEntries(
          blue.flatMap(({ instanceId, privateIp }) => (privateIp === undefined ? [] : [[instanceId, privateIp]])),
        ),
        health,
        healthyCount,
        capacity: { minimum, target, maximum },
        suspensions,
        otherMembers: members.filter((id) => !blueIds.has(id)),
      };
    },
  };
}

export function capturedBlue(context: Pick<StepContext, 'output'>): CapturedBlue {
  const captured = context.output<CapturedBlue>(CAPTURE_BLUE);
  if (captured === undefined) throw new BlueGreenError('INTERNAL', 'a step needs captured blue before it was captured');
  return captured;
}
