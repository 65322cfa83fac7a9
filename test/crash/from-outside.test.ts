import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/index.js';
import type { StoredEntry } from '../../src/ports/rollout-store.js';
import { rejection } from '../helpers/release.js';
import { cloudOf, driverOf, mutates, ROLLOUT_ID, specOf, stepBegins } from '../helpers/crash.js';
import { CrashStore } from '../helpers/crash-store.js';

const ORDER = { by: 'Ada', reason: 'enough' };

describe('another process that shares the store', () => {
  it('sees where the rollout stands, follows it from its first event, and learns its end', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const begun = stepBegins('await-green');
    const first = driverOf(cloud, store, 1, { onEvent: begun.onEvent });
    const rollout = await first.start(specOf(cloud), { id: ROLLOUT_ID });
    await begun.seen;
    const second = driverOf(cloud, store, 2);
    expect(await second.status(ROLLOUT_ID)).toMatchObject({
      outcome: 'running',
      step: 'await-green',
      direction: 'forward',
    });
    const watched = await second.watch(ROLLOUT_ID);
    const names: string[] = [];
    for await (const { name } of watched.events()) names.push(name);
    expect([names[0], names.at(-1)]).toEqual(['rollout:start:recorded', 'rollout:finish:recorded']);
    expect(await watched.result()).toEqual(await rollout.result());
    expect(await second.list()).toMatchObject([{ id: ROLLOUT_ID, outcome: 'succeeded' }]);
    await Promise.all([first.close(), second.close()]);
    expect(cloud.clock.pending()).toBe(0);
  });

  it('leaves nothing behind when it is closed while it watches', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const begun = stepBegins('await-green');
    const first = driverOf(cloud, store, 1, { onEvent: begun.onEvent });
    const rollout = await first.start(specOf(cloud), { id: ROLLOUT_ID });
    await begun.seen;
    const second = driverOf(cloud, store, 2);
    const watched = await second.watch(ROLLOUT_ID);
    await second.close();
    expect((await watched.result()).outcome).toBe('suspended');
    expect((await rollout.result()).outcome).toBe('succeeded');
    await first.close();
    expect(cloud.clock.pending()).toBe(0);
  });

  it('aborts it: the driver goes back, and whoever gave the order hears so', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const begun = stepBegins('await-green');
    const first = driverOf(cloud, store, 1, { onEvent: begun.onEvent });
    const rollout = await first.start(specOf(cloud), { id: ROLLOUT_ID });
    await begun.seen;
    const second = driverOf(cloud, store, 2);
    expect(await second.abort(ROLLOUT_ID, ORDER)).toBe('unwinding');
    expect(await rollout.result()).toMatchObject({ outcome: 'rolled-back', error: { code: 'ABORTED' } });
    expect(cloud.snapshot().serving).toEqual({ blue: 2, green: 0, other: 0 });
    await Promise.all([first.close(), second.close()]);
  });

  it('opens its gates, and closes them', async () => {
    for (const [answer, outcome] of [
      ['approve', 'succeeded'],
      ['reject', 'refused'],
    ] as const) {
      await using cloud = cloudOf();
      const store = new MemoryStore();
      const open = stepBegins('gate/go');
      const first = driverOf(cloud, store, 1, { onEvent: open.onEvent });
      const spec = specOf(cloud, { gates: [{ name: 'go', before: 'PRE_SCALE_UP' }] });
      const rollout = await first.start(spec, { id: ROLLOUT_ID });
      await open.seen;
      const second = driverOf(cloud, store, 2);
      expect((await second.status(ROLLOUT_ID)).openGates).toEqual(['go']);
      expect((await rejection(second.approve(ROLLOUT_ID, 'stop', { by: 'Ada' }))).code).toBe('GATE_UNKNOWN');
      await second[answer](ROLLOUT_ID, 'go', ORDER);
      expect((await rollout.result()).outcome).toBe(outcome);
      expect((await rejection(second.approve(ROLLOUT_ID, 'go', { by: 'Bob' }))).code).toBe('GATE_UNKNOWN');
      await Promise.all([first.close(), second.close()]);
    }
  });

  it('hears of a rollout that there is none', async () => {
    await using cloud = cloudOf();
    const blueGreen = driverOf(cloud, new MemoryStore(), 1);
    for (const asked of [
      blueGreen.status('x'),
      blueGreen.resume('x'),
      blueGreen.watch('x'),
      blueGreen.abort('x', ORDER),
    ])
      expect((await rejection(asked)).code).toBe('ROLLOUT_UNKNOWN');
    expect(await blueGreen.list()).toEqual([]);
    await blueGreen.close();
  });
});

describe('a rollout whose process has died without a word', () => {
  it('takes an order to abort, which stands until somebody resumes it, and does not keep anybody waiting for ever', async () => {
    await using cloud = cloudOf();
    const under = new MemoryStore();
    const dying: CrashStore = new CrashStore(under, (n, when) => {
      if (when === 'after' && dying.writes[n - 1] === 'operation-done') dying.break();
    });
    const first = driverOf(cloud, dying, 1);
    await (await first.start(specOf(cloud), { id: ROLLOUT_ID })).result();
    const second = driverOf(cloud, under, 2);
    const watched = await second.watch(ROLLOUT_ID);
    expect(await second.abort(ROLLOUT_ID, ORDER)).toBe('unwinding');
    expect((await watched.result()).outcome).toBe('suspended');
    const sent = cloud.requests.filter(mutates).length;
    expect(await (await second.resume(ROLLOUT_ID)).result()).toMatchObject({
      outcome: 'rolled-back',
      error: { code: 'ABORTED' },
    });
    expect(sent).toBe(1);
    expect(cloud.snapshot().serving).toEqual({ blue: 2, green: 0, other: 0 });
    await Promise.all([first.close(), second.close()]);
    expect(cloud.clock.pending()).toBe(0);
  });
});

describe('a rollout that another version of the library began', () => {
  /** As that version would have left it: with a step of another meaning behind it. */
  async function leftByAnotherVersion(cloud: ReturnType<typeof cloudOf>): Promise<MemoryStore> {
    const written = new MemoryStore();
    const begun = stepBegins('await-green');
    const first = driverOf(cloud, written, 1, { onEvent: begun.onEvent });
    await first.start(specOf(cloud), { id: ROLLOUT_ID });
    await begun.seen;
    await first.close();
    const store = new MemoryStore();
    const entries = (await written.read(ROLLOUT_ID)).map((entry): StoredEntry => {
      if (entry['type'] !== 'rollout-started') return entry;
      const fingerprint = (entry['fingerprint'] as [string, number][]).map(([id, version]): [string, number] =>
        id === 'capture-blue' ? [id, version + 1] : [id, version],
      );
      return { ...entry, fingerprint };
    });
    await store.append(ROLLOUT_ID, 0, entries);
    return store;
  }

  it('is not gone on with, and nothing is sent', async () => {
    await using cloud = cloudOf();
    const store = await leftByAnotherVersion(cloud);
    const [sent, entries] = [cloud.requests.length, (await store.read(ROLLOUT_ID)).length];
    const second = driverOf(cloud, store, 2);
    const result = await (await second.resume(ROLLOUT_ID)).result();
    expect(result).toMatchObject({
      outcome: 'suspended',
      error: { code: 'PLAN_INCOMPATIBLE', stepId: 'capture-blue' },
    });
    expect([cloud.requests.length, (await store.read(ROLLOUT_ID)).length]).toEqual([sent, entries]);
    await second.close();
  });

  it('can be taken back', async () => {
    await using cloud = cloudOf();
    const store = await leftByAnotherVersion(cloud);
    const second = driverOf(cloud, store, 2);
    expect(await second.abort(ROLLOUT_ID, ORDER)).toBe('unwinding');
    expect((await (await second.resume(ROLLOUT_ID)).result()).outcome).toBe('rolled-back');
    expect(cloud.snapshot().serving).toEqual({ blue: 2, green: 0, other: 0 });
    await second.close();
  });
});
