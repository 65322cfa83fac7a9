import { afterEach, describe, expect, it } from 'vitest';
import { SHOP, type SimulatedCloud } from '../../src/testing/index.js';
import { BlueGreen, MemoryStore } from '../../src/index.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const { bucket, applicationName, deploymentGroupName } = SHOP;
const GROUP = { applicationName, deploymentGroupName };
const OBJECT = { bucket, key: 'shop-412.zip', bundleType: 'zip' } as const;

const asking = (s3: object) => ({
  onSameRevision: 'skip' as const,
  codeDeploy: { ...GROUP, revision: { s3: { ...OBJECT, ...s3 } } },
});

/** The revision was released once; then, after whatever happened meanwhile, somebody releases again. */
async function again(
  first: object,
  second: ReturnType<typeof asking>,
  meanwhile: (cloud: SimulatedCloud) => void = () => {},
): Promise<Pick<ReleaseEnd, 'result' | 'mutations' | 'cloud'> & { readonly warnings: readonly string[] }> {
  const story: ReleaseStory = {
    cloud: { undocumented: { filterAfterSuccess: 'green' } },
    spec: {
      codeDeploy: {
        ...GROUP,
        revision: 'revision' in first ? first.revision : { s3: { ...OBJECT, ...first } },
      } as never,
    },
  };
  const { cloud, result: before } = await release(story);
  expect(before.outcome).toBe('succeeded');
  cloud.advance(600_000);
  meanwhile(cloud);
  const sofar = cloud.requests.length;
  const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore() });
  const rollout = await blueGreen.start(cloud.spec(second) as never);
  const result = await rollout.result();
  const warnings = rollout.status().warnings.map(({ code }) => code);
  await blueGreen.close();
  const mutations = cloud.requests
    .slice(sofar)
    .flatMap(({ operation }) => (/^(list|read|describe|get|batchget)/i.test(operation) ? [] : [operation]));
  return { result, mutations, cloud, warnings };
}

describe('the revision that serves already, where it is to be skipped', () => {
  it.each([
    ['the same version', { version: 'v1' }, { version: 'v1' }],
    ['the same ETag', { eTag: 'abc' }, { eTag: 'abc' }],
    ['the same ETag, once in quotation marks', { eTag: '"abc"' }, { eTag: 'abc' }],
    ['the same version, and an ETag that only one of them tells', { version: 'v1' }, { version: 'v1', eTag: 'abc' }],
  ])('%s: nothing is touched, and the result says who is proven', async (_, first, second) => {
    const { result, mutations, warnings, cloud } = await again(first, asking(second));
    expect(result.outcome).toBe('succeeded');
    expect(mutations).toEqual([]);
    expect(warnings).toContain('RELEASE_SKIPPED');
    expect(result.receipt.lines).toEqual([
      { what: 'served by the same revision', subject: expect.stringContaining('shop-tg'), verdict: 'never-changed' },
    ]);
    // Nothing was launched, and nothing is to be taken away: there is neither green nor blue.
    expect(result.green).toBeUndefined();
    expect(result.blue).toBeUndefined();
    expect(result.codeDeployDeploymentIds).toEqual([]);
    expect(cloud.snapshot().codeDeployDeployments).toHaveLength(2);
  });
});

describe('a GitHub revision', () => {
  const commit = (commitId: string) => ({ revision: { github: { repository: 'shop/shop', commitId } } });

  it.each([
    ['the same commit is skipped', 'c0ffee', []],
    ['another commit is released', 'c0ffef', ['enterDeploymentMode', 'CreateDeployment']],
  ])('%s', async (_, commitId, sent) => {
    const second = { onSameRevision: 'skip' as const, codeDeploy: { ...GROUP, ...commit(commitId) } };
    const { result, mutations } = await again(commit('c0ffee'), second as never);
    expect(result.outcome).toBe('succeeded');
    expect(mutations).toEqual(sent);
  });
});

describe('what does not prove to be the same revision is released', () => {
  it.each([
    ['another version', { version: 'v1' }, { version: 'v2' }],
    ['another ETag of the same version', { version: 'v1', eTag: 'abc' }, { version: 'v1', eTag: 'def' }],
    ['the same key alone', {}, {}],
    ['a version where the last release told an ETag', { eTag: 'abc' }, { version: 'v1' }],
    ['another key', { version: 'v1' }, { version: 'v1', key: 'shop-413.zip' }],
  ])('%s', async (_, first, second) => {
    const { result, mutations, warnings } = await again(first, asking(second));
    expect(result.outcome).toBe('succeeded');
    expect(mutations).toContain('CreateDeployment');
    expect(warnings).not.toContain('RELEASE_SKIPPED');
    expect(result.green?.instanceIds).toHaveLength(3);
  });

  it('the same, without being asked to skip', async () => {
    const { mutations } = await again({ version: 'v1' }, {
      ...asking({ version: 'v1' }),
      onSameRevision: 'deploy',
    } as never);
    expect(mutations).toContain('CreateDeployment');
  });

  it('the same, where an instance serves that its deployment did not prove', async () => {
    const { mutations, warnings } = await again({ version: 'v1' }, asking({ version: 'v1' }), (cloud) => {
      const [known] = cloud.elastigroups.coloured(SHOP.elastigroupId, 'green');
      cloud.elastigroups.scale(SHOP.elastigroupId, 4);
      cloud.advance(120_000);
      const added = cloud.elastigroups.members(SHOP.elastigroupId).at(-1);
      if (added === undefined || known === undefined) throw new Error('nothing was launched');
      added.application = { revision: 'by hand', healthy: true };
      cloud.ec2.createTags([added.instanceId], Object.fromEntries(known.tags));
      cloud.loadBalancing.register(SHOP.targetGroupName, [added.instanceId]);
      cloud.advance(120_000);
      expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 1 });
    });
    expect(mutations).toContain('CreateDeployment');
    expect(warnings).not.toContain('RELEASE_SKIPPED');
  });

  it('the same, where something was deployed after it', async () => {
    const { mutations } = await again({ version: 'v1' }, asking({ version: 'v1' }), (cloud) => {
      const tags = cloud.elastigroups.coloured(SHOP.elastigroupId, 'green')[0]?.tags.get('Colour') ?? '';
      const id = cloud.codeDeploy.createDeployment({
        ...GROUP,
        revision: { revisionType: 'S3', s3Location: { bucket, key: 'shop-400.zip', bundleType: 'zip' } },
        targetInstances: { tagFilters: [{ Key: 'Colour', Value: tags, Type: 'KEY_AND_VALUE' }] },
      });
      cloud.codeDeploy.stopDeployment(id, false);
      cloud.advance(60_000);
    });
    expect(mutations).toContain('CreateDeployment');
  });

  it('the first release of a deployment group', async () => {
    const { result, mutations } = await release({
      cloud: { deploymentGroup: { hasLastDeployment: false } },
      spec: asking({ version: 'v1' }),
    });
    expect(result.outcome).toBe('succeeded');
    expect(mutations).toContain('codedeploy CreateDeployment');
  });
});
