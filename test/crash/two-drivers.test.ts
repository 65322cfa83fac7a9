import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/index.js';
import { SHOP } from '../../src/testing/index.js';
import { rejection } from '../helpers/release.js';
import { cloudOf, driverOf, latch, mutates, ROLLOUT_ID, specOf, stepBegins } from '../helpers/crash.js';
import { CrashStore } from '../helpers/crash-store.js';

describe('two processes that want to drive the same rollout', () => {
  it('do not: the second hears ALREADY_DRIVEN, and the first ends as if alone', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const begun = stepBegins('await-green');
    const first = driverOf(cloud, store, 1, { onEvent: begun.onEvent });
    const rollout = await first.start(specOf(cloud), { id: ROLLOUT_ID });
    await begun.seen;
    const second = driverOf(cloud, store, 2);
    const refused = await (await second.resume(ROLLOUT_ID)).result();
    expect(refused).toMatchObject({ outcome: 'suspended', error: { code: 'ALREADY_DRIVEN' } });
    const attached = await (await second.start(specOf(cloud), { id: ROLLOUT_ID })).result();
    expect(attached.error?.code).toBe('ALREADY_DRIVEN');
    expect((await rollout.result()).outcome).toBe('succeeded');
    expect(cloud.requests.filter(mutates)).toHaveLength(2);
    await Promise.all([first.close(), second.close()]);
    expect(cloud.clock.pending()).toBe(0);
  });

  it.each([
    ['notices LEASE_LOST', 'before', { outcome: 'suspended', error: { code: 'LEASE_LOST' } }],
    ['says how it ended', 'after', { outcome: 'succeeded', error: undefined }],
  ] as const)(
    'never both act: who was cut off for a term %s where it comes back %s the end, and sends nothing more',
    async (_what, when, says) => {
      await using cloud = cloudOf();
      const under = new MemoryStore();
      // Cut off, not dead: from the entry that is to start the release it hangs, and comes back after ten minutes.
      const comesBack = latch();
      const cutOff = latch();
      let isCutOff = false;
      const slow: CrashStore = new CrashStore(under);
      const write = slow.writeRecord.bind(slow);
      const append = slow.append.bind(slow);
      slow.writeRecord = async (...args) => {
        if (isCutOff) await comesBack.opened;
        return write(...args);
      };
      slow.append = async (...args) => {
        const [entry] = args[2];
        if (entry?.['type'] === 'operation-intended' && entry['key'] === 'release-green/1') {
          isCutOff = true;
          cutOff.open();
        }
        if (isCutOff) await comesBack.opened;
        return append(...args);
      };
      const first = driverOf(cloud, slow, 1);
      const rollout = await first.start(specOf(cloud), { id: ROLLOUT_ID });
      await cutOff.opened;
      const releasing = stepBegins('await-codedeploy');
      const second = driverOf(cloud, under, 2, { onEvent: releasing.onEvent });
      const taken = await second.resume(ROLLOUT_ID);
      await releasing.seen;
      expect(cloud.requests.filter(mutates)).toHaveLength(2);
      if (when === 'after') await taken.result();
      comesBack.open();
      const { outcome, error } = await rollout.result();
      expect({ outcome, error }).toMatchObject(says);
      expect((await taken.result()).outcome).toBe('succeeded');
      expect(cloud.requests.filter(mutates)).toHaveLength(2);
      await Promise.all([first.close(), second.close()]);
      expect(cloud.clock.pending()).toBe(0);
    },
  );
});

describe('the lock on a target', () => {
  it('refuses a second rollout on the same Elastigroup, which touches nothing', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const begun = stepBegins('await-green');
    const first = driverOf(cloud, store, 1, { onEvent: begun.onEvent });
    const rollout = await first.start(specOf(cloud), { id: ROLLOUT_ID });
    await begun.seen;
    const before = cloud.requests.filter(mutates).length;
    const second = driverOf(cloud, store, 2);
    const error = await rejection(
      second.deploy({ ...specOf(cloud), green: { tagKey: 'Colour', value: 'x' } } as never),
    );
    expect(error).toMatchObject({ code: 'TARGET_BUSY', result: { outcome: 'refused' } });
    expect(error.message).toContain(ROLLOUT_ID);
    expect(cloud.requests.filter(mutates)).toHaveLength(before);
    expect((await rollout.result()).outcome).toBe('succeeded');
    await Promise.all([first.close(), second.close()]);
  });

  it('is kept while its rollout is suspended, and free once it has ended', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const begun = stepBegins('await-green');
    const first = driverOf(cloud, store, 1, { onEvent: begun.onEvent });
    await first.start(specOf(cloud), { id: ROLLOUT_ID });
    await begun.seen;
    await first.close();
    const lock = `target/elastigroup/${SHOP.elastigroupId}`;
    expect((await store.readRecord(lock))?.value).toEqual({ rolloutId: ROLLOUT_ID });
    const second = driverOf(cloud, store, 2);
    expect((await rejection(second.deploy(specOf(cloud), { id: 'other' }))).code).toBe('TARGET_BUSY');
    expect((await store.readRecord(lock))?.value).toEqual({ rolloutId: ROLLOUT_ID });
    expect((await (await second.resume(ROLLOUT_ID)).result()).outcome).toBe('succeeded');
    expect((await store.readRecord(lock))?.value).toBeNull();
    await second.close();
  });
});

describe('a rollout’s id', () => {
  it('attaches whoever starts the same spec under it again, in the same process too', async () => {
    await using cloud = cloudOf();
    const blueGreen = driverOf(cloud, new MemoryStore(), 1);
    const spec = specOf(cloud);
    const [one, two] = await Promise.all([
      blueGreen.start(spec, { id: ROLLOUT_ID }),
      blueGreen.start(spec, { id: ROLLOUT_ID }),
    ]);
    expect(two).toBe(one);
    expect(await blueGreen.resume(ROLLOUT_ID)).toBe(one);
    expect((await one.result()).outcome).toBe('succeeded');
    await blueGreen.close();
  });

  it('attaches a process that starts the same spec in the same instant, and lets one of them drive', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const drivers = [driverOf(cloud, store, 1), driverOf(cloud, store, 2)];
    const rollouts = await Promise.all(drivers.map((each) => each.start(specOf(cloud), { id: ROLLOUT_ID })));
    const outcomes = await Promise.all(rollouts.map(async (each) => (await each.result()).outcome));
    expect(outcomes.sort()).toEqual(['succeeded', 'suspended']);
    expect(cloud.requests.filter(mutates)).toHaveLength(2);
    await Promise.all(drivers.map((each) => each.close()));
  });

  it('belongs to its spec: another one is refused, while it runs and after its end', async () => {
    await using cloud = cloudOf();
    const blueGreen = driverOf(cloud, new MemoryStore(), 1);
    const rollout = await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID });
    const other = specOf(cloud, { minimumHealthyPercent: 50 });
    expect((await rejection(blueGreen.start(other, { id: ROLLOUT_ID }))).code).toBe('ROLLOUT_ID_TAKEN');
    await rollout.result();
    expect((await rejection(blueGreen.start(other, { id: ROLLOUT_ID }))).code).toBe('ROLLOUT_ID_TAKEN');
    await blueGreen.close();
  });
});
