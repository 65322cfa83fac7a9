import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { SHOP } from '../../src/testing/index.js';
import { refusal, soleFinding } from '../helpers/refusal.js';
import { closeClouds, release, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const { elastigroupId, applicationName, deploymentGroupName } = SHOP;

const blueOf = (cloud: SimulatedCloud): readonly string[] =>
  cloud.elastigroups.members(elastigroupId).map(({ instanceId }) => instanceId);

/** Tags of blue that everybody has long seen. */
function retag(cloud: SimulatedCloud, ids: readonly string[], tags: Readonly<Record<string, string>>): void {
  cloud.ec2.createTags(ids, tags);
  cloud.advance(60_000);
}

const filterOn = (...anyOf: ReadonlyArray<readonly [key: string, value?: string]>) => [
  anyOf.map(([Key, Value]) =>
    Value === undefined ? { Key, Type: 'KEY_ONLY' } : { Key, Value, Type: 'KEY_AND_VALUE' },
  ),
];

function setFilter(cloud: SimulatedCloud, ec2TagSet: ReturnType<typeof filterOn>): void {
  cloud.codeDeploy.updateDeploymentGroup(applicationName, deploymentGroupName, { ec2TagSet });
}

/** Blue by a tag that green cannot have: so that nothing but the colours is wrong. */
function nameBlue(cloud: SimulatedCloud, tags: Readonly<Record<string, string>>): void {
  retag(cloud, blueOf(cloud), { ...tags, Fleet: 'present' });
  setFilter(cloud, filterOn(['Fleet', 'present']));
}

/** Each refused for this reason alone: what is found, and what to do about it. */
const REFUSED: ReadonlyArray<readonly [title: string, story: ReleaseStory, found: RegExp, fix: RegExp]> = [
  [
    'a tag key that blue does not carry',
    { spec: { green: { tagKey: 'Color' } }, prepare: (cloud) => nameBlue(cloud, {}) },
    /blue does not carry the tag Color \(i-\w+, i-\w+, i-\w+\)/,
    /Tag blue, and the launch specification, with Color/,
  ],
  [
    'a second tag key that one of blue does not carry',
    {
      spec: { green: { tags: { Colour: 'green', Lane: 'b' } } },
      prepare: (cloud) => retag(cloud, blueOf(cloud).slice(1), { Lane: 'a' }),
    },
    /blue does not carry the tag Lane \(i-\w+\)$/,
    /a value other than b/,
  ],
  [
    'a value that blue carries already',
    {
      spec: { green: { tagKey: 'Lane', value: 'a' } },
      prepare: (cloud) => nameBlue(cloud, { Lane: 'a' }),
    },
    /blue already carries Lane=a/,
    /Choose a value that no instance carries/,
  ],
  [
    'a value that an instance elsewhere carries, which CodeDeploy would release onto as well',
    {
      spec: { green: { tagKey: 'Colour', value: 'green' } },
      prepare: (cloud) => void cloud.ec2.launch({ tags: { Colour: 'green', App: 'other' }, launchMs: 0 }),
    },
    /none of this Elastigroup’s carry all the green tags \(i-\w+\)/,
    /CodeDeploy would release onto them too/,
  ],
  [
    'a value that a stopped instance elsewhere carries: CodeDeploy counts it as failed',
    {
      spec: { green: { tagKey: 'Colour', value: 'green' } },
      prepare: (cloud) => {
        const { instanceId } = cloud.ec2.launch({ tags: { Colour: 'green' }, launchMs: 0 });
        cloud.ec2.stop(instanceId);
        cloud.advance(60_000);
      },
    },
    /none of this Elastigroup’s carry all the green tags \(i-\w+\)/,
    /untag or terminate them/,
  ],
  [
    'a deployment group whose filter misses one of blue',
    {
      prepare: (cloud) => {
        cloud.ec2.createTags(blueOf(cloud).slice(1), { Colour: 'teal' });
        cloud.advance(60_000);
      },
    },
    /filter \(Colour=blue\) does not select blue \(i-\w+, i-\w+\)/,
    /selects exactly blue: aws deploy update-deployment-group/,
  ],
  [
    'a deployment group whose filter selects nothing at all',
    { prepare: (cloud) => setFilter(cloud, []) },
    /filter no tags at all does not select blue \(i-\w+, i-\w+, i-\w+\)/,
    /selects exactly blue/,
  ],
  [
    'a deployment group whose filter selects an instance of somebody else',
    { prepare: (cloud) => void cloud.ec2.launch({ tags: { Colour: 'blue', App: 'other' }, launchMs: 0 }) },
    /filter \(Colour=blue\) selects instances of others \(i-\w+\)/,
    /selects exactly blue/,
  ],
  [
    'a deployment group whose filter would select green as well, since it names the key alone',
    { prepare: (cloud) => setFilter(cloud, filterOn(['Colour'])) },
    /filter \(Colour\) would select green as well/,
    /selects exactly blue/,
  ],
  [
    'a deployment group whose filter would select green as well, by a tag of the launch specification',
    { prepare: (cloud) => setFilter(cloud, filterOn(['Colour', 'blue'], ['App', 'shop'])) },
    /filter \(Colour=blue or App=shop\) would select green as well/,
    /selects exactly blue/,
  ],
];

describe('preflight refuses', () => {
  for (const [title, story, found, fix] of REFUSED) {
    it(title, async () => {
      const finding = await soleFinding(story);
      expect(finding.check).toBe('colours');
      expect(finding.found).toMatch(found);
      expect(finding.fix).toMatch(fix);
    });
  }

  it('alternate values that blue carries both of', async () => {
    const { error, findings } = await refusal({
      spec: { green: { tagKey: 'Colour', alternate: ['blue', 'green'] } },
      prepare: (cloud) => {
        setFilter(cloud, filterOn(['App', 'shop']));
        retag(cloud, blueOf(cloud).slice(2), { Colour: 'green' });
      },
    });
    expect(error.code).toBe('PREFLIGHT_REFUSED');
    expect(findings[0]?.found).toMatch(/blue already carries Colour=blue/);
    expect(findings[0]?.fix).toMatch(/Both alternate values are in use/);
  });
});

describe('the green tags', () => {
  const polling = { every: '15s' } as const;

  it('take the alternate value that no blue carries', async () => {
    const { cloud, result } = await release({
      spec: { green: { tagKey: 'Colour', alternate: ['blue', 'green'] } },
      options: { polling },
    });
    expect(result.outcome).toBe('succeeded');
    expect(tagsOnTheWire(cloud)).toEqual({
      spot: [{ tagKey: 'Colour', tagValue: 'green' }],
      codeDeploy: [[{ Type: 'KEY_AND_VALUE', Key: 'Colour', Value: 'green' }]],
    });
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
    expect(cloud.traffic.failed).toBe(0);
  });

  it('take the first alternate value again once blue carries the second', async () => {
    const { cloud, result } = await release({
      spec: { green: { tagKey: 'Colour', alternate: ['blue', 'green'] } },
      options: { polling },
      prepare: (made) => {
        retag(made, blueOf(made), { Colour: 'green' });
        setFilter(made, filterOn(['Colour', 'green']));
      },
    });
    expect(result.outcome).toBe('succeeded');
    expect(tagsOnTheWire(cloud).codeDeploy).toEqual([[{ Type: 'KEY_AND_VALUE', Key: 'Colour', Value: 'blue' }]]);
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
  });

  it('default to a value that nothing else can carry: the id of the rollout', async () => {
    const { cloud, result } = await release({ call: { id: 'release-412' }, options: { polling } });
    expect(tagsOnTheWire(cloud).spot).toEqual([{ tagKey: 'Colour', tagValue: 'release-412' }]);
    expect(result.green?.tags).toEqual({ Colour: 'release-412' });
  });

  for (const keys of [2, 3]) {
    it(`are demanded together when there are ${keys}: one list for each on the wire`, async () => {
      const tags = Object.fromEntries(['Colour', 'Lane', 'Wave'].slice(0, keys).map((key) => [key, `${key}-new`]));
      const { cloud, result } = await release({
        spec: { green: { tags } },
        options: { polling },
        prepare: (made) => {
          retag(made, blueOf(made), { Lane: 'a', Wave: '1' });
          // Carries one of the tags, and must not be taken for it.
          made.ec2.launch({ tags: { Colour: 'Colour-new', Lane: 'z' }, launchMs: 0 });
        },
      });
      expect(result.outcome).toBe('succeeded');
      expect(tagsOnTheWire(cloud).codeDeploy).toEqual(
        Object.entries(tags).map(([Key, Value]) => [{ Type: 'KEY_AND_VALUE', Key, Value }]),
      );
      const [deployment] = cloud.snapshot().codeDeployDeployments;
      const taken = deployment?.targets.filter(({ label }) => label === 'Green').map(({ instanceId }) => instanceId);
      expect(taken?.sort()).toEqual([...(result.green?.instanceIds ?? [])].sort());
      expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
      expect(cloud.traffic.failed).toBe(0);
    });
  }
});

function tagsOnTheWire(cloud: SimulatedCloud): { readonly spot: unknown; readonly codeDeploy: unknown } {
  const bodyOf = (operation: string): unknown => cloud.requests.find((each) => each.operation === operation)?.body;
  const entered = bodyOf('enterDeploymentMode') as { deployment: { tags: unknown } };
  const created = bodyOf('CreateDeployment') as { targetInstances: { ec2TagSet: { ec2TagSetList: unknown } } };
  expect(created.targetInstances).not.toHaveProperty('tagFilters');
  return { spot: entered.deployment.tags, codeDeploy: created.targetInstances.ec2TagSet.ec2TagSetList };
}
