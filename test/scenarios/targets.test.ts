import { afterEach, describe, expect, it } from 'vitest';
import type { RolloutEvent } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { SHOP } from '../../src/testing/index.js';
import { closeClouds, release, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const { elastigroupId } = SHOP;
const GREEN = { tagKey: 'Colour', value: 'green' } as const;
const SECOND_MS = 1_000;

const isObserved = (event: RolloutEvent, step: string): boolean =>
  event.name === 'step:run:observed' && event.data.step === step;

const created = (cloud: SimulatedCloud) => cloud.requests.filter(({ operation }) => operation === 'CreateDeployment');

/** The green targets of each deployment, the first attempt first. */
const attempts = (cloud: SimulatedCloud) =>
  [...cloud.snapshot().codeDeployDeployments]
    .filter(({ description }) => description?.includes('#') === true)
    .reverse()
    .map(({ status, targets, description }) => ({
      status,
      green: targets.filter(({ label }) => label === 'Green').length,
      attempt: description?.split('#')[1],
    }));

/** Two of green get their tags as soon as EC2 has them; CodeDeploy sees those of the third so much later. */
const lateForOne = (spotPollMs: number): ReleaseStory => ({
  cloud: { timings: { tagVisibleInCodeDeployMs: 95 * SECOND_MS, spotPollMs } },
  spec: { green: GREEN },
  prepare: (cloud) => {
    const look = (): void => {
      const green = cloud.elastigroups.coloured(elastigroupId, 'green').map(({ instanceId }) => instanceId);
      if (green.length === 3) cloud.ec2.createTags(green.slice(0, 2), { Colour: 'green' });
      else cloud.clock.schedule(SECOND_MS, look);
    };
    look();
  },
});

describe('CodeDeploy takes fewer instances than are green', () => {
  it('and a second attempt takes all of them, while Spot still waits', async () => {
    const { cloud, result, mutations } = await release(lateForOne(120 * SECOND_MS));
    expect(result.outcome).toBe('succeeded');
    expect(attempts(cloud)).toEqual([
      { status: 'Stopped', green: 2, attempt: '1' },
      { status: 'Succeeded', green: 3, attempt: '2' },
    ]);
    expect(mutations).toEqual([
      'spot enterDeploymentMode',
      'codedeploy CreateDeployment',
      'codedeploy StopDeployment',
      'codedeploy CreateDeployment',
    ]);
    const stop = cloud.requests.find(({ operation }) => operation === 'StopDeployment');
    expect(stop?.body).toMatchObject({ autoRollbackEnabled: false });
    expect(result.codeDeployDeploymentIds).toHaveLength(2);
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
    expect(cloud.traffic.failed).toBe(0);
  });

  it('and is taken back with TARGETS_MISSED once Spot has begun to follow that attempt', async () => {
    const { cloud, result } = await release(lateForOne(10 * SECOND_MS));
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'TARGETS_MISSED', blame: 'cloud' } });
    expect(created(cloud)).toHaveLength(1);
    const { serving, elastigroups, instances } = cloud.snapshot();
    expect(serving).toEqual({ blue: 3, green: 0, other: 0 });
    expect(elastigroups[0]?.members).toHaveLength(3);
    expect(elastigroups[0]?.capacity).toMatchObject({ minimum: 1, target: 3, maximum: 6 });
    expect(instances.filter(({ colour, state }) => colour === 'green' && state === 'running')).toEqual([]);
    expect(cloud.traffic).toMatchObject({ failed: 0, green: 0 });
  });
});

describe('CodeDeploy takes an instance that is not green', () => {
  it('and is stopped at once: the stranger never gets a user’s request', async () => {
    let stranger = '';
    const { cloud, result, mutations } = await release({
      spec: { green: GREEN },
      onEvent: (event, made) => {
        // Nobody carried the tags when it was last looked: between that look and the call somebody starts one.
        if (event.name !== 'operation:send:intended' || event.data.key !== 'release-green/1') return;
        stranger = made.ec2.launch({ tags: { Colour: 'green', App: 'other' }, launchMs: 0 }).instanceId;
      },
    });
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'TARGETS_FOREIGN', blame: 'config' } });
    expect(result.error?.message).toContain(stranger);
    const [deployment] = cloud.snapshot().codeDeployDeployments;
    expect(deployment?.targets.map(({ instanceId }) => instanceId)).toContain(stranger);
    expect(deployment?.status).toBe('Stopped');
    const at = (operation: string): number => cloud.requests.find((each) => each.operation === operation)?.atMs ?? NaN;
    expect(at('StopDeployment') - at('CreateDeployment')).toBeLessThan(15 * SECOND_MS);
    expect(mutations.filter((each) => /Register|Terminate/.test(each))).toEqual([]);
    expect(cloud.traffic).toMatchObject({ failed: 0, other: 0, green: 0 });
    const { serving, instances } = cloud.snapshot();
    expect(serving).toEqual({ blue: 3, green: 0, other: 0 });
    // It is somebody else’s: it stays.
    expect(instances.find(({ instanceId }) => instanceId === stranger)?.state).toBe('running');
  });
});

describe('CodeDeploy does not see the tags yet', () => {
  it('and is asked again, without a second deployment ever being made', async () => {
    const { cloud, result } = await release({
      cloud: { timings: { tagVisibleInCodeDeployMs: 120 * SECOND_MS } },
      spec: { green: GREEN, tagSettle: '10s' },
    });
    expect(result.outcome).toBe('succeeded');
    const answers = created(cloud).map(({ status }) => status);
    expect(answers.length).toBeGreaterThan(2);
    expect(answers.filter((status) => status === 200)).toHaveLength(1);
    expect(answers.at(-1)).toBe(200);
    expect(attempts(cloud)).toEqual([{ status: 'Succeeded', green: 3, attempt: '1' }]);
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
    expect(cloud.traffic.failed).toBe(0);
  });

  it('for longer than five minutes, and everything is as it was', async () => {
    const { cloud, result } = await release({
      cloud: { timings: { tagVisibleInCodeDeployMs: 3_600 * SECOND_MS } },
      spec: { green: GREEN, tagSettle: '10s' },
    });
    expect(result.outcome).toBe('rolled-back');
    expect(result.error?.message).toContain('InvalidTargetInstancesException');
    const asked = created(cloud).map(({ atMs }) => atMs);
    expect((asked.at(-1) ?? 0) - (asked[0] ?? 0)).toBeGreaterThan(280 * SECOND_MS);
    expect((asked.at(-1) ?? 0) - (asked[0] ?? 0)).toBeLessThanOrEqual(310 * SECOND_MS);
    expect(attempts(cloud)).toEqual([]);
    expect(cloud.snapshot().serving).toEqual({ blue: 3, green: 0, other: 0 });
    expect(cloud.traffic).toMatchObject({ failed: 0, green: 0 });
  });
});

describe('green is known by its tags', () => {
  const tagQueries = (cloud: SimulatedCloud): readonly number[] =>
    cloud.requests
      .filter(({ operation, body }) => operation === 'DescribeInstances' && JSON.stringify(body).includes('tag:Colour'))
      .map(({ atMs }) => atMs);

  it('seen twice, tagSettle apart, by the queries that CodeDeploy itself would make', async () => {
    let tagged = 0;
    const { cloud, result } = await release({
      spec: { green: GREEN, tagSettle: '4m' },
      prepare: (made) => {
        const startedAt = made.clock.now();
        const look = (): void => {
          if (made.snapshot().instances.some(({ tags }) => tags['Colour'] === 'green'))
            tagged = made.clock.now() - startedAt;
          else made.clock.schedule(SECOND_MS, look);
        };
        look();
      },
    });
    expect(result.outcome).toBe('succeeded');
    const released = created(cloud)[0]?.atMs ?? 0;
    const seen = tagQueries(cloud).filter((atMs) => atMs >= tagged && atMs <= released);
    const apart = (seen.at(-1) ?? 0) - (seen[0] ?? 0);
    expect(apart).toBeGreaterThanOrEqual(240 * SECOND_MS);
    expect(apart).toBeLessThan(270 * SECOND_MS);
    expect(released - (seen.at(-1) ?? 0)).toBeLessThan(2 * SECOND_MS);
  });

  it('and when one of them is missing at a later look, the time runs anew', async () => {
    let settlesAt = 0;
    const { cloud, result } = await release({
      spec: { green: GREEN },
      onEvent: (event, made) => {
        if (settlesAt > 0 || !isObserved(event, 'await-green') || !event.text.includes('settling')) return;
        const [one] = made.elastigroups.coloured(elastigroupId, 'green');
        if (one === undefined) throw new Error('there is no green');
        made.ec2.deleteTags([one.instanceId], ['Colour']);
        settlesAt = made.clock.now() + 75 * SECOND_MS;
        made.clock.schedule(75 * SECOND_MS, () => made.ec2.createTags([one.instanceId], { Colour: 'green' }));
      },
    });
    expect(result.outcome).toBe('succeeded');
    const started = cloud.clock.now() - (cloud.requests.at(-1)?.atMs ?? 0);
    const createdAt = started + (created(cloud)[0]?.atMs ?? 0);
    expect(settlesAt).toBeGreaterThan(0);
    expect(createdAt).toBeGreaterThanOrEqual(settlesAt + 60 * SECOND_MS);
    expect(attempts(cloud)).toEqual([{ status: 'Succeeded', green: 3, attempt: '1' }]);
  });
});
