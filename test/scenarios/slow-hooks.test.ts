import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreen, MemoryStore, type BlueGreenOptions, type HookStage, type HookContext } from '../../src/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { WIRES } from '../helpers/wires.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const closers: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A cloud that waits for half a day before traffic, and processes that share a store. */
function ground(options: BlueGreenOptions = {}, deploymentGroup: object = { readyWaitMinutes: 720 }) {
  const cloud = new SimulatedCloud({
    deploymentGroup,
    rateLimits: false,
    clock: WIRES.short.clock(),
  });
  const store = new MemoryStore();
  const polling = { every: '30s', urgent: '30s' } as const;
  const process = (hooks: BlueGreenOptions['hooks'] = {}): BlueGreen => {
    const blueGreen = new BlueGreen({
      ...WIRES.short.options(cloud),
      store,
      polling,
      logger: false,
      hooks,
      ...options,
    });
    closers.push(() => blueGreen.close());
    return blueGreen;
  };
  closers.push(() => cloud.close());
  return { cloud, process };
}

/** A hook that thinks for so long, and hears when nobody listens any more. */
function thinker(cloud: SimulatedCloud, stage: HookStage, forMs: number, more: { readonly timeout?: '10m' } = {}) {
  const calls: Array<{ at: number; endedAt?: number; heardOfTheEnd?: boolean }> = [];
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const run = async ({ signal }: HookContext): Promise<void> => {
    const call: (typeof calls)[number] = { at: cloud.clock.now() };
    calls.push(call);
    begin();
    await cloud.clock.sleep(forMs, signal).catch(() => (call.heardOfTheEnd = true));
    call.endedAt = cloud.clock.now();
  };
  return { calls, begun, hooks: { [stage]: { name: 'smoke', run, ...more } } };
}

describe('while a hook thinks', () => {
  it('an order of another process to abort is obeyed within seconds, and the hook hears of it', async () => {
    const { cloud, process } = ground();
    const hook = thinker(cloud, 'PRODUCTION_TRAFFIC_SHIFT', 3 * HOUR);
    const rollout = await process(hook.hooks).start(cloud.spec(), { id: 'r' });
    await hook.begun;
    await cloud.clock.sleep(MINUTE);
    const orderedAt = cloud.clock.now();
    expect(await process().abort('r', { by: 'Ada', reason: 'stop' })).toBe('unwinding');
    expect(cloud.clock.now() - orderedAt).toBeLessThan(20_000);
    expect(await rollout.result()).toMatchObject({ outcome: 'rolled-back', error: { code: 'ABORTED' } });
    expect(hook.calls).toMatchObject([{ heardOfTheEnd: true }]);
    expect((hook.calls[0]?.endedAt ?? 0) - orderedAt).toBeLessThan(20_000);
  });

  it.each([
    [{ stages: { PRODUCTION_TRAFFIC_SHIFT: '10m' } }, 'HOOK_EXPIRED'],
    [{ steps: { hook: '10m' } }, 'HOOK_EXPIRED'],
    [{ rollout: '30m' }, 'ROLLOUT_TIMED_OUT'],
  ] as const)('the limits %j go on', async (timeouts, code) => {
    const { cloud, process } = ground({ timeouts });
    const hook = thinker(cloud, 'PRODUCTION_TRAFFIC_SHIFT', 3 * HOUR);
    const began = cloud.clock.now();
    const result = await (await process(hook.hooks).start(cloud.spec())).result();
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code } });
    expect(cloud.clock.now() - began).toBeLessThan(45 * MINUTE);
    expect(hook.calls).toMatchObject([{ heardOfTheEnd: true }]);
  });

  it('what is kept suspended stays so, and the hook is asked once', async () => {
    const { cloud, process } = ground({}, { terminationWaitMinutes: 240 });
    const hook = thinker(cloud, 'POST_PRODUCTION_TRAFFIC_SHIFT', 3 * HOUR);
    const spec = cloud.spec({ suspend: { processes: ['AUTO_HEALING', 'AUTO_SCALE'], ttl: '30m' } } as const);
    const result = await (await process(hook.hooks).start(spec)).result();
    expect(result.outcome).toBe('succeeded');
    const sent = cloud.requests.filter(({ operation }) => operation === 'suspendProcesses').map(({ atMs }) => atMs);
    const pauses = sent.slice(1).map((atMs, index) => atMs - (sent[index] ?? 0));
    expect(sent.length).toBeGreaterThan(5);
    expect(Math.max(...pauses)).toBeLessThan(30 * MINUTE);
    expect(hook.calls).toHaveLength(1);
    expect(hook.calls[0]?.heardOfTheEnd).toBeUndefined();
  });

  it('its answer counts within seconds', async () => {
    const { cloud, process } = ground();
    const madeAt = cloud.clock.now();
    const hook = thinker(cloud, 'PRODUCTION_TRAFFIC_SHIFT', 20 * MINUTE);
    const rollout = await process(hook.hooks).start(cloud.spec());
    expect((await rollout.result()).outcome).toBe('succeeded');
    const continued = cloud.requests.find(({ operation }) => operation === 'ContinueDeployment');
    const heardAfterMs = madeAt + (continued?.atMs ?? 0) - (hook.calls[0]?.endedAt ?? 0);
    expect(heardAfterMs).toBeGreaterThanOrEqual(0);
    expect(heardAfterMs).toBeLessThan(5_000);
  });

  it('and its process is gone for longer than it may take, it still has the time that was left', async () => {
    const { cloud, process } = ground();
    const slow = thinker(cloud, 'PRODUCTION_TRAFFIC_SHIFT', MINUTE, { timeout: '10m' });
    const first = process(slow.hooks);
    const rollout = await first.start(cloud.spec(), { id: 'r' });
    await slow.begun;
    await cloud.clock.sleep(MINUTE / 2);
    await first.close();
    expect((await rollout.result()).outcome).toBe('suspended');
    cloud.advance(HOUR);
    const second = thinker(cloud, 'PRODUCTION_TRAFFIC_SHIFT', MINUTE, { timeout: '10m' });
    const result = await (await process(second.hooks).resume('r')).result();
    expect(result.outcome).toBe('succeeded');
    expect(second.calls).toHaveLength(1);
  });
});
