import { afterEach, describe, expect, it } from 'vitest';
import type { RolloutEvent } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { baking, began, suspensions, timeOf } from '../helpers/bake.js';
import { soleFinding } from '../helpers/refusal.js';
import { closeClouds, release, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const MINUTE = 60_000;
const blueServes = { blue: 3, green: 0, other: 0 };
const greenServes = { blue: 0, green: 3, other: 0 };

const suspended = (cloud: SimulatedCloud): readonly string[] => suspensions(cloud).map(({ name }) => name);
const bakedMs = (events: readonly RolloutEvent[]): number =>
  timeOf(events, 'step:run:completed', 'await-bake') - timeOf(events, 'step:run:started', 'await-bake');
const continued = ({ requests }: SimulatedCloud): readonly unknown[] =>
  requests.filter(({ operation }) => operation === 'ContinueDeployment').map(({ body }) => body);

/** Does something to the cloud so long after the bake began. */
const whileBaking = (afterMs: number, act: (cloud: SimulatedCloud) => void): Pick<ReleaseStory, 'onEvent'> => ({
  onEvent: (event, cloud) => {
    if (began(event, 'await-bake')) cloud.clock.schedule(afterMs, () => act(cloud));
  },
});

describe('a bake', () => {
  it('watches green carry the load for its length while blue stands, and then lets CodeDeploy take blue away', async () => {
    let during: unknown;
    const { cloud, result, events } = await release(
      baking(
        whileBaking(29 * MINUTE, (now) => {
          const { serving, instances } = now.snapshot();
          const blue = instances.filter(({ colour, state }) => colour === 'blue' && state === 'running').length;
          during = { serving, blue, suspended: suspended(now) };
        }),
      ),
    );
    expect(result.outcome).toBe('succeeded');
    expect(during).toEqual({ serving: greenServes, blue: 3, suspended: ['AUTO_HEALING'] });
    expect(bakedMs(events)).toBe(30 * MINUTE);
    expect(continued(cloud)).toEqual([
      { deploymentId: result.codeDeployDeploymentIds[0], deploymentWaitType: 'TERMINATION_WAIT' },
    ]);
    expect(cloud.snapshot().serving).toEqual(greenServes);
    expect(cloud.traffic.failed).toBe(0);
  });

  it('is begun when the last gate and hook after traffic have said yes', async () => {
    const order: string[] = [];
    const { result, events } = await release(
      baking({
        spec: { gates: [{ name: 'looked', before: 'BAKE_TIME' }] },
        options: {
          hooks: {
            POST_PRODUCTION_TRAFFIC_SHIFT: {
              name: 'smoke',
              run: ({ greenPercent }) => void order.push(`hook at ${greenPercent} %`),
            },
          },
        },
        onEvent: (event, { clock }, blueGreen) => {
          if (began(event, 'await-bake')) order.push('bake');
          if (!began(event, 'gate/looked')) return;
          order.push('gate');
          clock.schedule(10 * MINUTE, () => void blueGreen.approve(event.rolloutId ?? '', 'looked', { by: 'Ada' }));
        },
      }),
    );
    expect(result.outcome).toBe('succeeded');
    expect(order).toEqual(['hook at 100 %', 'gate', 'bake']);
    expect(bakedMs(events)).toBe(30 * MINUTE);
  });

  it('ended by an alarm in its last second takes the release back, and users notice nothing', async () => {
    const { cloud, result } = await release(
      baking({
        spec: { alarms: ['errors'] },
        prepare: ({ alarms }) => void alarms.createAlarm({ name: 'errors' }),
        ...whileBaking(30 * MINUTE - 1000, ({ alarms }) => alarms.setState('errors', 'ALARM', 'too many')),
      }),
    );
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'ALARM_FIRED' } });
    expect(continued(cloud)).toEqual([]);
    expect(cloud.snapshot().serving).toEqual(blueServes);
    expect(suspended(cloud)).toEqual([]);
    expect(cloud.traffic.failed).toBe(0);
  });

  it('does not take blue away when the alarm fires between its last look and the call', async () => {
    const { cloud, result } = await release(
      baking({
        spec: { alarms: ['errors'] },
        prepare: ({ alarms }) => void alarms.createAlarm({ name: 'errors' }),
        onEvent: (event, { alarms }) => {
          if (event.name === 'operation:send:intended' && event.data.key === 'end-bake')
            alarms.setState('errors', 'ALARM', 'too many');
        },
      }),
    );
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'ALARM_FIRED' } });
    expect(continued(cloud)).toEqual([]);
    expect(cloud.snapshot().serving).toEqual(blueServes);
  });

  it('can be aborted', async () => {
    const { cloud, result } = await release(
      baking({
        onEvent: (event, { clock }, blueGreen) => {
          if (began(event, 'await-bake'))
            clock.schedule(MINUTE, () => void blueGreen.abort(event.rolloutId ?? '', { by: 'Ada', reason: 'no' }));
        },
      }),
    );
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'ABORTED' } });
    expect(cloud.snapshot().serving).toEqual(blueServes);
    expect(cloud.traffic.failed).toBe(0);
  });

  it('is refused, with both numbers, where CodeDeploy does not keep blue for long enough', async () => {
    const check = 'bake';
    expect(await soleFinding({ spec: { bake: '30m' } })).toMatchObject({
      check,
      found: 'the deployment group does not keep blue after production traffic has moved',
    });
    expect(await soleFinding(baking({ spec: { bake: '56m' } }))).toMatchObject({
      check,
      found: expect.stringContaining('3360000 ms, and 300000 ms for taking the release back') as string,
      fix: expect.stringContaining('terminationWaitTimeInMinutes to 61') as string,
    });
    await soleFinding(baking({ spec: { bake: '1m' }, cloud: { deploymentGroup: { terminationWaitMinutes: 5 } } }));
  });

  it('is not asked for: the deployment group’s own wait runs its length, watched', async () => {
    const { cloud, result, events } = await release(
      baking({
        spec: { bake: undefined, alarms: ['errors'] },
        prepare: ({ alarms }) => void alarms.createAlarm({ name: 'errors' }),
      }),
    );
    expect(result.outcome).toBe('succeeded');
    expect(continued(cloud)).toEqual([]);
    const waited =
      timeOf(events, 'step:run:completed', 'await-termination') -
      timeOf(events, 'step:run:started', 'await-termination');
    expect(waited).toBeGreaterThan(59 * MINUTE);

    const fired = await release(
      baking({
        spec: { bake: undefined, alarms: ['errors'] },
        faults: [{ fault: 'alarm-fires', alarm: 'errors', during: 'TERMINATION_WAIT', afterMs: 50 * MINUTE }],
      }),
    );
    expect(fired.result).toMatchObject({ outcome: 'rolled-back', error: { code: 'ALARM_FIRED' } });
    expect(fired.cloud.snapshot().serving).toEqual(blueServes);
  });
});

describe('where CodeDeploy calls it a success while it still keeps blue', () => {
  const undocumented = { statusInTerminationWait: 'Succeeded' } as const;
  const deploymentGroup = { terminationWaitMinutes: 60 } as const;

  it('the bake is past the pivot, which is told, and ends as ever', async () => {
    const { result, events, cloud } = await release(
      baking({ cloud: { undocumented, deploymentGroup, requestsPerSecond: 1 } }),
    );
    expect(result.outcome).toBe('succeeded');
    expect(events.map(({ data }) => (data as { code?: string }).code)).toContain('BAKE_PAST_PIVOT');
    expect(bakedMs(events)).toBe(30 * MINUTE);
    expect(cloud.snapshot().serving).toEqual(greenServes);
  });

  it('an alarm, a no and silence end the rollout without touching anything', async () => {
    const cloud = { undocumented, deploymentGroup, requestsPerSecond: 1 };
    const alarm = await release(
      baking({
        cloud,
        spec: { alarms: ['errors'] },
        faults: [{ fault: 'alarm-fires', alarm: 'errors', during: 'TERMINATION_WAIT', afterMs: MINUTE }],
      }),
    );
    const gates = [{ name: 'looked', before: 'BAKE_TIME', expiresIn: '20m' }] as const;
    const no = await release(
      baking({
        cloud,
        spec: { gates },
        onEvent: (event, _cloud, blueGreen) => {
          if (began(event, 'gate/looked'))
            void blueGreen.reject(event.rolloutId ?? '', 'looked', { by: 'Ada', reason: 'slow' });
        },
      }),
    );
    const silence = await release(baking({ cloud, spec: { gates } }));
    for (const [end, code] of [
      [alarm, 'ALARM_FIRED'],
      [no, 'GATE_REJECTED'],
      [silence, 'GATE_EXPIRED'],
    ] as const) {
      expect(end.result).toMatchObject({ outcome: 'failed', error: { code } });
      expect(end.result.receipt.pivotPassedAt).toBeDefined();
      expect(end.cloud.snapshot().serving).toEqual(greenServes);
      expect(end.mutations.filter((each) => /stop|detach|deregister|terminate|continue/i.test(each))).toEqual([]);
    }
  });
});

describe('green that is lost while it bakes', () => {
  const reclaimed = { fault: 'interruption', colour: 'green', instance: 0 } as const;

  it('takes the release back when too few are left: blue still stands', async () => {
    const { cloud, result } = await release(baking(whileBaking(MINUTE, (now) => now.inject(reclaimed))));
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'INSTANCE_LOST' } });
    expect(cloud.snapshot().serving).toEqual(blueServes);
  });

  it('is carried by the others where the percent still holds, and the stray in its place is settled', async () => {
    const { cloud, result } = await release(
      baking({
        spec: { minimumHealthyPercent: 60, suspend: false },
        ...whileBaking(MINUTE, (now) => now.inject(reclaimed)),
      }),
    );
    expect(result.outcome).toBe('succeeded');
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
    expect(result.strays).toEqual([]);
  });
});
