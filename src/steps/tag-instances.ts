import type { StepContext } from '../engine/step.js';
import type { Tag } from '../ports/elastigroups.js';
import type { Instance } from '../ports/instances.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { idSetOf } from './id-set.js';

/** Gives instances tags, all of them in one call; nothing is sent where all of them carry them already. */
export async function tagInstances(
  { clouds }: ElastigroupRelease,
  context: StepContext,
  tagging: { readonly key: string; readonly instanceIds: readonly string[]; readonly tags: readonly Tag[] },
): Promise<void> {
  const { key, instanceIds, tags } = tagging;
  const lacking = async (): Promise<readonly string[]> => {
    const described = await clouds.instances.describeInstances(instanceIds, { signal: context.signal });
    const carrying = idSetOf(described.filter((instance) => carries(instance, tags)));
    return instanceIds.filter((id) => !carrying.has(id));
  };
  if (!context.state.operations.has(key) && (await lacking()).length === 0) return;
  await context.effect({
    key,
    call: 'ec2 createTags',
    token: [...tags.map((tag) => `${tag.key}=${tag.value}`), ...instanceIds].join(','),
    settleMs: 30_000,
    find: async () => ((await lacking()).length === 0 ? { present: null } : 'absent'),
    send: async (call) => {
      await clouds.instances.createTags(instanceIds, tags, call);
      return null;
    },
  });
}

function carries(instance: Instance, tags: readonly Tag[]): boolean {
  return tags.every((tag) => instance.tags.some(({ key, value }) => key === tag.key && value === tag.value));
}
