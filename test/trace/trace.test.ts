import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreen, MemoryStore, type CloudTrace, type RolloutStore } from '../../src/index.js';
import { SHOP, SimulatedCloud } from '../../src/testing/index.js';
import { MOST_CHUNKS, MOST_ENTRIES_OF_A_CHUNK } from '../../src/trace/trace-records.js';
import { TraceKeeper } from '../../src/trace/trace-keeper.js';
import { readTrace } from '../../src/trace/read-trace.js';
import { Sightings } from '../../src/trace/sightings.js';
import { closeClouds, rejection, release } from '../helpers/release.js';

afterEach(closeClouds);

const statesOf = ({ entries }: CloudTrace, id: string) =>
  entries.filter(({ what, subjects }) => what === 'state' && subjects.includes(id)).map(({ now }) => now);

/** A store that notes the names of records, and may fail with those of traces. */
class Watched extends MemoryStore {
  readonly written: string[] = [];
  constructor(private readonly onTrace: () => Promise<void> = async () => {}) {
    super();
  }
  override async writeRecord(...args: Parameters<RolloutStore['writeRecord']>): Promise<number | 'conflict'> {
    this.written.push(args[0]);
    if (args[0].startsWith('trace/')) await this.onTrace();
    return super.writeRecord(...args);
  }
}

describe('a trace', () => {
  it('tells what each cloud did and what was ordered, in the order of time', async () => {
    const { blueGreen, result, cloud } = await release();
    const trace = await blueGreen.trace(result.id);
    expect(trace).toMatchObject({ v: 1, rolloutId: result.id, kind: 'elastigroup', startedAt: result.startedAt });
    expect(trace.droppedEntries).toBeUndefined();
    const times = trace.entries.map(({ at }) => at);
    expect(times).toEqual([...times].sort());
    const mode = cloud.elastigroups.deploymentModes(SHOP.elastigroupId)[0]?.id ?? '';
    expect(statesOf(trace, mode)).toContain('AWAITING_USER_DEPLOYMENT');
    expect(statesOf(trace, mode).at(-1)).toBe('FINISHED');
    const orders = trace.entries.filter(({ what }) => what === 'call').map(({ now }) => now);
    expect(orders).toMatchObject([
      { operation: 'enterDeploymentMode', ended: 'answered', made: mode },
      { operation: 'createDeployment', ended: 'answered', made: result.codeDeployDeploymentIds[0] },
    ]);
    const green = [...(result.green?.instanceIds ?? [])].sort();
    const joined = trace.entries.filter(({ what, now }) => what === 'member' && now === true);
    expect([...(joined.at(-1)?.subjects ?? [])].sort()).toEqual(green);
    expect(trace.entries.filter(({ what }) => what === 'driver').map(({ now }) => now)).toEqual(['began', 'stopped']);
  });

  it('changes nothing: the clouds are asked the same, at the same times', async () => {
    const seen = async (store: RolloutStore) => {
      const { cloud } = await release({
        cloud: { seed: 7 },
        options: { store, newId: () => 'bg-same', logger: false },
      });
      return cloud.requests.map(({ service, operation, atMs }) => `${atMs} ${service} ${operation}`);
    };
    const broken = new Watched(() => Promise.reject(new Error('the disk is full')));
    const never = new Watched(() => new Promise(() => {}));
    const asked = await seen(new MemoryStore());
    expect(await seen(broken)).toEqual(asked);
    expect(await seen(never)).toEqual(asked);
    expect(broken.written.filter((name) => name.startsWith('trace/')).length).toBeGreaterThan(0);
  });

  it('that cannot be kept is warned of once, and the release succeeds', async () => {
    const warnings: string[] = [];
    const ignore = (): void => undefined;
    const logger = { debug: ignore, info: ignore, error: ignore, warn: (text: string) => void warnings.push(text) };
    const { result } = await release({
      cloud: { timings: { scriptMs: 120_000 } },
      options: { store: new Watched(() => Promise.reject(new Error('the disk is full'))), logger },
    });
    expect(result.outcome).toBe('succeeded');
    expect(warnings.filter((text) => text.includes('the disk is full'))).toHaveLength(1);
  });

  it('is written every few minutes and at the end, and its records are no rollouts', async () => {
    const store = new Watched();
    const { blueGreen, result, tookMs } = await release({
      cloud: { timings: { scriptMs: 120_000 } },
      options: { store },
    });
    const writes = store.written.filter((name) => name.startsWith('trace/'));
    expect(writes.length).toBeGreaterThan(2);
    expect(writes.length).toBeLessThanOrEqual(tookMs / (5 * 60_000) + 2);
    expect(await store.list()).toEqual([result.id]);
    expect((await blueGreen.list()).map(({ id }) => id)).toEqual([result.id]);
  });

  it('of a rollout that only looked, or that there is not, is not kept', async () => {
    const store = new Watched();
    const cloud = new SimulatedCloud();
    const blueGreen = new BlueGreen({ ...cloud.options(), store });
    await blueGreen.plan(cloud.spec(), { id: 'bg-plan' });
    expect(store.written).toEqual([]);
    expect((await rejection(blueGreen.trace('bg-plan'))).code).toBe('ROLLOUT_UNKNOWN');
    await blueGreen.close();
    await cloud.close();
  });

  it('goes on where another process goes on, and any process that shares the store reads it', async () => {
    const store = new MemoryStore();
    const cloud = new SimulatedCloud({ rateLimits: false });
    const first = new BlueGreen({ ...cloud.options(), store });
    const rollout = await first.start(cloud.spec());
    for await (const { text } of rollout.events()) if (text.includes('AWAITING_INSTANCES_LAUNCH')) break;
    await first.close();
    const before = await new BlueGreen({ ...cloud.options(), store }).trace(rollout.id);
    expect(before.entries.at(-1)).toMatchObject({ what: 'driver', now: 'stopped' });
    const second = new BlueGreen({ ...cloud.options(), store });
    expect((await (await second.resume(rollout.id)).result()).outcome).toBe('succeeded');
    const trace = await second.trace(rollout.id);
    expect(trace.entries.slice(0, before.entries.length)).toEqual(before.entries);
    expect(trace.entries.filter(({ what }) => what === 'driver').map(({ now }) => now)).toEqual([
      'began',
      'stopped',
      'began',
      'stopped',
    ]);
    await second.close();
    await cloud.close();
  });
});

describe('what never comes into a trace', () => {
  it('secrets, other tags, descriptions, buckets, user data', async () => {
    const { blueGreen, result, cloud } = await release({
      prepare: (each) => {
        const blue = each.elastigroups.coloured(SHOP.elastigroupId, 'blue').map(({ instanceId }) => instanceId);
        each.ec2.createTags(blue, { Owner: 'PLANTED-tag' });
      },
      spec: {
        codeDeploy: {
          applicationName: SHOP.applicationName,
          deploymentGroupName: SHOP.deploymentGroupName,
          description: 'PLANTED-description',
          revision: { s3: { bucket: 'PLANTED-bucket', key: 'PLANTED-key.zip', bundleType: 'zip' } },
        },
      },
      faults: [
        {
          fault: 'script-fails',
          instance: 'all',
          scriptName: 'PLANTED-script',
          logTail: 'PLANTED-log',
          message: 'PLANTED-words',
        },
      ],
    });
    expect(result.outcome).toBe('rolled-back');
    const text = JSON.stringify(await blueGreen.trace(result.id));
    // What is planted was there to be seen.
    expect(JSON.stringify(result)).toContain('PLANTED-log');
    expect(JSON.stringify(cloud.requests)).toContain('PLANTED-bucket');
    expect(text).not.toContain('PLANTED');
    const token = await cloud.options().spot.token();
    expect(token).toBe('simulated-token');
    expect(text).not.toContain(token);
    expect(text).not.toMatch(/userData|secretAccessKey|arn:aws/i);
    expect(text).toContain(`${result.id}#1`);
  });
});

describe('a trace that grows', () => {
  const clock = { now: () => 1_000, sleep: (_ms: number, signal?: AbortSignal) => waitFor(signal) };
  const waitFor = (signal?: AbortSignal) =>
    new Promise<void>((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
  const kept = async (store: RolloutStore, count: number) => {
    const warnings: string[] = [];
    const keeper = new TraceKeeper({ store, clock, rolloutId: 'bg-1', warn: (text) => void warnings.push(text) });
    const sightings = new Sightings(clock.now, (entry) => keeper.note(entry));
    keeper.begin();
    for (let n = 0; n < count; n += 1) sightings.saw('ec2', 'state', [{ subject: 'i-1', now: n }]);
    await keeper.end(sightings);
    expect(warnings).toEqual([]);
    return readTrace(store, { rolloutId: 'bg-1', kind: 'elastigroup', startedAt: 0 });
  };

  it('is kept in parts, of which none is too large for a record', async () => {
    const store = new MemoryStore();
    const trace = await kept(store, 2 * MOST_ENTRIES_OF_A_CHUNK + 1);
    expect(trace.entries).toHaveLength(2 * MOST_ENTRIES_OF_A_CHUNK + 3);
    expect((await store.readRecord('trace/bg-1/2'))?.revision).toBe(1);
    expect(await store.readRecord('trace/bg-1/3')).toBeUndefined();
  });

  it('is full at some point, and says how much had no room', async () => {
    const store = new MemoryStore();
    const most = MOST_CHUNKS * MOST_ENTRIES_OF_A_CHUNK;
    const trace = await kept(store, most);
    expect(trace.entries).toHaveLength(most);
    expect(trace.droppedEntries).toBe(2);
    const again = await kept(store, 10);
    expect(again.entries).toHaveLength(most);
    expect(again.droppedEntries).toBe(14);
  });

  it('of two drivers at once loses nothing of either', async () => {
    const store = new MemoryStore();
    await Promise.all([kept(store, 5), kept(store, 7)]);
    const trace = await readTrace(store, { rolloutId: 'bg-1', kind: 'elastigroup', startedAt: 0 });
    expect(trace.entries.filter(({ what }) => what === 'state')).toHaveLength(12);
  });
});
