import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreen, MemoryStore } from '../../src/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { SHOP } from '../../src/testing/shop.js';
import { closeClouds, release, type ReleaseStory } from '../helpers/release.js';
import { began, suspensions } from '../helpers/bake.js';
import { CrashStore } from '../helpers/crash-store.js';
import { eventSeen } from '../helpers/crash.js';

afterEach(closeClouds);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const RARELY = { polling: { every: '15s', urgent: '10s', holding: '5m' } } as const;
/** The longest wait that CodeDeploy knows. */
const TWO_DAYS = { terminationWaitMinutes: 2880 } as const;

const story = (more: ReleaseStory): ReleaseStory => ({
  ...more,
  cloud: { blue: 2, requestsPerSecond: 0.01, deploymentGroup: { terminationWaitMinutes: 60 }, ...more.cloud },
  spec: { bake: '30m', ...more.spec },
  options: { ...RARELY, ...more.options },
});
const asked = (cloud: SimulatedCloud, operation: string): readonly unknown[] =>
  cloud.requests.filter((request) => request.operation === operation).map(({ body }) => body);

describe('two days', () => {
  it.each([
    ['of bake', { bake: '47h' }],
    ['at a gate', { bake: undefined, gates: [{ name: 'looked', before: 'BAKE_TIME', expiresIn: '3d' }] }],
  ] as const)('%s write fewer than 200 entries, and healing stands still all the while', async (_title, spec) => {
    const store = new MemoryStore();
    const gaps: number[] = [];
    const { cloud, result } = await release(
      story({
        spec,
        cloud: { deploymentGroup: TWO_DAYS },
        options: { store },
        call: { id: 'long' },
        onEvent: (event, now, blueGreen) => {
          if (!began(event, 'suspend-processes')) return;
          for (let hour = 1; hour < 47; hour += 0.5)
            now.clock.schedule(hour * HOUR, () => {
              if (suspensions(now).length === 0) gaps.push(hour);
            });
          now.clock.schedule(
            47.5 * HOUR,
            () => void blueGreen.approve('long', 'looked', { by: 'Ada' }).catch(() => {}),
          );
        },
      }),
    );
    expect(result.outcome).toBe('succeeded');
    expect(gaps).toEqual([]);
    expect(suspensions(cloud)).toEqual([]);
    expect((await store.read('long')).length).toBeLessThan(200);
  });

  it('at a gate before traffic write fewer than 200 entries', async () => {
    const store = new MemoryStore();
    const { result } = await release(
      story({
        spec: { bake: undefined, gates: [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT', expiresIn: '3d' }] },
        cloud: { deploymentGroup: { readyWaitMinutes: 2880 } },
        options: { store },
        call: { id: 'long' },
      }),
    );
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'GATE_EXPIRED' } });
    expect((await store.read('long')).length).toBeLessThan(200);
  });
});

describe('what stands still', () => {
  it('is what somebody had suspended before, exactly, once the release is over', async () => {
    const prepare = (cloud: SimulatedCloud): void => {
      cloud.elastigroups.suspend(SHOP.elastigroupId, 'AUTO_HEALING', 300);
      cloud.elastigroups.suspend(SHOP.elastigroupId, 'SCHEDULING', undefined);
    };
    const twoHours = { suspend: { processes: ['AUTO_HEALING', 'AUTO_SCALE', 'SCHEDULING'], ttl: '10h' } } as const;
    for (const [spec, fault] of [
      [twoHours, undefined],
      [twoHours, { fault: 'script-fails' }],
      [{ suspend: 'bake-only' }, undefined],
    ] as const) {
      const { cloud, result } = await release(story({ spec, prepare, faults: fault === undefined ? [] : [fault] }));
      expect(result.outcome).toBe(fault === undefined ? 'succeeded' : 'rolled-back');
      const startedAt = Date.parse(result.startedAt);
      const left = suspensions(cloud).map(({ name, expiresAt }) => [
        name,
        expiresAt === undefined ? 'for good' : Math.round((expiresAt - startedAt) / MINUTE),
      ]);
      expect(left.sort()).toEqual([
        ['AUTO_HEALING', expect.closeTo(300, -0.5) as number],
        ['SCHEDULING', 'for good'],
      ]);
      expect(result.receipt.lines.find(({ what }) => what === 'suspended processes')?.verdict).toBe('restored');
    }
  });

  it('stands still throughout where the spec says so, from before the deployment mode on', async () => {
    const { cloud } = await release(story({ spec: { suspend: { processes: ['AUTO_SCALE'], ttl: '20m' } } }));
    const order = cloud.requests.map(({ operation }) => operation);
    expect(order.indexOf('suspendProcesses')).toBeLessThan(order.indexOf('enterDeploymentMode'));
    expect(asked(cloud, 'suspendProcesses')).toHaveLength(3);
    expect(suspensions(cloud)).toEqual([]);
  });

  it('is nothing where the spec says so', async () => {
    const { cloud, result } = await release(story({ spec: { suspend: false } }));
    expect(result.outcome).toBe('succeeded');
    expect(asked(cloud, 'suspendProcesses')).toEqual([]);
  });

  it('is not worth a release: what Spot refuses is told', async () => {
    const { events, result } = await release(
      story({
        faults: [
          {
            fault: 'refused',
            on: { service: 'spot', operation: 'suspendProcesses', times: 9 },
            code: 'AUTH_ERROR',
            status: 403,
          },
        ],
      }),
    );
    expect(result.outcome).toBe('succeeded');
    expect(events.map(({ data }) => (data as { code?: string }).code)).toContain('NOT_SUSPENDED');
  });

  it('lapses by itself when the process dies', async () => {
    await using cloud = new SimulatedCloud({
      blue: 2,
      deploymentGroup: { terminationWaitMinutes: 60 },
      rateLimits: false,
    });
    const baking = eventSeen((event) => began(event, 'await-bake'));
    const store = new MemoryStore();
    const blueGreen = new BlueGreen({ ...cloud.options(), ...RARELY, store, onEvent: baking.onEvent });
    const rollout = await blueGreen.start(cloud.spec({ bake: '30m' }), { id: 'dies' });
    await baking.seen;
    await rollout[Symbol.asyncDispose]();
    expect(suspensions(cloud)).toHaveLength(1);
    cloud.advance(2 * HOUR);
    expect(suspensions(cloud)).toEqual([]);
    await blueGreen.close();
  });

  it('goes on when its process dies right after the call, and another one takes the release back', async () => {
    await using cloud = new SimulatedCloud({
      blue: 2,
      deploymentGroup: { terminationWaitMinutes: 60 },
      rateLimits: false,
    });
    const under = new MemoryStore();
    // The call is answered, and its step is not: what it did stands in the journal as an operation alone.
    const dying = new CrashStore(under, (n, when) => {
      if (when === 'after' && dying.writes[n - 1] === 'operation-done' && suspensions(cloud).length > 0) dying.break();
    });
    const first = new BlueGreen({ ...cloud.options(), ...RARELY, store: dying });
    const rollout = await first.start(cloud.spec({ bake: '30m' }), { id: 'dies' });
    await rollout.result();
    const second = new BlueGreen({ ...cloud.options(), ...RARELY, store: under });
    const ordered = second.abort('dies', { by: 'Ada', reason: 'enough' });
    const result = await (await second.resume('dies')).result();
    expect(await ordered).toBe('unwinding');
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'ABORTED' } });
    expect(suspensions(cloud)).toEqual([]);
    await Promise.all([first.close(), second.close()]);
  });
});

describe('a bake whose process stops for a while', () => {
  /** Suspended one minute into a bake of 30 in a wait of 60, resumed so much later. */
  const resumedAfter = async (pauseMs: number) => {
    const cloud = new SimulatedCloud({ blue: 2, deploymentGroup: { terminationWaitMinutes: 60 }, rateLimits: false });
    const baking = eventSeen((event) => began(event, 'await-bake'));
    const store = new MemoryStore();
    const blueGreen = new BlueGreen({ ...cloud.options(), ...RARELY, store, onEvent: baking.onEvent });
    const rollout = await blueGreen.start(cloud.spec({ bake: '30m' }), { id: 'pauses' });
    await baking.seen;
    await cloud.clock.sleep(MINUTE);
    await rollout[Symbol.asyncDispose]();
    cloud.advance(pauseMs);
    const result = await (await blueGreen.resume('pauses')).result();
    const { serving } = cloud.snapshot();
    await blueGreen.close();
    await cloud.close();
    return { result, serving, continued: asked(cloud, 'ContinueDeployment').length };
  };

  it('goes on to its full length where CodeDeploy still waits', async () => {
    const { result, serving, continued } = await resumedAfter(20 * MINUTE);
    expect(result.outcome).toBe('succeeded');
    expect(continued).toBe(1);
    expect(serving).toEqual({ blue: 0, green: 2, other: 0 });
  });

  it('takes the release back where its rest does not fit any more: what nobody watched has not passed', async () => {
    const { result, serving, continued } = await resumedAfter(45 * MINUTE);
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'BAKE_EXPIRED' } });
    expect(continued).toBe(0);
    expect(serving).toEqual({ blue: 2, green: 0, other: 0 });
  });

  it('says so where CodeDeploy has ended the wait meanwhile', async () => {
    const { result, serving } = await resumedAfter(2 * HOUR);
    expect(result).toMatchObject({ outcome: 'failed', error: { code: 'HOLD_BYPASSED' } });
    expect(serving).toEqual({ blue: 0, green: 2, other: 0 });
  });
});

describe('the call that ends the bake', () => {
  it.each([
    ['its answer is lost', { fault: 'lost-answer' }],
    ['the service fails after it acted', { fault: 'server-error', status: 500, acted: true }],
    ['the service fails before it acts', { fault: 'server-error', status: 503 }],
    ['it is throttled', { fault: 'throttled' }],
    ['it is never answered', { fault: 'no-answer', acted: true }],
  ] as const)('does its work once when %s', async (_title, fault) => {
    const on = { service: 'codedeploy', operation: 'ContinueDeployment' } as const;
    const { result, cloud } = await release(story({ faults: [{ ...fault, on }] }));
    expect(result.outcome).toBe('succeeded');
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
  });
});
