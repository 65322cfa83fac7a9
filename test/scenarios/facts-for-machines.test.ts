import { afterEach, describe, expect, it } from 'vitest';
import type { RolloutEvent } from '../../src/index.js';
import { closeClouds, release, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

type Observed = Extract<RolloutEvent, { name: 'step:run:observed' }>;
interface Told {
  readonly mode?: string;
  readonly codeDeploy: { readonly id: string; readonly status: string };
  readonly green: Readonly<Record<string, number>>;
  readonly blue: Readonly<Record<string, number>>;
  readonly instances: ReadonlyArray<Readonly<Record<string, string>>>;
  readonly health?: ReadonlyArray<{ readonly arn: string; readonly blue: object; readonly green: object }>;
}

async function observed(
  story: ReleaseStory,
  step: string,
): Promise<{ readonly all: Observed[]; readonly told: Told[] }> {
  const { events } = await release(story);
  const all = events.filter((event): event is Observed => event.name === 'step:run:observed');
  const ofStep = all.filter(({ data }) => data.step === step);
  return { all, told: ofStep.flatMap(({ data }) => (data.facts === undefined ? [] : [data.facts as unknown as Told])) };
}

describe('what the waits of a release tell machines', () => {
  it('counts each colour, and says of each instance in which event it is', async () => {
    const { told } = await observed({}, 'await-codedeploy');
    const installing = told.find(({ instances }) => instances.some(({ event }) => event === 'AfterInstall'))!;
    expect(installing.codeDeploy).toEqual({ id: expect.stringMatching(/^d-/) as string, status: 'InProgress' });
    expect(installing.mode).toBe('AWAITING_DEPLOYMENT_TO_FINISH');
    expect(installing.green).toEqual({
      total: 3,
      pending: 0,
      inProgress: 3,
      ready: 0,
      succeeded: 0,
      failed: 0,
      inTraffic: 0,
    });
    expect(installing.blue).toMatchObject({ total: 3, pending: 3, inTraffic: 3 });
    const green = installing.instances.filter(({ colour }) => colour === 'green');
    expect(green).toHaveLength(3);
    expect(green[0]).toEqual({
      id: expect.stringMatching(/^i-/) as string,
      colour: 'green',
      status: 'InProgress',
      event: 'AfterInstall',
      eventStatus: 'InProgress',
    });
    expect(told.at(-1)!.green).toMatchObject({ succeeded: 3, inTraffic: 3 });
  });

  it('tells of many instances those that failed, or are elsewhere than most, forty at most', async () => {
    const faults = [{ fault: 'script-fails', event: 'AfterInstall', instance: 7 }] as const;
    const { told } = await observed(
      { cloud: { blue: 45 }, faults, spec: { minimumHealthyPercent: 50 } },
      'await-codedeploy',
    );
    expect(told.every(({ instances }) => instances.length <= 40)).toBe(true);
    const failed = told.find(({ green }) => green['failed'] === 1)!;
    expect(failed.green['total']).toBe(45);
    expect(failed.instances[0]).toMatchObject({
      colour: 'green',
      status: 'Failed',
      event: 'AfterInstall',
      eventStatus: 'Failed',
    });
    expect(failed.instances.length).toBeLessThan(10);
  });

  it('tells the health of each colour in each target group where a wait looked at it', async () => {
    const { told } = await observed({}, 'await-green');
    const arn = expect.stringContaining(':targetgroup/') as string;
    expect(told.at(-1)!.health).toEqual([{ arn, blue: { healthy: 3 }, green: {} }]);
  });

  it('tells health on the way back, too', async () => {
    let ordered = false;
    const story: ReleaseStory = {
      cloud: { deploymentGroup: { terminationWaitMinutes: 60 } },
      spec: { bake: '30m' },
      onEvent: (event, _cloud, blueGreen) => {
        if (ordered || event.name !== 'step:run:observed' || event.data.step !== 'await-bake') return;
        ordered = true;
        void blueGreen.abort(event.rolloutId!, { by: 'Ada', reason: 'not today' });
      },
    };
    const { told } = await observed(story, 'await-blue-back');
    expect(told[0]!.health![0]).toMatchObject({ blue: { initial: 3 }, green: { healthy: 3 } });
  });

  it('writes no entry for facts alone: every entry says something else than the one before, or remembers something else', async () => {
    const { all } = await observed({}, 'await-codedeploy');
    for (const [index, { data }] of all.entries()) {
      const before = all[index - 1]?.data;
      if (data.step !== 'await-codedeploy' || before?.step !== data.step) continue;
      expect(data.saw).not.toBe(before.saw);
    }
    expect(all.length).toBeGreaterThan(20);
  });
});
