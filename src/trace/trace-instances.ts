import type { Instance, Instances } from '../ports/instances.js';
import { keptInstance, keptTags } from './kept-answers.js';
import { quietlyDone } from './quietly.js';
import { noteCall } from './trace-calls.js';
import type { TraceGround } from './trace-clouds.js';

export function traceInstances(ec2: Instances, ground: TraceGround): Instances {
  const { sightings } = ground;
  const described = async (answer: readonly Instance[]): Promise<void> => {
    const state = (instance: Instance) => ({ subject: instance.instanceId, now: keptInstance(instance) });
    const carried = ({ instanceId, tags }: Instance) => ({ subject: instanceId, now: keptTags(ground, tags) });
    await sightings.sawAll('ec2', 'state', answer, state);
    await sightings.sawAll('ec2', 'tags', answer, carried);
  };
  return {
    async describeInstances(instanceIds, call) {
      const answer = await ec2.describeInstances(instanceIds, call);
      await quietlyDone(async () => {
        await described(answer);
        const known = new Set(answer.map(({ instanceId }) => instanceId));
        const forgotten = instanceIds.filter((id) => !known.has(id)).map((subject) => ({ subject, now: null }));
        sightings.saw('ec2', 'state', forgotten);
      });
      return answer;
    },
    async findByTags(all, call) {
      const answer = await ec2.findByTags(all, call);
      await quietlyDone(() => described(answer));
      return answer;
    },
    createTags: (instanceIds, tags, call) =>
      noteCall(
        { cloud: 'ec2', operation: 'createTags', subjects: instanceIds, order: keptTags(ground, tags) },
        ground,
        () => ec2.createTags(instanceIds, tags, call),
      ),
  };
}
