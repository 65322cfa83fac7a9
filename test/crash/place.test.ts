import { describe, expect, it } from 'vitest';
import type { BlueGreenOptions } from '../../src/index.js';
import { MemoryStore } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { cloudOf, driverOf, eventSeen, mutates, ROLLOUT_ID, specOf } from '../helpers/crash.js';

/** A rollout that stands still after its capture, with nobody driving it. */
async function suspended(cloud: SimulatedCloud, options: Partial<BlueGreenOptions> = {}): Promise<MemoryStore> {
  const store = new MemoryStore();
  const captured = eventSeen(
    ({ name, data }) => name === 'step:run:started' && 'step' in data && data.step === 'await-green',
  );
  const first = driverOf(cloud, store, 1, { onEvent: captured.onEvent, ...options });
  const rollout = await first.start(specOf(cloud), { id: ROLLOUT_ID });
  await captured.seen;
  await first.close();
  expect((await rollout.result()).outcome).toBe('suspended');
  return store;
}

describe('a rollout that is resumed', () => {
  it('is refused in another region, and nothing is sent', async () => {
    await using cloud = cloudOf();
    const store = await suspended(cloud);
    const before = cloud.requests.length;
    const { aws } = cloud.options();
    const second = driverOf(cloud, store, 2, { aws: { ...aws, region: 'us-east-1' } });
    const result = await (await second.resume(ROLLOUT_ID)).result();
    await second.close();
    expect(result).toMatchObject({ outcome: 'suspended', error: { code: 'ANCHOR_UNREADABLE' } });
    expect(result.error?.message).toContain('us-east-1');
    expect(cloud.requests.slice(before)).toEqual([]);
    expect((await store.readRecord(`lease/${ROLLOUT_ID}`))?.value).toBeNull();
  });

  it('is refused for another Spot account, and nothing is sent', async () => {
    await using cloud = cloudOf();
    const store = await suspended(cloud);
    const before = cloud.requests.length;
    const { spot } = cloud.options();
    const second = driverOf(cloud, store, 2, { spot: { ...spot, accountId: 'act-9z9z9z9z' } });
    const result = await (await second.resume(ROLLOUT_ID)).result();
    await second.close();
    expect(result).toMatchObject({ outcome: 'suspended', error: { code: 'ANCHOR_UNREADABLE' } });
    expect(cloud.requests.slice(before)).toEqual([]);
  });

  it('loses none of its own time while it is suspended for a day', async () => {
    await using cloud = cloudOf();
    // Long enough for the release, far too short for a day.
    const timeouts = { rollout: '1h', step: '30m' } as const;
    const store = await suspended(cloud, { timeouts });
    cloud.advance(24 * 3_600_000);
    const second = driverOf(cloud, store, 2, { timeouts });
    const result = await (await second.resume(ROLLOUT_ID)).result();
    await second.close();
    // The clouds' own time does not stand still: Spot has ended the mode that nobody used. What must not be is our timeout.
    expect(result.error?.code).not.toMatch(/TIMED_OUT/);
    expect(result.outcome).toBe('rolled-back');
    expect(cloud.snapshot().serving).toEqual({ blue: 2, green: 0, other: 0 });
  });

  it('loses none of its own time to a short suspension that an order from outside interrupted', async () => {
    await using cloud = cloudOf();
    const gates = [{ name: 'go', before: 'PRE_SCALE_UP' }] as const;
    const store = new MemoryStore();
    const open = eventSeen(
      ({ name, data }) => name === 'step:run:observed' && 'step' in data && data.step === 'gate/go',
    );
    const timeouts = { rollout: '1h' } as const;
    const first = driverOf(cloud, store, 1, { onEvent: open.onEvent, timeouts });
    await first.start(specOf(cloud, { gates }), { id: ROLLOUT_ID });
    await open.seen;
    await first.close();
    cloud.advance(5 * 3_600_000);
    const outside = driverOf(cloud, store, 2);
    await outside.approve(ROLLOUT_ID, 'go', { by: 'Ada' });
    await outside.close();
    const second = driverOf(cloud, store, 3, { timeouts });
    expect(await (await second.resume(ROLLOUT_ID)).result()).toMatchObject({ outcome: 'succeeded' });
    await second.close();
  });

  it('sets no deadline before one good look of its own', async () => {
    await using cloud = cloudOf();
    const timeouts = { step: '30m' } as const;
    const store = await suspended(cloud, { timeouts });
    // Green comes up while nobody looks; then the clouds cannot be seen for longer than the step may take.
    cloud.advance(10 * 60_000);
    const second = driverOf(cloud, store, 2, {
      timeouts,
      retry: () => ({ retry: false, because: 'the test says so' }),
    });
    const seen = eventSeen(({ name }) => name === 'rollout:drive:started');
    const resumed = await second.resume(ROLLOUT_ID, { onEvent: seen.onEvent });
    await seen.seen;
    cloud.inject({ fault: 'server-error', on: { service: 'spot', operation: 'listDeploymentModes', times: 20 } });
    expect((await resumed.result()).outcome).toBe('succeeded');
    await second.close();
    expect(cloud.faults.remaining()).toEqual([]);
  });

  it('sends each of its calls once, over both lives', async () => {
    await using cloud = cloudOf();
    const store = await suspended(cloud);
    const second = driverOf(cloud, store, 2);
    expect((await (await second.resume(ROLLOUT_ID)).result()).outcome).toBe('succeeded');
    await second.close();
    expect(cloud.requests.filter(mutates)).toHaveLength(2);
    expect(cloud.clock.pending()).toBe(0);
  });
});
