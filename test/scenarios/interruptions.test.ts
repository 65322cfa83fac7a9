import { afterEach, describe, expect, it } from 'vitest';
import type { RolloutEvent } from '../../src/index.js';
import { SHOP } from '../../src/testing/shop.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { resolveUndocumented } from '../../src/testing/simulated-cloud-options.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';
import { rollsBack, type RollbackScenario } from '../helpers/rollback.js';

afterEach(closeClouds);

const MINUTE_MS = 60_000;
const REPLACES = { undocumented: resolveUndocumented({ healingDuringMode: 'replaces' }) };

function reclaim(cloud: SimulatedCloud, instanceId: string | undefined): void {
  if (instanceId === undefined) throw new Error('there is nothing to reclaim');
  const because = 'Server.SpotInstanceTermination';
  cloud.ec2.terminate(instanceId, { code: because, message: `${because}: Spot instance termination` });
}

/** Reclaims a green instance, once for each of these waits, when it says that. */
function losesGreen(
  when: ReadonlyArray<{ readonly step: string; readonly says: string }>,
): Pick<ReleaseStory, 'onEvent'> {
  const done = new WeakMap<SimulatedCloud, Set<string>>();
  return {
    onEvent: (event: RolloutEvent, cloud) => {
      const struck = done.get(cloud) ?? new Set();
      done.set(cloud, struck);
      const due = when.find(
        ({ step, says }) =>
          event.name === 'step:run:observed' &&
          event.data.step === step &&
          event.text.includes(says) &&
          !struck.has(step),
      );
      if (due === undefined) return;
      struck.add(due.step);
      const [first] = tagged(cloud);
      reclaim(cloud, first);
    },
  };
}

/** Running instances of the Elastigroup that carry another colour than blue did. */
function tagged(cloud: SimulatedCloud): readonly string[] {
  const [blue] = cloud.elastigroups.coloured(SHOP.elastigroupId, 'blue');
  const key = 'Colour';
  return cloud.ec2
    .all()
    .filter(({ state, tags }) => state === 'running' && tags.has(key) && tags.get(key) !== blue?.tags.get(key))
    .map(({ instanceId }) => instanceId);
}

const BEFORE_RELEASE = losesGreen([{ step: 'await-green', says: 'tags settling' }]);

const healthy = ({ cloud }: ReleaseEnd): readonly string[] =>
  cloud.loadBalancing
    .health(SHOP.targetGroupName)
    .filter(({ state }) => state === 'healthy')
    .map(({ instanceId }) => instanceId)
    .sort();

/** Everything that serves is the green of the result, and runs the new version. */
function isProven(end: ReleaseEnd, count: number): void {
  const { result, cloud } = end;
  expect(result.error?.message).toBeUndefined();
  expect(result.outcome).toBe('succeeded');
  expect(healthy(end)).toEqual([...(result.green?.instanceIds ?? [])].sort());
  expect(healthy(end)).toHaveLength(count);
  for (const id of healthy(end)) expect(cloud.ec2.get(id)?.application?.revision).toMatch(/^s3:/);
  expect(cloud.traffic.failed).toBe(0);
}

describe('a green instance is reclaimed before CodeDeploy was asked', () => {
  it('replace: what Spot launches in its place is tagged green and released onto', async () => {
    const end = await release({
      ...BEFORE_RELEASE,
      cloud: { blue: 3, ...REPLACES },
      spec: { onInterruption: 'replace' },
    });
    isProven(end, 3);
    expect(end.mutations).toEqual(['spot enterDeploymentMode', 'ec2 CreateTags', 'codedeploy CreateDeployment']);
    expect(end.result.codeDeployDeploymentIds).toHaveLength(1);
    expect(end.result.strays).toEqual([]);
  });

  it('replace: EC2 that does not know yet what Spot launched is asked again', async () => {
    const on = { service: 'ec2', operation: 'CreateTags', times: 3 } as const;
    const end = await release({
      ...BEFORE_RELEASE,
      faults: [{ fault: 'refused', on, code: 'InvalidInstanceID.NotFound', status: 400 }],
      cloud: { blue: 3, ...REPLACES },
      spec: { onInterruption: 'replace' },
    });
    isProven(end, 3);
    expect(end.mutations.filter((sent) => sent === 'ec2 CreateTags')).toHaveLength(4);
    const told = end.events.filter(({ name, text }) => name === 'cloud:call:failed' && text.startsWith('ec2'));
    expect(told.map(({ text }) => text)).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/again in \d+ ms: ec2 may not see yet/) as string),
    );
  });

  it('replace: and once more, if that one is reclaimed as well', async () => {
    const end = await release({
      ...losesGreen([
        { step: 'await-green', says: 'tags settling' },
        { step: 'await-green/2', says: 'tags settling' },
      ]),
      cloud: { blue: 2, ...REPLACES },
      spec: { onInterruption: 'replace' },
    });
    isProven(end, 2);
    expect(end.mutations.filter((sent) => sent === 'ec2 CreateTags')).toHaveLength(2);
  });

  it('replace: it unwinds after ten minutes where Spot launches nothing in its place', async () => {
    await rollsBack({
      ...BEFORE_RELEASE,
      cloud: { undocumented: resolveUndocumented({ healingDuringMode: 'does-not-replace' }) },
      spec: { onInterruption: 'replace', minimumHealthyPercent: 50 },
      code: 'GREEN_LOST',
      also: ({ events }) => {
        const at = (name: RolloutEvent['name']): number =>
          Date.parse(events.find((event) => event.name === name)?.at ?? '');
        const minutes = (at('rollout:unwind:started') - at('rollout:start:recorded')) / MINUTE_MS;
        return minutes > 10 && minutes < 16 ? [] : [`it went back after ${minutes} minutes`];
      },
    });
  });

  for (const stopMode of ['removes-green', 'leaves-green'] as const)
    for (const whenDeploymentFails of ['only-removes-green', 'does-nothing'] as const) {
      const story: RollbackScenario = {
        ...BEFORE_RELEASE,
        cloud: { undocumented: resolveUndocumented({ stopMode, whenDeploymentFails }) },
        spec: { onInterruption: 'replace' },
      };
      it(`replace: a release that fails on it goes back, and the replacement goes too (${stopMode}, ${whenDeploymentFails})`, async () => {
        await rollsBack({
          ...story,
          faults: [{ fault: 'script-fails', instance: 'all' }],
          code: 'RELEASE_FAILED',
          usersMayNotice: ['restarted-blue'],
          also: ({ cloud }) => tagged(cloud).map((id) => `${id} is left with green's tags`),
        });
      });
    }

  it('tolerate: the release goes on with the others at once, if they are enough', async () => {
    const end = await release({
      ...BEFORE_RELEASE,
      cloud: { blue: 3, ...REPLACES },
      spec: { onInterruption: 'tolerate', minimumHealthyPercent: 60 },
    });
    isProven(end, 2);
    expect(end.mutations).not.toContain('ec2 CreateTags');
    const [first, second] = ['step:run:started', 'step:run:completed'].map((name) =>
      Date.parse(
        end.events.find((each) => each.name === name && 'step' in each.data && each.data.step === 'await-green')?.at ??
          '',
      ),
    );
    expect((second ?? Number.NaN) - (first ?? Number.NaN)).toBeLessThan(5 * MINUTE_MS);
  });

  it('tolerate: what was lost then still counts when one more fails later', async () => {
    const end = await release({
      ...BEFORE_RELEASE,
      cloud: { blue: 4, ...REPLACES },
      spec: { minimumHealthyPercent: 60 },
      // Two of four would be half of green, and two of three is two thirds.
      faults: [{ fault: 'script-fails', instance: 0 }],
    });
    expect(end.result).toMatchObject({ outcome: 'rolled-back', error: { code: 'RELEASE_FAILED' } });
  });

  for (const spec of [{}, { onInterruption: 'unwind', minimumHealthyPercent: 50 }] as const)
    it(`it unwinds with ${JSON.stringify(spec)}`, async () => {
      await rollsBack({ ...BEFORE_RELEASE, cloud: { blue: 3, ...REPLACES }, spec, code: 'GREEN_LOST' });
    });
});

describe('a green instance is reclaimed while CodeDeploy installs', () => {
  const LOST = [{ fault: 'interruption', colour: 'green', instance: 1, event: 'Install' }] as const;

  it('tolerate: the release goes out on what is left, if that is enough', async () => {
    const options = { polling: { every: '30s', urgent: '20s' } } as const;
    const end = await release({ cloud: { blue: 3 }, faults: LOST, options, spec: { minimumHealthyPercent: 60 } });
    isProven(end, 2);
  });

  it('unwind: it is taken back within a minute, although enough is left', async () => {
    const spec = { onInterruption: 'unwind', minimumHealthyPercent: 60 } as const;
    const end = await release({ cloud: { blue: 3 }, faults: LOST, spec });
    expect(end.result).toMatchObject({ outcome: 'rolled-back', error: { code: 'INSTANCE_LOST', blame: 'cloud' } });
  });
});

describe('a green instance is reclaimed while the release is held in Ready', () => {
  const HELD: ReleaseStory = {
    cloud: { blue: 3, deploymentGroup: { readyWaitMinutes: 60 }, ...REPLACES },
    faults: [{ fault: 'interruption', colour: 'green', instance: 1, atMs: 8 * MINUTE_MS }],
    onEvent: (event, cloud, blueGreen) => {
      if (event.name !== 'step:run:started' || event.data.step !== 'gate/smoke') return;
      cloud.clock.schedule(15 * MINUTE_MS, () => {
        void blueGreen.approve(event.rolloutId ?? '', 'smoke', { by: 'me' }).catch(() => {});
      });
    },
  };
  const gates = [{ name: 'smoke', before: 'PRODUCTION_TRAFFIC_SHIFT' }] as const;

  it('replace: traffic moves onto the others, and the replacement gets the release at the end', async () => {
    const end = await release({ ...HELD, spec: { gates, onInterruption: 'replace', minimumHealthyPercent: 60 } });
    isProven(end, 3);
    expect(end.result.codeDeployDeploymentIds).toHaveLength(2);
  });

  for (const spec of [
    { onInterruption: 'replace' },
    { onInterruption: 'tolerate' },
    { onInterruption: 'unwind', minimumHealthyPercent: 60 },
  ] as const)
    it(`it unwinds at once with ${JSON.stringify(spec)}`, async () => {
      const end = await release({ ...HELD, spec: { gates, ...spec } });
      expect(end.result).toMatchObject({ outcome: 'rolled-back', error: { code: 'INSTANCE_LOST' } });
    });
});
