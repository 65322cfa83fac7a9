import type { Ec2Model, SimulatedInstance } from './parts.js';
import { Refusal } from './parts.js';

/** One EC2 tag filter in CodeDeploy's own spelling. */
export interface CodeDeployTagFilter {
  readonly Key?: string;
  readonly Value?: string;
  readonly Type?: string;
}

/** Which instances: any of `tagFilters`, or all of the groups of `ec2TagSet` (any filter inside a group). */
export interface InstanceSelection {
  readonly tagFilters?: readonly CodeDeployTagFilter[];
  readonly ec2TagSet?: ReadonlyArray<readonly CodeDeployTagFilter[]>;
}

const FILTER_TYPES = ['KEY_ONLY', 'VALUE_ONLY', 'KEY_AND_VALUE'] as const;
const MOST_GROUPS = 3;
const MOST_TAGS = 10;

function meets(tags: ReadonlyMap<string, string>, filter: CodeDeployTagFilter): boolean {
  const key = filter.Key ?? '';
  const value = filter.Value ?? '';
  switch (typeOf(filter)) {
    case 'KEY_ONLY':
      return tags.has(key);
    case 'VALUE_ONLY':
      return [...tags.values()].includes(value);
    case 'KEY_AND_VALUE':
      return tags.get(key) === value;
    default:
      return false;
  }
}

function typeOf(filter: CodeDeployTagFilter): (typeof FILTER_TYPES)[number] | undefined {
  if (filter.Type !== undefined) return FILTER_TYPES.find((type) => type === filter.Type);
  if (filter.Key === undefined) return 'VALUE_ONLY';
  return filter.Value === undefined ? 'KEY_ONLY' : 'KEY_AND_VALUE';
}

/** The instances that CodeDeploy finds now: every one that is not terminated, stopped ones included. An empty selection selects nothing. */
export function selectInstances(ec2: Ec2Model, selection: InstanceSelection): readonly SimulatedInstance[] {
  const groups =
    selection.ec2TagSet !== undefined && selection.ec2TagSet.length > 0
      ? selection.ec2TagSet
      : [selection.tagFilters ?? []];
  if (groups.every((group) => group.length === 0)) return [];
  return ec2.find([], 'codedeploy').filter((instance) => {
    const tags = ec2.tagsSeen(instance, 'codedeploy');
    return groups.every((group) => group.some((filter) => meets(tags, filter)));
  });
}

/** What CodeDeploy refuses before it looks at a single instance. Each problem has a code of its own in a deployment group and the same one in a deployment. */
export function checkSelection(selection: InstanceSelection, forDeployment: boolean): void {
  const refuse = (code: string, message: string): never => {
    throw new Refusal(forDeployment ? 'InvalidTargetInstancesException' : code, message);
  };
  const { tagFilters = [], ec2TagSet = [] } = selection;
  if (tagFilters.length > 0 && ec2TagSet.length > 0) {
    throw new Refusal(
      'InvalidEC2TagCombinationException',
      'A call was submitted that specified both Ec2TagFilters and Ec2TagSet, but only one of these data types can be used in a single call.',
    );
  }
  if (ec2TagSet.length > MOST_GROUPS) {
    refuse(
      'TagSetListLimitExceededException',
      `The number of tag groups included in the tag set list exceeded the maximum allowed limit of ${MOST_GROUPS}.`,
    );
  }
  const filters = [...tagFilters, ...ec2TagSet.flat()];
  if (filters.length > MOST_TAGS) {
    refuse('InvalidEC2TagException', `The limit of ${MOST_TAGS} tags for a tag type was exceeded.`);
  }
  const unknown = filters.find((filter) => typeOf(filter) === undefined);
  if (unknown !== undefined) refuse('InvalidEC2TagException', `Unknown tag filter type: ${String(unknown.Type)}`);
}
