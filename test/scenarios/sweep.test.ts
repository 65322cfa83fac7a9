import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileStore, MemoryStore } from '../../src/index.js';
import { SHOP } from '../../src/testing/index.js';
import { driverOf, ROLLOUT_ID, specOf } from '../helpers/crash.js';
import { rejection } from '../helpers/release.js';
import { cloudOf, dieIn, inDirectory, MINUTE_MS, ofGreen, READY, sweepWith, whats } from '../helpers/sweep.js';

describe('a sweep of a store in which', () => {
  it('nothing was ever started finds nothing', async () => {
    await using cloud = cloudOf();
    const { report } = await sweepWith(cloud, new MemoryStore());
    expect(report).toMatchObject({ dryRun: true, leftovers: [], alive: [], swept: [], freed: [] });
    expect(cloud.requests).toEqual([]);
  });

  it('every rollout ended well finds nothing, and asks no cloud', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const first = driverOf(cloud, store, 1);
    await first.deploy(specOf(cloud), { id: ROLLOUT_ID });
    await first.close();
    const asked = cloud.requests.length;
    const { report } = await sweepWith(cloud, store, { dryRun: false });
    expect(report).toMatchObject({ leftovers: [], alive: [], swept: [], freed: [] });
    expect(cloud.requests.length).toBe(asked);
  });

  it('a driver died with green launched names green, the mode, whose they are and how old', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    await dieIn(cloud, store, 'release-green/1');
    const diedAt = cloud.clock.now();
    cloud.advance(10 * MINUTE_MS);
    const before = await store.read(ROLLOUT_ID);
    const { report, mutations } = await sweepWith(cloud, store);
    expect(mutations).toEqual([]);
    expect(await store.read(ROLLOUT_ID)).toEqual(before);
    const green = ofGreen(cloud);
    expect(green).toHaveLength(2);
    expect(report).toMatchObject({ dryRun: true, alive: [], swept: [], freed: [] });
    expect(whats(report)).toEqual(['rollout', 'green instance', 'green instance', 'deployment mode']);
    const [rollout, ...others] = report.leftovers;
    expect(rollout).toMatchObject({ subject: ROLLOUT_ID, owner: 'process-1-1', serving: false });
    expect(rollout?.remedy).toMatch(/abort/);
    expect(rollout?.ageMs).toBeGreaterThanOrEqual(10 * MINUTE_MS);
    expect(Date.parse(rollout?.since ?? '')).toBeLessThanOrEqual(diedAt);
    expect(
      others
        .slice(0, 2)
        .map(({ subject }) => subject)
        .sort(),
    ).toEqual([...green].sort());
    const mode = cloud.snapshot().elastigroups[0]?.deploymentModes[0];
    expect(others[2]?.subject).toBe(mode?.id);
    for (const left of others) {
      expect(left).toMatchObject({ rolloutId: ROLLOUT_ID, owner: 'process-1-1', serving: false });
      expect(left.ageMs).toBeGreaterThan(rollout?.ageMs ?? Infinity);
      expect(left.remedy).toMatch(/^Abort or resume rollout tale/);
    }
  });

  it('a driver died while the release ran names its CodeDeploy deployment too', async () => {
    await using cloud = cloudOf(READY);
    const store = new MemoryStore();
    await dieIn(cloud, store, 'await-ready');
    const { report, mutations } = await sweepWith(cloud, store);
    expect(mutations).toEqual([]);
    expect(whats(report)).toContain('CodeDeploy deployment');
    const left = report.leftovers.find(({ what }) => what === 'CodeDeploy deployment');
    const [ours] = cloud.snapshot().codeDeployDeployments.filter(({ description }) => description === 'tale#1');
    expect([left?.subject, left?.since]).toEqual([ours?.deploymentId, ours?.createdAt]);
    expect(left?.remedy).toMatch(/Ready/);
  });

  it('a driver died in its bake names the suspension that it set, and who serves', async () => {
    await using cloud = cloudOf({ deploymentGroup: { readyWaitMinutes: 60, terminationWaitMinutes: 60 } });
    cloud.elastigroups.suspend(SHOP.elastigroupId, 'AUTO_SCALE');
    const store = new MemoryStore();
    await dieIn(cloud, store, 'await-bake', {}, { bake: '40m' });
    const { report } = await sweepWith(cloud, store);
    const left = report.leftovers.filter(({ what }) => what === 'suspended process');
    // What somebody had suspended before the release is none of ours.
    expect(left.map(({ subject }) => subject)).toEqual([`${SHOP.elastigroupId} AUTO_HEALING`]);
    expect(left[0]?.remedy).toMatch(/Spot lifts it at 20/);
    expect(
      report.leftovers
        .filter(({ serving }) => serving)
        .map(({ subject }) => subject)
        .sort(),
    ).toEqual([...ofGreen(cloud)].sort());
  });

  it('a driver died before it sent anything names the rollout alone', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    await dieIn(cloud, store, 'capture-blue');
    const { report } = await sweepWith(cloud, store);
    expect(whats(report)).toEqual(['rollout']);
  });

  it('a driver died past the pivot names the blue that was left, and says that it can only go forward', async () => {
    await using cloud = cloudOf({ faults: [{ fault: 'blue-not-removed', finishes: true }] });
    const store = new MemoryStore();
    await dieIn(cloud, store, 'retire-blue');
    const { report } = await sweepWith(cloud, store);
    expect(whats(report)).toEqual(['rollout', 'blue instance', 'blue instance']);
    expect(report.leftovers[0]?.remedy).toMatch(/only go forward/);
    expect(report.leftovers.slice(1).every(({ remedy }) => /Once green is healthy/.test(remedy))).toBe(true);
  });

  it('a rollout was started in another region says that it could not look, and orders nothing', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    await dieIn(cloud, store, 'await-green');
    const { aws } = cloud.options();
    const second = driverOf(cloud, store, 2, { aws: { ...aws, region: 'us-east-1' } });
    const asked = cloud.requests.length;
    const report = await second.sweep({ dryRun: false });
    await second.close();
    expect(whats(report)).toEqual(['rollout', 'not looked at']);
    expect(report.leftovers[1]?.remedy).toContain('us-east-1');
    expect(report.swept).toMatchObject([{ outcome: 'suspended', error: { code: 'ANCHOR_UNREADABLE' } }]);
    expect(cloud.requests.length).toBe(asked);
    expect((await store.read(ROLLOUT_ID)).map(({ type }) => type)).not.toContain('abort-ordered');
  });

  it('a journal cannot be read names it, and goes on with the others', async () => {
    await inDirectory(async (directory) => {
      await using cloud = cloudOf();
      const store = new FileStore(directory);
      await dieIn(cloud, store, 'await-green');
      await writeFile(join(directory, 'rollouts', 'broken.jsonl'), 'not a line of ours\n{}\n');
      const { report } = await sweepWith(cloud, store);
      expect(whats(report)).toEqual([
        'unreadable rollout',
        'rollout',
        ...Array(2).fill('green instance'),
        'deployment mode',
      ]);
      expect(report.leftovers[0]).toMatchObject({ rolloutId: 'broken', serving: false });
    });
  });
});

describe('a sweep that is closed while it waits', () => {
  it('ends at once, with nothing left awake and nothing written', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    await dieIn(cloud, store, 'await-green');
    const before = await store.read(ROLLOUT_ID);
    const second = driverOf(cloud, store, 2);
    const swept = rejection(second.sweep({ dryRun: false }));
    await second.close();
    expect((await swept).code).toBe('SUSPENDED');
    expect(cloud.clock.pending()).toBe(0);
    expect(await store.read(ROLLOUT_ID)).toEqual(before);
  });
});

describe('the options of a sweep', () => {
  it('are a boolean and nothing else', async () => {
    await using cloud = cloudOf();
    const blueGreen = driverOf(cloud, new MemoryStore(), 1);
    for (const options of [{ dryRun: 'no' }, { dry: false }, { dryRun: null }] as never[])
      expect((await rejection(blueGreen.sweep(options))).code).toBe('OPTIONS_INVALID');
    await blueGreen.close();
  });
});
