import { afterEach, describe, expect, it } from 'vitest';
import { type BlueGreen, BlueGreenError, MemoryStore, type RolloutEvent } from '../src/index.js';
import type { SimulatedCloud, Fault } from '../src/testing/index.js';
import { cloudOf, driverOf, specOf, type Tale } from './helpers/crash.js';
import { rejection } from './helpers/release.js';

const clouds: SimulatedCloud[] = [];
afterEach(async () => {
  const pending = clouds.map((cloud) => cloud.clock.pending());
  await Promise.all(clouds.splice(0).map((cloud) => cloud.close()));
  expect(pending.filter((count) => count > 0)).toEqual([]);
});

function cloudWith(tale: Tale = {}): SimulatedCloud {
  const cloud = cloudOf(tale);
  clouds.push(cloud);
  return cloud;
}

const refusesToStop: Fault = {
  fault: 'refused',
  on: { service: 'spot', operation: 'stopDeploymentMode', times: 4 },
  code: 'NO',
};

describe('what goes wrong around it', () => {
  const waits = { gates: [{ name: 'go', before: 'PRE_SCALE_UP' }] } as const;

  it('a journal that cannot be read is left out of the list, and said; it keeps no other failed rollout from being resumed', async () => {
    const cloud = cloudWith({ faults: [refusesToStop] });
    const store = new MemoryStore();
    const heard: RolloutEvent[] = [];
    const blueGreen: BlueGreen = driverOf(cloud, store, 1, {
      onEvent: (event) => {
        heard.push(event);
        if (event.name === 'step:run:started' && event.data.step === 'release-green/1')
          void blueGreen.abort('x', { by: 'Ada', reason: 'enough' }).catch(() => {});
      },
    });
    expect((await (await blueGreen.start(specOf(cloud), { id: 'x' })).result()).outcome).toBe('failed');
    await store.append('other', 0, [{ type: 'rollout-started', v: 2, at: 1, targets: ['elastigroup/sig-other'] }]);
    expect((await blueGreen.list()).map(({ id }) => id)).toEqual(['x']);
    expect(heard.at(-1)).toMatchObject({
      name: 'store:journal:unreadable',
      rolloutId: 'other',
      data: { code: 'PLAN_INCOMPATIBLE' },
    });
    const ends: string[] = [];
    while (ends.length < 4 && ends.at(-1) !== 'rolled-back')
      ends.push((await (await blueGreen.resume('x')).result()).outcome);
    expect(ends.at(-1)).toBe('rolled-back');
    await blueGreen.close();
  });

  it('a store that cannot be reached is no store with nothing in it', async () => {
    const cloud = cloudWith();
    const store = new MemoryStore();
    await store.append('r', 0, [{ type: 'rollout-started', v: 1, at: 1, targets: [] }]);
    store.read = () => Promise.reject(new BlueGreenError('STORE_FAILED', 'out of reach'));
    const blueGreen = driverOf(cloud, store, 1);
    await expect(blueGreen.list()).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await blueGreen.close();
  });

  it('whoever starts or resumes what is driven here already can still end it by a signal', async () => {
    const cloud = cloudWith();
    const blueGreen = driverOf(cloud, new MemoryStore(), 1);
    for (const attach of ['start', 'resume'] as const) {
      const id = `r-${attach}`;
      const first = await blueGreen.start(specOf(cloud, waits), { id });
      const caller = new AbortController();
      const call = { signal: caller.signal, onSignal: 'suspend' } as const;
      const second =
        attach === 'start'
          ? await blueGreen.start(specOf(cloud, waits), { ...call, id })
          : await blueGreen.resume(id, call);
      expect(second).toBe(first);
      caller.abort(new Error('enough'));
      expect((await first.result()).outcome).toBe('suspended');
      await blueGreen.sweep({ dryRun: false });
    }
    await blueGreen.close();
  });

  it('what could not be opened keeps nobody from closing, nor from trying again', async () => {
    const cloud = cloudWith();
    let closed = 0;
    const store = Object.assign(new MemoryStore(), { close: async () => void (closed += 1) });
    const blueGreen = driverOf(cloud, store, 1, { spot: { token: 't', baseUrl: 'nonsense' } });
    for (const id of ['a', 'b'])
      expect((await rejection(blueGreen.start(specOf(cloud), { id }))).code).toBe('OPTIONS_INVALID');
    await blueGreen.close();
    expect(closed).toBe(1);
  });

  it('ids that cannot be made end the rollout’s driving, and nothing else', async () => {
    const cloud = cloudWith();
    const blueGreen = driverOf(cloud, new MemoryStore(), 1, {
      newId: () => {
        throw new Error('no ids today');
      },
    });
    const result = await (await blueGreen.start(specOf(cloud), { id: 'r' })).result();
    expect(result).toMatchObject({ outcome: 'suspended', error: { code: 'INTERNAL' } });
    expect(result.error?.message).toContain('no ids today');
    await blueGreen.close();
  });

  it('an order to abort that waits for a driver far away ends with close()', async () => {
    const cloud = cloudWith();
    const store = new MemoryStore();
    const driver = driverOf(cloud, store, 1);
    await driver.start(specOf(cloud, waits), { id: 'r' });
    await store.writeRecord('lease/far', undefined, { driver: 'far', termMs: 3_600_000, senderMs: 3_600_000 });
    for (const entry of await store.read('r')) await store.append('far', (await store.read('far')).length, [entry]);
    const outsider = driverOf(cloud, store, 2);
    const order = rejection(outsider.abort('far', { by: 'Ada', reason: 'enough' }));
    await cloud.clock.sleep(10_000);
    await outsider.close();
    expect((await order).code).toBe('SUSPENDED');
    await driver.close();
  });

  it('the lease outlasts the longest call that changes something', async () => {
    const cloud = cloudWith();
    const store = new MemoryStore();
    const blueGreen = driverOf(cloud, store, 1, {
      timeouts: (asked) =>
        asked.scope === 'call' && asked.operation === 'enterDeploymentMode' ? 300_000 : asked.derivedMs,
    });
    await blueGreen.start(specOf(cloud, waits), { id: 'r' });
    await cloud.clock.sleep(10_000);
    expect((await store.readRecord('lease/r'))?.value).toMatchObject({ termMs: 900_000 });
    await blueGreen.close();
  });

  it('limits beyond all dates are no limits', async () => {
    const cloud = cloudWith();
    const gates = [{ name: 'go', before: 'PRE_SCALE_UP', expiresIn: '100000000d' }] as const;
    const blueGreen = driverOf(cloud, new MemoryStore(), 1);
    const rollout = await blueGreen.start(specOf(cloud, { gates }), { id: 'r' });
    await cloud.clock.sleep(60_000);
    expect(rollout.status().openGates).toEqual(['go']);
    await blueGreen.approve('r', 'go', { by: 'Ada' });
    expect((await rollout.result()).outcome).toBe('succeeded');
    await blueGreen.close();
  });
});
