import { describe, expect, it } from 'vitest';
import { FileStore, MemoryStore } from '../../src/index.js';
import type { SweepReport } from '../../src/index.js';
import { driverOf, eventSeen, ROLLOUT_ID, specOf } from '../helpers/crash.js';
import { CrashStore } from '../helpers/crash-store.js';
import { cloudOf, dieIn, inDirectory, MINUTE_MS, ofGreen, READY, sweepWith } from '../helpers/sweep.js';

describe('a living driver', () => {
  it('of another process is left alone, whatever the sweep may do', async () => {
    await using cloud = cloudOf(READY);
    const store = new MemoryStore();
    const stands = eventSeen(
      ({ name, data }) => name === 'step:run:started' && (data as { step: string }).step === 'gate/go',
    );
    const first = driverOf(cloud, store, 1, { onEvent: stands.onEvent });
    const gates = [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT' }];
    const rollout = await first.start(specOf(cloud, { gates }), { id: ROLLOUT_ID });
    await stands.seen;
    const second = driverOf(cloud, store, 2);
    const report = await second.sweep({ dryRun: false });
    expect(report).toMatchObject({ leftovers: [], alive: [ROLLOUT_ID], swept: [], freed: [] });
    await second.approve(ROLLOUT_ID, 'go', { by: 'Ada' });
    expect((await rollout.result()).outcome).toBe('succeeded');
    await Promise.all([first.close(), second.close()]);
  });

  it('of the same process is left alone without waiting', async () => {
    await using cloud = cloudOf();
    const stands = eventSeen(
      ({ name, data }) => name === 'step:run:started' && (data as { step: string }).step === 'gate/go',
    );
    const only = driverOf(cloud, new MemoryStore(), 1, { onEvent: stands.onEvent });
    const gates = [{ name: 'go', before: 'PRE_SCALE_UP' }];
    const rollout = await only.start(specOf(cloud, { gates }), { id: ROLLOUT_ID });
    await stands.seen;
    const at = cloud.clock.now();
    expect(await only.sweep({ dryRun: false })).toMatchObject({ leftovers: [], alive: [ROLLOUT_ID] });
    expect(cloud.clock.now()).toBe(at);
    await only.approve(ROLLOUT_ID, 'go', { by: 'Ada' });
    expect((await rollout.result()).outcome).toBe('succeeded');
    await only.close();
  });

  it('that has only just written its rollout down is not taken for dead', async () => {
    await using cloud = cloudOf();
    const under = new MemoryStore();
    const second = driverOf(cloud, under, 2);
    let swept: Promise<SweepReport> | undefined;
    const store: CrashStore = new CrashStore(under, (n, when) => {
      if (when === 'after' && store.writes[n - 1] === 'rollout-started') swept = second.sweep({ dryRun: false });
    });
    const first = driverOf(cloud, store, 1);
    const rollout = await first.start(specOf(cloud), { id: ROLLOUT_ID });
    expect((await rollout.result()).outcome).toBe('succeeded');
    expect(await swept).toMatchObject({ leftovers: [], alive: [ROLLOUT_ID], swept: [] });
    await Promise.all([first.close(), second.close()]);
  });
});

describe('a sweep that is no dry run', () => {
  it.each(['capture-blue', 'enter-deployment-mode', 'release-green/1', 'await-ready'])(
    'takes back a rollout whose driver died in %s, with a clean receipt, and the next release starts',
    async (step) => {
      await inDirectory(async (directory) => {
        await using cloud = cloudOf(READY);
        const store = new FileStore(directory);
        await dieIn(cloud, store, step);
        const { report } = await sweepWith(cloud, store, { dryRun: false });
        expect(report.dryRun).toBe(false);
        expect(report.swept).toMatchObject([
          { rolloutId: ROLLOUT_ID, outcome: 'rolled-back', error: { code: 'ABORTED' } },
        ]);
        expect(report.swept[0]?.error?.message).toContain('sweep');
        const verdicts = report.swept[0]?.receipt.lines.map(({ verdict }) => verdict) ?? [];
        expect(verdicts.length).toBeGreaterThan(0);
        expect(verdicts.filter((verdict) => verdict === 'differs' || verdict === 'not-checked')).toEqual([]);
        expect(cloud.snapshot().serving).toEqual({ blue: 2, green: 0, other: 0 });
        expect(ofGreen(cloud)).toEqual([]);
        expect(cloud.traffic.failed).toBe(0);
        expect((await sweepWith(cloud, store)).report.leftovers).toEqual([]);
        const third = driverOf(cloud, store, 3);
        expect((await third.deploy(specOf(cloud), { id: 'next' })).outcome).toBe('succeeded');
        await third.close();
      });
    },
  );

  it('takes back a rollout that its process had let go of in order', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const begun = eventSeen(
      ({ name, data }) => name === 'step:run:started' && (data as { step: string }).step === 'await-green',
    );
    const first = driverOf(cloud, store, 1, { onEvent: begun.onEvent });
    await first.start(specOf(cloud), { id: ROLLOUT_ID });
    await begun.seen;
    await first.close();
    const { report } = await sweepWith(cloud, store, { dryRun: false });
    expect(report.swept).toMatchObject([{ outcome: 'rolled-back' }]);
    expect(cloud.snapshot().serving).toEqual({ blue: 2, green: 0, other: 0 });
  });

  it('goes forward where the pivot is passed', async () => {
    await using cloud = cloudOf({ faults: [{ fault: 'blue-not-removed', finishes: true }] });
    const store = new MemoryStore();
    await dieIn(cloud, store, 'retire-blue');
    const { report } = await sweepWith(cloud, store, { dryRun: false });
    expect(report.swept).toMatchObject([{ outcome: 'succeeded' }]);
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
    expect((await store.read(ROLLOUT_ID)).map(({ type }) => type)).not.toContain('abort-ordered');
  });

  it('goes forward where only the clouds know that the pivot is passed', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    await dieIn(cloud, store, 'await-codedeploy');
    cloud.advance(60 * MINUTE_MS);
    const { report } = await sweepWith(cloud, store, { dryRun: false });
    expect(report.swept).toMatchObject([{ outcome: 'succeeded' }]);
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
  });

  it('takes back a rollout whose hooks it does not have', async () => {
    await using cloud = cloudOf(READY);
    const store = new MemoryStore();
    const hooks = { PRODUCTION_TRAFFIC_SHIFT: { name: 'smoke', run: () => {}, veto: true } } as const;
    await dieIn(cloud, store, 'hook/PRODUCTION_TRAFFIC_SHIFT/smoke', { hooks });
    const { report } = await sweepWith(cloud, store, { dryRun: false });
    expect(report.swept).toMatchObject([{ outcome: 'rolled-back' }]);
    expect(cloud.snapshot().serving).toEqual({ blue: 2, green: 0, other: 0 });
  });
});
