import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreen, MemoryStore } from '../../src/index.js';
import type { BlueGreenOptions, RolloutEvent } from '../../src/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import type { SimulatedCloudOptions } from '../../src/testing/simulated-cloud-options.js';
import { closeClouds, rejection } from '../helpers/release.js';

afterEach(closeClouds);

const DENIED = { code: 'AUTH_ERROR', status: 403 } as const;

/** A rollout that fails because something is denied for as long as it lasts, and whoever tries it again. */
async function failed(cloudOptions: SimulatedCloudOptions, spec: object = {}) {
  const cloud = new SimulatedCloud({ blue: 2, rateLimits: false, ...cloudOptions });
  const store = new MemoryStore();
  const events: RolloutEvent[] = [];
  const options: BlueGreenOptions = {
    ...cloud.options(),
    store,
    polling: { every: '15s', urgent: '10s' },
    onEvent: (event) => void events.push(event),
  };
  const blueGreen = new BlueGreen(options);
  const first = await (await blueGreen.start(cloud.spec(spec), { id: 'bad-night' })).result();
  return { cloud, store, blueGreen, first, events };
}

/** So often denied that no patience outlasts it. */
const denied = (operation: string) =>
  ({ fault: 'refused', on: { service: 'spot', operation, times: 500 }, ...DENIED }) as const;

describe('a rollout that has failed', () => {
  it('on its way back puts back what still differs when it is resumed', async () => {
    const { cloud, blueGreen, first, events } = await failed({
      faults: [
        { fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' },
        denied('detachInstances'),
        denied('stopDeploymentMode'),
      ],
      undocumented: { whenDeploymentFails: 'does-nothing' },
    });
    expect(first.outcome).toBe('failed');
    expect(first.receipt.lines.some(({ verdict }) => verdict === 'differs')).toBe(true);

    cloud.faults.clear();
    const again = await (await blueGreen.resume('bad-night')).result();
    expect(again).toMatchObject({ outcome: 'rolled-back', error: { code: first.error?.code } });
    expect(again.receipt.lines.filter(({ verdict }) => verdict === 'differs')).toEqual([]);
    expect(cloud.snapshot().serving).toEqual({ blue: 2, green: 0, other: 0 });
    expect(cloud.traffic.failed).toBe(0);
    expect(events.map(({ name }) => name)).toContain('rollout:retry:started');
    expect(cloud.requests.filter(({ operation }) => operation === 'CreateDeployment')).toHaveLength(1);
    await blueGreen.close();
    await cloud.close();
  });

  it('past the pivot goes on to the end when it is resumed', async () => {
    const { cloud, blueGreen, first } = await failed({
      faults: [{ fault: 'blue-not-removed' }, denied('detachInstances')],
    });
    expect(first).toMatchObject({ outcome: 'failed' });
    expect(first.receipt.pivotPassedAt).toBeDefined();
    cloud.faults.clear();
    const again = await (await blueGreen.resume('bad-night')).result();
    expect(again.outcome).toBe('succeeded');
    expect(again.error).toBeUndefined();
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
    await blueGreen.close();
    await cloud.close();
  });

  it('ends as before, and is not harmed, where nothing has changed', async () => {
    const { cloud, blueGreen, first } = await failed({
      faults: [{ fault: 'blue-not-removed' }, denied('detachInstances')],
    });
    const again = await (await blueGreen.resume('bad-night')).result();
    expect(again).toMatchObject({ outcome: 'failed', error: { code: first.error?.code } });
    expect(cloud.snapshot().serving.green).toBe(2);
    await blueGreen.close();
    await cloud.close();
  });

  it('is not tried again once a later one has worked on the same Elastigroup', async () => {
    const { cloud, store, blueGreen } = await failed({
      faults: [{ fault: 'blue-not-removed' }, denied('detachInstances')],
    });
    const later = (await store.read('bad-night')).map((entry) => ({
      ...entry,
      ...(entry['type'] === 'rollout-started' ? { rolloutId: 'later' } : {}),
      ...(entry['type'] === 'finished' ? { outcome: 'succeeded' } : {}),
      at: Number(entry['at']) + 3_600_000,
    }));
    await store.append('later', 0, later);
    const sent = cloud.requests.length;
    const error = await rejection(blueGreen.resume('bad-night'));
    expect(error).toMatchObject({ code: 'ROLLOUT_SUPERSEDED', details: { by: 'later' } });
    expect(cloud.requests.length).toBe(sent);
    await blueGreen.close();
    await cloud.close();
  });

  it('a rollout that ended well is only told', async () => {
    const cloud = new SimulatedCloud({ blue: 2, rateLimits: false });
    const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore() });
    await blueGreen.deploy(cloud.spec(), { id: 'good' });
    const sent = cloud.requests.length;
    expect((await (await blueGreen.resume('good')).result()).outcome).toBe('succeeded');
    expect(cloud.requests.length).toBe(sent);
    await blueGreen.close();
    await cloud.close();
  });
});
