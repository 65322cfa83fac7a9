import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatedCloud } from '../../src/testing/index.js';
import type { Fault } from '../../src/testing/faults.js';
import type { Undocumented } from '../../src/testing/options.js';
import { SHOP } from '../../src/testing/index.js';
import { watchInvariants, type Watch } from '../helpers/invariants.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const { elastigroupId } = SHOP;
const POLLING = { every: '30s', urgent: '10s' } as const;
const LATER_MS = 2 * 3_600_000;

const blueIds = (cloud: SimulatedCloud): readonly string[] =>
  cloud.elastigroups.coloured(elastigroupId, 'blue').map(({ instanceId }) => instanceId);

const detaches = (cloud: SimulatedCloud) =>
  cloud.requests
    .filter(({ operation }) => operation === 'detachInstances')
    .map(({ body }) => body as { readonly instancesToDetach: readonly string[] });

async function watched(story: ReleaseStory): Promise<ReleaseEnd & { readonly watch: Watch }> {
  const watches: Watch[] = [];
  const end = await release({
    ...story,
    options: { polling: POLLING, ...story.options },
    prepare: (cloud) => {
      story.prepare?.(cloud);
      watches.push(watchInvariants(cloud));
    },
  });
  const [watch] = watches;
  if (watch === undefined) throw new Error('nothing was watched');
  return { ...end, watch };
}

/** Green serves alone, in the captured capacity, and stays as it is for hours: whatever Spot still does by itself. */
function expectReleased({ cloud, result, watch }: Awaited<ReturnType<typeof watched>>): void {
  expect(result.outcome).toBe('succeeded');
  expect(watch.violations).toEqual([]);
  const green = [...(result.green?.instanceIds ?? [])].sort();
  for (const wait of [0, LATER_MS]) {
    cloud.advance(wait);
    const { serving, elastigroups, instances } = cloud.snapshot();
    expect(serving).toEqual({ blue: 0, green: 3, other: 0 });
    expect([...(elastigroups[0]?.members ?? [])].sort()).toEqual(green);
    expect(elastigroups[0]?.capacity).toEqual({ minimum: 1, target: 3, maximum: 6, unit: 'instance' });
    expect(elastigroups[0]?.suspensions).toEqual([]);
    // Nothing was launched but green, then or since.
    expect(instances.filter(({ colour }) => colour === 'other')).toEqual([]);
    expect(cloud.traffic.failed).toBe(0);
  }
}

describe('Spot takes blue away', () => {
  it('by itself: nothing is left to do, and nothing is sent', async () => {
    const end = await watched({});
    expectReleased(end);
    expect(end.mutations).toEqual(['spot enterDeploymentMode', 'codedeploy CreateDeployment']);
  });

  it('and forgets the deployment mode as soon as it is over', async () => {
    const end = await watched({ cloud: { undocumented: { finishedMode: 'vanishes' } } });
    expectReleased(end);
    expect(end.mutations).toEqual(['spot enterDeploymentMode', 'codedeploy CreateDeployment']);
    expect(end.cloud.snapshot().elastigroups[0]?.deploymentModes).toEqual([]);
  });
});

describe('Spot leaves blue where it is', () => {
  const FAULTS: ReadonlyArray<readonly [title: string, fault: Fault]> = [
    ['and never ends the mode', { fault: 'blue-not-removed' }],
    ['and says that it has finished', { fault: 'blue-not-removed', finishes: true }],
  ];
  const ANSWERS: ReadonlyArray<Pick<Undocumented, 'detachWithoutDecrement' | 'targetDuringMode'>> = [
    { detachWithoutDecrement: 'fills-up-to-target', targetDuringMode: 'unchanged' },
    { detachWithoutDecrement: 'fills-up-to-target', targetDuringMode: 'doubled' },
    { detachWithoutDecrement: 'always-replaces', targetDuringMode: 'unchanged' },
    { detachWithoutDecrement: 'always-replaces', targetDuringMode: 'doubled' },
  ];
  for (const [title, fault] of FAULTS) {
    for (const undocumented of ANSWERS) {
      it(`${title}: exactly the captured ids are detached (${Object.values(undocumented).join(', ')})`, async () => {
        const end = await watched({ cloud: { undocumented }, faults: [fault] });
        expectReleased(end);
        const [detach, ...more] = detaches(end.cloud);
        expect([...(detach?.instancesToDetach ?? [])].sort()).toEqual([...blueIds(end.cloud)].sort());
        expect(more).toEqual([]);
        const blue = end.cloud.snapshot().instances.filter(({ colour }) => colour === 'blue');
        expect(blue.map(({ state }) => state)).toEqual(['terminated', 'terminated', 'terminated']);
      });
    }
  }

  it('with an Elastigroup that may not hold more than it does: still nothing is launched', async () => {
    const end = await watched({
      cloud: { elastigroup: { minimum: 3, maximum: 3 } },
      faults: [{ fault: 'blue-not-removed', finishes: true }],
    });
    expect(end.result.outcome).toBe('succeeded');
    expect(end.watch.violations).toEqual([]);
    end.cloud.advance(LATER_MS);
    const { serving, elastigroups, instances } = end.cloud.snapshot();
    expect(serving).toEqual({ blue: 0, green: 3, other: 0 });
    expect(elastigroups[0]?.capacity).toMatchObject({ minimum: 3, target: 3, maximum: 3 });
    expect(instances.filter(({ colour }) => colour === 'other')).toEqual([]);
  });

  it('and the library does as the spec says: detach, and let the instances run', async () => {
    const end = await watched({
      spec: { detach: { terminate: false, drainingTimeout: '45s' } },
      faults: [{ fault: 'blue-not-removed', finishes: true }],
    });
    expectReleased(end);
    expect(detaches(end.cloud)).toMatchObject([{ shouldTerminateInstances: false, drainingTimeout: 45 }]);
    const blue = end.cloud.snapshot().instances.filter(({ colour }) => colour === 'blue');
    expect(blue.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
  });

  it('while too little of green is healthy: blue is left alone, and the receipt says so', async () => {
    let sick = '';
    const end = await watched({
      faults: [{ fault: 'blue-not-removed' }],
      onEvent: (event, cloud) => {
        if (event.name !== 'rollout:pivot:passed') return;
        const [one] = cloud.elastigroups.coloured(elastigroupId, 'green');
        if (one === undefined) throw new Error('there is no green');
        sick = one.instanceId;
        one.application = { revision: 's3://releases/shop-412.zip', healthy: false };
        cloud.ec2.changed(one);
      },
    });
    const { cloud, result, watch } = end;
    expect(result).toMatchObject({ outcome: 'failed', error: { code: 'RETIRE_FAILED' } });
    expect(result.error?.message).toMatch(/2 of proven green are healthy, and blue had 3/);
    expect(result.receipt.pivotPassedAt).toBeDefined();
    expect(result.receipt.lines.length).toBeGreaterThan(0);
    expect(detaches(cloud)).toEqual([]);
    expect(watch.violations).toEqual([]);
    const { instances, elastigroups } = cloud.snapshot();
    const blue = instances.filter(({ colour }) => colour === 'blue');
    expect(blue.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    expect(elastigroups[0]?.members).toHaveLength(6);
    expect(instances.find(({ instanceId }) => instanceId === sick)?.state).toBe('running');
  });
});

describe('the deployment group takes blue away as well', () => {
  for (const statusInTerminationWait of ['InProgress', 'Succeeded'] as const) {
    for (const terminationWaitMinutes of [0, 20]) {
      const after = terminationWaitMinutes === 0 ? 'at once' : `after ${terminationWaitMinutes} minutes`;
      it(`${after}, CodeDeploy saying ${statusInTerminationWait} meanwhile`, async () => {
        const end = await watched({
          cloud: {
            deploymentGroup: { terminateBlue: true, terminationWaitMinutes },
            undocumented: { statusInTerminationWait },
          },
        });
        expectReleased(end);
        expect(detaches(end.cloud)).toEqual([]);
        expect(end.tookMs).toBeGreaterThanOrEqual(terminationWaitMinutes * 60_000);
        expect(end.result.codeDeployDeploymentIds).toHaveLength(1);
      });
    }
  }
});
