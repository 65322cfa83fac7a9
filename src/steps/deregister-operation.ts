import type { Operation } from '../engine/effect.js';
import type { StepContext } from '../engine/step.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { isRegistered } from './observe-traffic.js';
import { statesOf } from './target-states.js';

/** Takes instances out of one target group. */
export function deregisterOperation(
  { clouds: { targetGroups } }: ElastigroupRelease,
  context: StepContext,
  target: {
    readonly key: string;
    readonly arn: string;
    readonly instanceIds: readonly string[];
    readonly guard: () => Promise<void>;
  },
): Operation<null> {
  const { key, arn, instanceIds, guard } = target;
  return {
    key,
    call: 'elbv2 deregisterTargets',
    token: instanceIds.join(','),
    settleMs: 10_000,
    guard,
    find: async () => {
      const now = statesOf(await targetGroups.targetHealth(arn, { signal: context.signal }));
      return instanceIds.some((id) => isRegistered(now.get(id))) ? 'absent' : { present: null };
    },
    send: async (call) => {
      await targetGroups.deregisterTargets(arn, instanceIds, call);
      return null;
    },
  };
}
