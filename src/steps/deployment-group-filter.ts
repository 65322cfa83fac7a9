import type { Call } from '../ports/call.js';
import type { TagFilter } from '../ports/code-deploy.js';
import type { Tag } from '../ports/elastigroups.js';
import type { Instance, Instances, TagCondition } from '../ports/instances.js';

/** The instances that a deployment group's own filter selects, asked of EC2 the way CodeDeploy looks. */
export async function resolveFilter(instances: Instances, filter: TagFilter, call: Call): Promise<readonly Instance[]> {
  if (filter.length === 0 || filter.some((anyOf) => anyOf.length === 0)) return [];
  const selected = new Map<string, Instance>();
  for (const conditions of conjunctions(filter)) {
    for (const instance of await instances.findByTags(conditions, call)) selected.set(instance.instanceId, instance);
  }
  return [...selected.values()];
}

/** Whether an instance with these tags would be selected. */
export function filterMatches(filter: TagFilter, tags: readonly Tag[]): boolean {
  if (filter.length === 0) return false;
  const carried = new Map(tags.map(({ key, value }) => [key, value]));
  return filter.every((anyOf) => anyOf.some((condition) => meets(carried, condition)));
}

export function describeFilter(filter: TagFilter): string {
  if (filter.length === 0) return 'no tags at all';
  const one = ({ key, values }: TagCondition): string => (values === undefined ? key : `${key}=${values.join('|')}`);
  return filter.map((anyOf) => `(${anyOf.map(one).join(' or ')})`).join(' and ');
}

function meets(carried: ReadonlyMap<string, string>, { key, values }: TagCondition): boolean {
  const value = carried.get(key);
  return value !== undefined && (values === undefined || values.includes(value));
}

/** An AND of ORs as the ANDs whose union it is: EC2's filters can only say AND between keys. */
function conjunctions(filter: TagFilter): readonly (readonly TagCondition[])[] {
  return filter.reduce<readonly (readonly TagCondition[])[]>(
    (sofar, anyOf) => sofar.flatMap((conditions) => anyOf.map((condition) => [...conditions, condition])),
    [[]],
  );
}
