import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { SHOP } from '../../src/testing/index.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const { elastigroupId } = SHOP;
const POLLING = { every: '15s', urgent: '5s' } as const;
const INTERRUPTED = { code: 'Server.SpotInstanceTermination', message: 'Spot instance termination' };
const SECOND_MS = 1_000;

/** EC2 takes one of blue as soon as the mode is entered; Spot replaces it that much later. */
function blueIsTaken(healingMs: number, strays: 'retire' | 'fail'): ReleaseStory {
  return {
    cloud: { timings: { healingMs }, undocumented: { whenDeploymentFails: 'only-removes-green' } },
    spec: { strays },
    options: { polling: POLLING },
    onEvent: (event, cloud) => {
      if (event.name !== 'step:run:completed' || event.data.step !== 'enter-deployment-mode') return;
      cloud.clock.schedule(10 * SECOND_MS, () => take(cloud, 'blue'));
    },
  };
}

function take(cloud: SimulatedCloud, colour: 'blue' | 'green'): void {
  const [one] = cloud.elastigroups.coloured(elastigroupId, colour);
  if (one === undefined) throw new Error(`there is no ${colour}`);
  cloud.ec2.terminate(one.instanceId, INTERRUPTED);
}

/** What Spot launched in place of a lost instance: it carries the launch specification's tags. */
function strayOf({ cloud }: ReleaseEnd) {
  const others = cloud.snapshot().instances.filter(({ colour }) => colour === 'other');
  expect(others).toHaveLength(1);
  const [stray] = others;
  if (stray === undefined) throw new Error('there is no stray');
  expect(stray.tags).toMatchObject(SHOP.tags);
  return stray;
}

const detached = ({ cloud }: ReleaseEnd): readonly unknown[] =>
  cloud.requests
    .filter(({ operation }) => operation === 'detachInstances')
    .map(({ body }) => (body as { instancesToDetach: unknown }).instancesToDetach);

/** The users of the instance that EC2 took notice, until the load balancer does; nobody else. */
function expectFailuresOnlyOf(end: ReleaseEnd, colour: 'blue' | 'green'): void {
  const lost = end.cloud.snapshot().instances.filter(({ stateReason }) => stateReason === INTERRUPTED.code);
  expect(lost.map((each) => each.colour)).toEqual([colour]);
  const others = end.cloud.trafficFailures.filter(({ because }) => !because.includes(lost[0]?.instanceId ?? ''));
  expect(others).toEqual([]);
}

describe('EC2 takes a blue instance during the release, and Spot launches another in its place', () => {
  for (const [when, healingMs] of [
    ['before CodeDeploy is asked', 60 * SECOND_MS],
    ['while CodeDeploy releases', 150 * SECOND_MS],
  ] as const) {
    it(`${when}: it is taken out once green is proven, and nothing else with it`, async () => {
      const end = await release(blueIsTaken(healingMs, 'retire'));
      expect(end.result.outcome).toBe('succeeded');
      const stray = strayOf(end);
      expect(detached(end)).toEqual([[stray.instanceId]]);
      expectFailuresOnlyOf(end, 'blue');
      end.cloud.advance(3_600 * SECOND_MS);
      const { serving, elastigroups, instances } = end.cloud.snapshot();
      expect(serving).toEqual({ blue: 0, green: 3, other: 0 });
      expect([...(elastigroups[0]?.members ?? [])].sort()).toEqual([...(end.result.green?.instanceIds ?? [])].sort());
      expect(elastigroups[0]?.capacity).toMatchObject({ minimum: 1, target: 3, maximum: 6 });
      expect(instances.filter(({ colour, state }) => colour === 'other' && state !== 'terminated')).toEqual([]);
    });
  }

  it('before CodeDeploy is asked, where strays make the release fail: everything that EC2 left is as it was', async () => {
    const end = await release(blueIsTaken(60 * SECOND_MS, 'fail'));
    expect(end.result).toMatchObject({ outcome: 'rolled-back', error: { code: 'STRAYS_FOUND' } });
    const stray = strayOf(end);
    expect(end.result.error?.message).toContain(stray.instanceId);
    expect(end.mutations).not.toContain('codedeploy CreateDeployment');
    expect(end.result.receipt.lines.filter(({ verdict }) => verdict === 'lost-to-cloud')).toHaveLength(1);
    const { serving, elastigroups } = end.cloud.snapshot();
    expect(serving).toEqual({ blue: 2, green: 0, other: 0 });
    // It stands in for the instance that was lost: it stays.
    expect(stray.state).toBe('running');
    expect(elastigroups[0]?.members).toHaveLength(3);
    expect(detached(end)).toEqual([]);
    expectFailuresOnlyOf(end, 'blue');
  });

  it('while CodeDeploy releases, where strays make the release fail: it is too late to go back, and it is left alone', async () => {
    const end = await release(blueIsTaken(150 * SECOND_MS, 'fail'));
    expect(end.result).toMatchObject({ outcome: 'failed', error: { code: 'STRAYS_FOUND' } });
    const stray = strayOf(end);
    expect(end.result.error?.message).toContain(stray.instanceId);
    expect(end.result.receipt.pivotPassedAt).toBeDefined();
    expect(end.result.strays.map(({ instanceId }) => instanceId)).toEqual([stray.instanceId]);
    expect(detached(end)).toEqual([]);
    expect(end.cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
    expectFailuresOnlyOf(end, 'blue');
  });
});

describe('EC2 takes a green instance after the release is out', () => {
  it('what Spot launches in its place runs no release, and is taken out; the moved target is reported', async () => {
    const end = await release({
      cloud: { timings: { healingMs: 10 * SECOND_MS } },
      options: { polling: POLLING },
      onEvent: (event, cloud) => {
        if (event.name === 'rollout:pivot:passed') take(cloud, 'green');
      },
    });
    expect(end.result.outcome).toBe('succeeded');
    const stray = strayOf(end);
    expect(detached(end)).toEqual([[stray.instanceId]]);
    const { serving, elastigroups } = end.cloud.snapshot();
    expect(serving).toEqual({ blue: 0, green: 2, other: 0 });
    expect(elastigroups[0]?.members).toHaveLength(2);
    expect(elastigroups[0]?.capacity).toMatchObject({ minimum: 1, maximum: 6 });
    expect(end.result.receipt.lines.find(({ what }) => what === 'target')).toMatchObject({
      verdict: 'differs',
      expected: 3,
      found: elastigroups[0]?.capacity.target,
    });
    expectFailuresOnlyOf(end, 'green');
  });
});
