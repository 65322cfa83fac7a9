import { isDeepStrictEqual } from 'node:util';
import type { Story } from './story.js';
import { tellStory } from './tell-story.js';

const MOST_TELLINGS = 160;

/** What a violation says, without what differs from story to story. */
export const kindOf = (violation: string): string => violation.replaceAll(/\b(i-|d-|cdbg-)\w+|[\d.:-]+|\bZ\b/g, '#');

/** The story without everything that it does not need to break the same rule again. */
export async function shrinkStory(story: Story, violation: string): Promise<Story> {
  const kind = kindOf(violation);
  let smallest = story;
  let told = 0;
  for (let progress = true; progress && told < MOST_TELLINGS; ) {
    progress = false;
    for (const smaller of smallerThan(smallest)) {
      if (told >= MOST_TELLINGS) break;
      told += 1;
      const { violations } = await tellStory(smaller, 'short');
      if (!violations.some((each) => kindOf(each) === kind)) continue;
      smallest = smaller;
      progress = true;
      break;
    }
  }
  return smallest;
}

/** Every story that lacks one thing of this one; what is likely to matter least comes first. */
function smallerThan(story: Story): Story[] {
  const { cloud } = story;
  const without = <K extends keyof Story>(field: K, values: readonly Story[K][]): Story[] =>
    values.map((value) => ({ ...story, [field]: value }));
  const inCloud = <K extends keyof Story['cloud']>(field: K, values: ReadonlyArray<Story['cloud'][K]>): Story[] =>
    values.map((value) => ({ ...story, cloud: { ...cloud, [field]: value } }));
  const smaller = [
    // All at once first: most of a story has nothing to do with what it breaks.
    ...inCloud('timings', [{}]),
    ...inCloud('undocumented', [modeUnitOf(story)]),
    ...inCloud('elastigroup', [{}]),
    ...without('faults', [[]]),
    ...without('lives', [[]]),
    ...without('orders', [[]]),
    ...without('suspended', [[]]),
    ...without('company', [{}]),
    ...without('mishaps', [[]]),
    ...(['clockJump', 'busy', 'timeLimits', 'storeLagMs'] as const).flatMap((part) =>
      story[part] === undefined ? [] : [withoutKey(story, part)],
    ),
    ...withoutOneKey(story.company ?? {}).map((company) => ({ ...story, company })),
    ...withoutOne(story.faults).map((faults) => ({ ...story, faults })),
    ...withoutOne(story.lives).map((lives) => ({ ...story, lives })),
    ...withoutOne(story.orders).map((orders) => ({ ...story, orders })),
    ...(story.answers.length === 0 ? [] : [{ ...story, answers: [], spec: withoutKey(story.spec, 'gates') }]),
    ...withoutOneKey(story.spec).map((spec) => ({ ...story, spec })),
    ...inCloud('clockSkewMs', [0]),
    ...withoutOneKey(cloud.deploymentGroup ?? {}).flatMap((group) => inCloud('deploymentGroup', [group])),
    ...withoutOneKey(cloud.elastigroup ?? {}).flatMap((elastigroup) => inCloud('elastigroup', [elastigroup])),
    ...inCloud(
      'blue',
      [1, 2, 3].filter((count) => count < (cloud.blue ?? 1) && count >= (cloud.elastigroup?.minimum ?? 0)),
    ),
    ...withoutOneKey(cloud.undocumented ?? {})
      .filter((answers) => 'modeTimeoutUnit' in answers)
      .flatMap((answers) => inCloud('undocumented', [answers])),
    ...withoutOneKey(cloud.timings ?? {}).flatMap((timings) => inCloud('timings', [timings])),
  ];
  return smaller.filter((each) => !isDeepStrictEqual(each, story));
}

const modeUnitOf = ({ cloud }: Story): NonNullable<Story['cloud']['undocumented']> => ({
  modeTimeoutUnit: cloud.undocumented?.modeTimeoutUnit ?? 'seconds',
});

const withoutOne = <T>(list: readonly T[]): T[][] => list.map((_, index) => list.filter((_each, at) => at !== index));

function withoutKey<T extends object>(from: T, key: keyof T): T {
  return Object.fromEntries(Object.entries(from).filter(([name]) => name !== key)) as T;
}

const withoutOneKey = <T extends object>(from: T): T[] =>
  Object.keys(from).map((key) => withoutKey(from, key as keyof T));
