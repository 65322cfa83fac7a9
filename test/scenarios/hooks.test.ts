import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HookContext, HookResult, Hooks } from '../../src/index.js';
import { closeClouds, rejection, release } from '../helpers/release.js';
import { BlueGreen, MemoryStore } from '../../src/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';

afterEach(closeClouds);

const waitsInReady = { deploymentGroup: { readyWaitMinutes: 60 } } as const;
const BEFORE_TRAFFIC = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
] as const;

describe('hooks', () => {
  it.each(BEFORE_TRAFFIC)(
    'one that says FAILED at %s stops the release there, and production is untouched',
    async (stage) => {
      const hooks: Hooks = {
        [stage]: { name: 'smoke', veto: true, run: () => ({ status: 'FAILED', reason: 'green is slow' }) },
      };
      const { cloud, result } = await release({ cloud: waitsInReady, options: { hooks } });
      expect(result.error).toMatchObject({ code: 'HOOK_FAILED', blame: 'release' });
      expect(result.error?.message).toContain('green is slow');
      expect(result.outcome).toBe(stage.endsWith('SERVICE') || stage === 'PRE_SCALE_UP' ? 'refused' : 'rolled-back');
      expect(cloud.snapshot().serving).toEqual({ blue: 3, green: 0, other: 0 });
      expect(cloud.traffic).toMatchObject({ green: 0, failed: 0 });
    },
  );

  it('run in the order of their stages, each told who blue and green are and where traffic is', async () => {
    const told: HookContext[] = [];
    const hear = (context: HookContext): void => void told.push(context);
    const hooks = Object.fromEntries(
      [...BEFORE_TRAFFIC, 'POST_PRODUCTION_TRAFFIC_SHIFT'].map((stage) => [stage, hear]),
    ) as Hooks;
    const { result } = await release({ cloud: waitsInReady, options: { hooks } });
    expect(result.outcome).toBe('succeeded');
    expect(told.map(({ stage }) => stage)).toEqual([...BEFORE_TRAFFIC, 'POST_PRODUCTION_TRAFFIC_SHIFT']);
    expect(told.map(({ holds }) => holds)).toEqual([true, true, true, true, true, true, true, false]);
    expect(told.map(({ green }) => green.instanceIds.length)).toEqual([0, 0, 3, 3, 3, 3, 3, 3]);
    expect(told.map(({ greenPercent }) => greenPercent)).toEqual([0, 0, 0, 0, 0, 0, 0, 100]);
    expect(new Set(told.flatMap(({ blue }) => blue.instanceIds)).size).toBe(3);
    expect(new Set(told.map(({ key }) => key)).size).toBe(told.length);
  });

  it('one that asks for more time is called again after its delay, with its details and the same key', async () => {
    const calls: Array<Pick<HookContext, 'key' | 'details'> & { at: number }> = [];
    const answers: HookResult[] = [
      { status: 'IN_PROGRESS', callBackDelay: '5m', details: { round: 1 } },
      { status: 'IN_PROGRESS', details: { round: 2 } },
      { status: 'SUCCEEDED' },
    ];
    const cloud = new SimulatedCloud({ ...waitsInReady, rateLimits: false });
    const run = ({ key, details }: HookContext): HookResult | undefined => {
      calls.push({ key, details, at: cloud.clock.now() });
      return answers.shift();
    };
    const options = {
      ...cloud.options(),
      store: new MemoryStore(),
      hooks: { PRODUCTION_TRAFFIC_SHIFT: { name: 'soak', run } },
    };
    const blueGreen = new BlueGreen(options);
    const result = await blueGreen.deploy(cloud.spec());
    await blueGreen.close();
    await cloud.close();
    expect(result.outcome).toBe('succeeded');
    expect(calls.map(({ details }) => details)).toEqual([undefined, { round: 1 }, { round: 2 }]);
    expect(new Set(calls.map(({ key }) => key)).size).toBe(1);
    const [first, second, third] = calls.map(({ at }) => at) as [number, number, number];
    expect([second - first, third - second]).toEqual([300_000, 30_000]);
  });

  it('one that throws, or never answers, takes the release back before the Ready wait ends it', async () => {
    const threw = await release({
      cloud: waitsInReady,
      options: {
        hooks: { POST_SCALE_UP: { name: 'smoke', run: () => Promise.reject(new Error('no route to green')) } },
      },
    });
    expect(threw.result.error?.code).toBe('HOOK_FAILED');
    expect(threw.result.error?.message).toContain('no route to green');
    const silent = await release({
      cloud: waitsInReady,
      options: {
        hooks: { POST_SCALE_UP: { name: 'smoke', run: () => new Promise<void>(() => {}) } },
        polling: { every: '1m', urgent: '1m' },
      },
    });
    expect(silent.result).toMatchObject({ outcome: 'rolled-back', error: { code: 'HOOK_EXPIRED' } });
    expect(silent.tookMs).toBeLessThan(75 * 60_000);
    expect(silent.cloud.snapshot().serving).toEqual({ blue: 3, green: 0, other: 0 });
  });

  it('one that is only told cannot stop the release where the deployment group does not wait', async () => {
    const hear = vi.fn(() => ({ status: 'FAILED' }) as const);
    const { result } = await release({
      options: { hooks: { PRE_PRODUCTION_TRAFFIC_SHIFT: { name: 'ear', run: hear } } },
    });
    expect(result.outcome).toBe('succeeded');
    expect(hear).toHaveBeenCalledOnce();
  });

  it.each(['POST_SCALE_UP', 'PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT'] as const)(
    'one marked veto at %s is refused where nothing can be stopped, naming the setting',
    async (stage) => {
      const hooks: Hooks = { [stage]: { name: 'smoke', veto: true, run: () => undefined } };
      const { result, mutations } = await release({ options: { hooks } });
      expect(result).toMatchObject({ outcome: 'refused', error: { code: 'PREFLIGHT_REFUSED' } });
      expect(result.error?.message).toMatch(/smoke.*veto/);
      expect(mutations).toEqual([]);
    },
  );

  it('a resume without one of them is refused unless it is allowed by name', async () => {
    const cloud = new SimulatedCloud({ ...waitsInReady, rateLimits: false });
    const store = new MemoryStore();
    const options = { ...cloud.options(), store };
    const first = new BlueGreen({
      ...options,
      hooks: { PRODUCTION_TRAFFIC_SHIFT: { name: 'smoke', run: () => undefined } },
    });
    const rollout = await first.start(cloud.spec(), { id: 'shop-412' });
    await rollout[Symbol.asyncDispose]();
    const second = new BlueGreen(options);
    const refused = await (await second.resume('shop-412')).result();
    expect(refused).toMatchObject({ outcome: 'suspended', error: { code: 'HOOK_MISSING' } });
    const allowed = await (await second.resume('shop-412', { allowMissing: ['smoke'] })).result();
    expect(allowed.outcome).toBe('succeeded');
    await cloud.close();
  });

  it('bad ones are refused at once, naming the stage and what is allowed', async () => {
    const make = (hooks: unknown): Promise<unknown> =>
      Promise.resolve().then(() => new BlueGreen({ hooks: hooks as Hooks }));
    expect((await rejection(make({ BAKE_TIME: () => undefined }))).message).toContain('hooks.BAKE_TIME');
    expect((await rejection(make({ PRE_SCALE_UP: 'smoke' }))).message).toContain('hooks.PRE_SCALE_UP[0]');
    expect((await rejection(make({ PRE_SCALE_UP: { name: 'a b', run: () => undefined } }))).code).toBe(
      'OPTIONS_INVALID',
    );
    const twice = { name: 'smoke', run: () => undefined };
    expect((await rejection(make({ PRE_SCALE_UP: [twice, twice] }))).message).toContain('same name');
  });
});
