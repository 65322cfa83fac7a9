import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FileStore, MemoryStore } from '../../src/index.js';
import { cloudOf, driverOf, mutates, ROLLOUT_ID, specOf, tellWithoutCrash } from '../helpers/crash.js';
import { crashEverywhere, writePoints } from '../helpers/crash-points.js';
import { CrashStore } from '../helpers/crash-store.js';

describe('a rollout whose store is a directory', () => {
  let directory = '';
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('is taken up from what is on the disk, wherever its process died', async () => {
    directory = await mkdtemp(join(tmpdir(), 'crash-'));
    const undisturbed = await tellWithoutCrash({});
    // The store's own tests look at torn files; here it is enough that every kind of entry is met.
    const points = writePoints(undisturbed, 100).filter((_point, index) => index % 11 === 0);
    let stores = 0;
    const newStore = () => new FileStore(join(directory, String((stores += 1))));
    expect(await crashEverywhere({}, undisturbed, points, newStore)).toEqual([]);
  }, 300_000);
});

describe('a process that dies while it resumes', () => {
  it('is replaced by a third one, and by a fourth, with nothing done twice', async () => {
    await using cloud = cloudOf();
    const under = new MemoryStore();
    const die = (n: number) => {
      const store: CrashStore = new CrashStore(under, (write) => (write === n ? store.break() : undefined));
      return store;
    };
    const first = driverOf(cloud, die(12), 1);
    await (await first.start(specOf(cloud), { id: ROLLOUT_ID })).result();
    // In the middle of taking over, right after it, and with a call of its own intended.
    const outcomes: string[] = [];
    for (const [index, writes] of [1, 2, 3, 5, 10].entries()) {
      const next = driverOf(cloud, die(writes), index + 2);
      outcomes.push((await (await next.resume(ROLLOUT_ID)).result()).outcome);
      await next.close();
    }
    const last = driverOf(cloud, under, 9);
    outcomes.push((await (await last.resume(ROLLOUT_ID)).result()).outcome);
    await last.close();
    await first.close();
    expect(outcomes).toEqual(['suspended', 'suspended', 'suspended', 'suspended', 'suspended', 'succeeded']);
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
    expect(cloud.requests.filter(mutates).map(({ operation }) => operation)).toEqual([
      'enterDeploymentMode',
      'CreateDeployment',
    ]);
    expect(cloud.clock.pending()).toBe(0);
  });
});

describe('a finished rollout', () => {
  it('answers its result to whoever resumes it or starts it again, at once and without a request', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const first = driverOf(cloud, store, 1);
    const result = await (await first.start(specOf(cloud), { id: ROLLOUT_ID })).result();
    await first.close();
    const [requests, entries] = [cloud.requests.length, (await store.read(ROLLOUT_ID)).length];
    const at = cloud.clock.now();
    const second = driverOf(cloud, store, 2);
    expect(await (await second.resume(ROLLOUT_ID)).result()).toEqual(result);
    expect(await (await second.start(specOf(cloud), { id: ROLLOUT_ID })).result()).toEqual(result);
    expect(await (await second.watch(ROLLOUT_ID)).result()).toEqual(result);
    expect(await second.abort(ROLLOUT_ID, { by: 'Ada', reason: 'too late' })).toBe('too-late');
    await second.close();
    expect([cloud.requests.length, (await store.read(ROLLOUT_ID)).length]).toEqual([requests, entries]);
    expect(cloud.clock.now()).toBe(at);
  });

  it('is answered at once even when its last driver died before it let go of lease and locks', async () => {
    await using cloud = cloudOf();
    const under = new MemoryStore();
    const store: CrashStore = new CrashStore(under, (n, when) =>
      when === 'after' && store.writes[n - 1] === 'finished' ? store.break() : undefined,
    );
    const first = driverOf(cloud, store, 1);
    await (await first.start(specOf(cloud), { id: ROLLOUT_ID })).result();
    const second = driverOf(cloud, under, 2);
    expect((await (await second.resume(ROLLOUT_ID)).result()).outcome).toBe('succeeded');
    expect((await under.readRecord('target/elastigroup/sig-1a2b3c4d'))?.value).toBeNull();
    await Promise.all([first.close(), second.close()]);
  });
});
