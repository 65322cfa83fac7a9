import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileStore, MemoryStore } from '../../src/index.js';
import type { BlueGreen } from '../../src/index.js';
import type { RolloutStore } from '../../src/ports/rollout-store.js';
import { SHOP, type SimulatedCloud } from '../../src/testing/index.js';
import { driverOf, ROLLOUT_ID, specOf } from '../helpers/crash.js';
import { CrashStore } from '../helpers/crash-store.js';
import { rejection } from '../helpers/release.js';
import { cloudOf, dieIn, inDirectory, MINUTE_MS, sweepWith, whats } from '../helpers/sweep.js';

const TARGETS = [`elastigroup/${SHOP.elastigroupId}`, 'deployment-group/shop/shop-prod'];

describe('a rollout that failed', () => {
  async function failed(cloud: SimulatedCloud, store: RolloutStore, spec: object = {}): Promise<void> {
    cloud.inject({ fault: 'refused', on: { service: 'spot', operation: 'stopDeploymentMode', times: 99 }, code: 'NO' });
    const first: BlueGreen = driverOf(cloud, store, 1, {
      onEvent: ({ name, data }) => {
        if (name === 'step:run:started' && (data as { step: string }).step === 'release-green/1')
          void first.abort(ROLLOUT_ID, { by: 'Ada', reason: 'enough' });
      },
    });
    const result = await (await first.start(specOf(cloud, spec), { id: ROLLOUT_ID })).result();
    await first.close();
    expect(result.outcome).toBe('failed');
  }

  it('is left as it is, and what it left is told with the fix of its receipt', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    await failed(cloud, store);
    const before = await store.read(ROLLOUT_ID);
    const { report, mutations } = await sweepWith(cloud, store, { dryRun: false });
    expect(mutations).toEqual([]);
    expect(await store.read(ROLLOUT_ID)).toEqual(before);
    expect(report).toMatchObject({ swept: [], freed: [], alive: [] });
    expect(whats(report)).toContain('deployment mode');
    const finished = before.at(-1) as unknown as {
      lines: ReadonlyArray<{ verdict: string; subject: string; fix: string }>;
    };
    const fixes = finished.lines.filter(({ verdict }) => verdict === 'differs').map(({ fix }) => fix);
    expect(fixes.length).toBeGreaterThan(0);
    const remedies = fixes.map((fix) => `Resume rollout ${ROLLOUT_ID}, which tries it again. By hand: ${fix}`);
    expect(report.leftovers.map(({ remedy }) => remedy)).toEqual(expect.arrayContaining(remedies));
    expect(whats(report).filter((what) => what === 'deployment mode')).toHaveLength(1);
  });

  it('has nothing left once somebody has mended it', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    await failed(cloud, store);
    // Spot's own limit ends the mode, and takes green away.
    cloud.advance(24 * 60 * MINUTE_MS);
    const { report } = await sweepWith(cloud, store);
    expect(report.leftovers).toEqual([]);
  });

  it('does not claim what a later release has made of its target, with the same tags', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const green = { tagKey: 'Colour', value: '412' };
    await failed(cloud, store, { green });
    cloud.advance(24 * 60 * MINUTE_MS);
    cloud.elastigroups.setCapacity(SHOP.elastigroupId, { minimum: 1, target: 2, maximum: 7 });
    const differs = (await sweepWith(cloud, store)).report.leftovers;
    expect(differs.map(({ what, subject }) => [what, subject])).toEqual([['maximum', SHOP.elastigroupId]]);
    const next = driverOf(cloud, store, 3);
    expect((await next.deploy(specOf(cloud, { green }), { id: 'next' })).outcome).toBe('succeeded');
    await next.close();
    expect((await sweepWith(cloud, store)).report.leftovers).toEqual([]);
  });
});

describe('what ended rollouts hold in the store', () => {
  const lockOf = async (store: RolloutStore, target: string) => (await store.readRecord(`target/${target}`))?.value;

  it('is told, and freed by a sweep that is no dry run', async () => {
    await using cloud = cloudOf();
    const under = new MemoryStore();
    const store: CrashStore = new CrashStore(under, (n, when) =>
      when === 'after' && store.writes[n - 1] === 'finished' ? store.break() : undefined,
    );
    const first = driverOf(cloud, store, 1);
    await (await first.start(specOf(cloud), { id: ROLLOUT_ID })).result();
    await first.close();
    const dry = (await sweepWith(cloud, under)).report;
    expect(dry.leftovers.map(({ what, subject }) => [what, subject])).toEqual([
      ['lease', ROLLOUT_ID],
      ...[...TARGETS].sort().map((target) => ['target lock', target]),
    ]);
    expect(dry.leftovers.every(({ owner, ageMs }) => owner === 'process-1-1' && (ageMs ?? -1) >= 0)).toBe(true);
    expect(await lockOf(under, TARGETS[0]!)).toEqual({ rolloutId: ROLLOUT_ID });
    const wet = (await sweepWith(cloud, under, { dryRun: false })).report;
    expect(wet.freed).toEqual(dry.leftovers.map(({ what, subject }) => ({ what, subject, rolloutId: ROLLOUT_ID })));
    expect(await Promise.all(TARGETS.map((target) => lockOf(under, target)))).toEqual([null, null]);
    expect((await under.readRecord(`lease/${ROLLOUT_ID}`))?.value).toBeNull();
    expect((await sweepWith(cloud, under)).report.leftovers).toEqual([]);
  });

  it('binds even when its rollout has vanished from the store, until it is freed', async () => {
    await inDirectory(async (directory) => {
      await using cloud = cloudOf();
      const store = new FileStore(directory);
      await dieIn(cloud, store, 'capture-blue');
      await rm(join(directory, 'rollouts', `${ROLLOUT_ID}.jsonl`));
      // Another process: this one may remember what it has read.
      const fresh = new FileStore(directory);
      const blocked = driverOf(cloud, fresh, 3);
      expect((await rejection(blocked.deploy(specOf(cloud), { id: 'next' }))).code).toBe('TARGET_BUSY');
      const { report } = await sweepWith(cloud, fresh, { dryRun: false });
      expect(report.freed).toEqual(
        [...TARGETS].sort().map((subject) => ({ what: 'target lock', subject, rolloutId: ROLLOUT_ID })),
      );
      expect((await blocked.deploy(specOf(cloud), { id: 'after' })).outcome).toBe('succeeded');
      await blocked.close();
    });
  });
});
