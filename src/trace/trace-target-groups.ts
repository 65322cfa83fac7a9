import type { TargetGroups, TargetHealth } from '../ports/target-groups.js';
import { keptTarget, nameOfTargetGroup } from './kept-answers.js';
import { quietlyDone } from './quietly.js';
import { noteCall } from './trace-calls.js';
import type { TraceGround } from './trace-clouds.js';

export function traceTargetGroups(elb: TargetGroups, ground: TraceGround): TargetGroups {
  const { sightings } = ground;
  const order = (
    operation: string,
    arn: string,
    instanceIds: readonly string[],
    send: () => Promise<void>,
  ): Promise<void> =>
    noteCall(
      { cloud: 'elbv2', operation, subjects: instanceIds, order: { targetGroup: nameOfTargetGroup(arn) } },
      ground,
      send,
    );
  return {
    describeTargetGroups: (namesOrArns, call) => elb.describeTargetGroups(namesOrArns, call),
    async targetHealth(arn, call) {
      const health = await elb.targetHealth(arn, call);
      await quietlyDone(async () => {
        const name = nameOfTargetGroup(arn);
        const told = (one: TargetHealth) => ({ subject: `${name}/${one.targetId}`, now: keptTarget(one) });
        sightings.saw('elbv2', 'targets', [{ subject: name, now: health.length }]);
        await sightings.sawAll('elbv2', 'target', health, told, name);
      });
      return health;
    },
    registerTargets: (arn, instanceIds, call) =>
      order('registerTargets', arn, instanceIds, () => elb.registerTargets(arn, instanceIds, call)),
    deregisterTargets: (arn, instanceIds, call) =>
      order('deregisterTargets', arn, instanceIds, () => elb.deregisterTargets(arn, instanceIds, call)),
  };
}
