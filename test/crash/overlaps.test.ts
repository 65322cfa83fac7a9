import { describe, expect, it } from 'vitest';
import { BlueGreenError, MemoryStore, type BlueGreen, type Rollout, type RolloutStore } from '../../src/index.js';
import type { ElastigroupSpec } from '../../src/specs/elastigroup-spec.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { cloudOf, driverOf, mutates, type Tale } from '../helpers/crash.js';
import { CrashStore } from '../helpers/crash-store.js';

const MINUTE = 60_000;

/** A store whose writes of a kind are held up, so that others come in between. */
function heldUp(under: RolloutStore, when: (type: unknown) => boolean, meanwhile: () => Promise<void>): RolloutStore {
  return {
    durable: under.durable,
    read: (...args) => under.read(...args),
    list: () => under.list(),
    readRecord: (name) => under.readRecord(name),
    writeRecord: (...args) => under.writeRecord(...args),
    append: async (...args) => {
      if (when(args[2][0]?.['type'])) await meanwhile();
      return under.append(...args);
    },
  };
}

function specOf(
  cloud: SimulatedCloud,
  green: string,
  onAlreadyDeploying: 'fail' | 'wait' | 'supersede' = 'fail',
  more: object = {},
): ElastigroupSpec {
  const { codeDeploy, ...spec } = cloud.spec({ green: { tagKey: 'Colour', value: green }, ...more });
  return { ...spec, codeDeploy: { ...codeDeploy, onAlreadyDeploying } };
}

/** Fails on its way back, because Spot refuses to end the mode. */
async function failed(cloud: SimulatedCloud, store: RolloutStore, id: string): Promise<void> {
  cloud.inject({
    fault: 'refused',
    on: { service: 'spot', operation: 'stopDeploymentMode', times: 4 },
    code: 'NO',
  });
  const driver: BlueGreen = driverOf(cloud, store, 1, {
    onEvent: ({ name, data }) => {
      if (name === 'step:run:started' && 'step' in data && data.step === 'release-green/1')
        void driver.abort(id, { by: 'Ada', reason: 'enough' }).catch(() => {});
    },
  });
  await (await driver.start(specOf(cloud, id), { id })).result();
  await driver.close();
}

/** A store in which another rollout is started right before one that had failed is taken up again. */
function newOneBegins(cloud: SimulatedCloud, under: RolloutStore, driver: BlueGreen) {
  let rollout: Rollout | undefined;
  const store = heldUp(
    under,
    (type) => type === 'taken-up-again',
    async () => {
      rollout = await driver.start(specOf(cloud, 'y'), { id: 'y' });
      await cloud.clock.sleep(100);
    },
  );
  return { store, rollout: () => rollout };
}

async function gateOpens(cloud: SimulatedCloud, rollout: Rollout): Promise<void> {
  while (rollout.status().openGates.length === 0) await cloud.clock.sleep(5_000);
}

const waiting: Tale = { deploymentGroup: { readyWaitMinutes: 120 } };

describe('what overlaps', () => {
  it('a sweep, and somebody who takes the failed rollout up while it watches: whoever drives keeps the lease and the targets', async () => {
    await using cloud = cloudOf();
    const under = new MemoryStore();
    const dies: CrashStore = new CrashStore(under, (n, when) => {
      if (when === 'after' && dies.writes[n - 1] === 'finished') dies.break();
    });
    await failed(cloud, dies, 'r');
    expect((await under.readRecord('lease/r'))?.value).not.toBeNull();
    const [sweeper, resumer] = [driverOf(cloud, under, 2), driverOf(cloud, under, 3)];
    const sweeping = sweeper.sweep({ dryRun: false });
    await cloud.clock.sleep(20_000);
    const rollout = await resumer.resume('r');
    const { freed } = await sweeping;
    expect(freed).toEqual([]);
    expect((await rollout.result()).error?.code).not.toBe('LEASE_LOST');
    expect((await rollout.result()).outcome).not.toBe('suspended');
    await Promise.all([sweeper.close(), resumer.close()]);
  });

  it('a failed rollout that is taken up, and a new one that begins in that instant: one works, and the other is never driven over it', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    await failed(cloud, store, 'x');
    cloud.advance(24 * 60 * MINUTE);
    const [second, fourth] = [driverOf(cloud, store, 2), driverOf(cloud, store, 4)];
    const meanwhile = newOneBegins(cloud, store, second);
    const third = driverOf(cloud, meanwhile.store, 3);
    const tried = await (await third.resume('x')).result();
    expect(tried).toMatchObject({ outcome: 'failed', error: { code: 'TARGET_BUSY' } });
    expect((await meanwhile.rollout()?.result())?.outcome).toBe('succeeded');
    const sent = cloud.requests.length;
    await expect(fourth.resume('x')).rejects.toMatchObject({ code: 'ROLLOUT_SUPERSEDED', details: { by: 'y' } });
    expect(cloud.requests.slice(sent).filter(mutates)).toEqual([]);
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
    await Promise.all([second.close(), third.close(), fourth.close()]);
  });

  it('the same, where the process dies before it finds that out: whoever comes next does', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    await failed(cloud, store, 'x');
    cloud.advance(24 * 60 * MINUTE);
    const [second, fourth] = [driverOf(cloud, store, 2), driverOf(cloud, store, 4)];
    const meanwhile = newOneBegins(cloud, store, second);
    const dies: CrashStore = new CrashStore(meanwhile.store, (n, when) => {
      if (when === 'after' && dies.writes[n - 1] === 'taken-up-again') dies.break();
    });
    const third = driverOf(cloud, dies, 3);
    await (await third.resume('x')).result();
    expect((await meanwhile.rollout()?.result())?.outcome).toBe('succeeded');
    expect((await fourth.status('x')).finishedAt).toBeUndefined();
    const sent = cloud.requests.length;
    const refused = await (await fourth.resume('x')).result();
    expect(refused).toMatchObject({ outcome: 'failed', error: { code: 'ROLLOUT_SUPERSEDED' } });
    expect(cloud.requests.slice(sent).filter(mutates)).toEqual([]);
    await Promise.all([second.close(), third.close(), fourth.close()]);
  });

  it('two that wait, where the later one died with the targets in its hands: neither waits for the other', async () => {
    await using cloud = cloudOf(waiting);
    const under = new MemoryStore();
    const began = cloud.clock.now();
    const holding = driverOf(cloud, under, 1);
    const gates = [{ name: 'go', before: 'PRE_SCALE_UP' }];
    const holder = await holding.start(specOf(cloud, 'h', 'wait', { gates }), { id: 'h' });
    await gateOpens(cloud, holder);
    const firstWaits = driverOf(cloud, under, 2);
    await firstWaits.start(specOf(cloud, '1', 'wait'), { id: 'w1' });
    await cloud.clock.sleep(10_000);
    await firstWaits.close();
    const dies: CrashStore = new CrashStore(under, (n, when) => {
      if (when === 'before' && dies.writes[n - 1] === 'step-done') dies.break();
    });
    const secondWaits = driverOf(cloud, dies, 3);
    const second = await secondWaits.start(specOf(cloud, '2', 'wait'), { id: 'w2' });
    await cloud.clock.sleep(MINUTE);
    await holder.abort({ by: 'Ada', reason: 'enough' });
    expect((await second.result()).error?.code).toBe('STORE_FAILED');
    const [one, two] = [driverOf(cloud, under, 4), driverOf(cloud, under, 5)];
    const ends = await Promise.all([await one.resume('w1'), await two.resume('w2')].map((rollout) => rollout.result()));
    expect(ends.map(({ outcome }) => outcome)).toEqual(['refused', 'succeeded']);
    expect(cloud.clock.now() - began).toBeLessThan(60 * MINUTE);
    await Promise.all([holding, secondWaits, one, two].map((driver) => driver.close()));
  });

  it('a yes and a no to the same gate: whoever comes second is told that the answer does not count', async () => {
    await using cloud = cloudOf(waiting);
    const store = new MemoryStore();
    const driver = driverOf(cloud, store, 1);
    const gates = [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT' }];
    const rollout = await driver.start(specOf(cloud, 'x', 'fail', { gates }), { id: 'r' });
    await gateOpens(cloud, rollout);
    const far = (): RolloutStore =>
      heldUp(
        store,
        (type) => type === 'gate-answered',
        () => cloud.clock.sleep(300),
      );
    const [ada, bob] = [driverOf(cloud, far(), 2), driverOf(cloud, far(), 3)];
    const [yes, no] = await Promise.allSettled([
      ada.approve('r', 'go', { by: 'Ada' }),
      bob.reject('r', 'go', { by: 'Bob', reason: 'errors' }),
    ]);
    expect(yes.status).toBe('fulfilled');
    expect(no).toMatchObject({ status: 'rejected', reason: { code: 'GATE_UNKNOWN', details: { answered: true } } });
    expect((no as PromiseRejectedResult).reason).toBeInstanceOf(BlueGreenError);
    expect(String((no as PromiseRejectedResult).reason)).toContain('Ada has approved it already');
    expect((await rollout.result()).outcome).toBe('succeeded');
    await Promise.all([driver.close(), ada.close(), bob.close()]);
  });

  it.each([2, 4, 6, 8])(
    'a suspension, and a rollout that is just being taken back for another one: both are suspended (%i)',
    async (nth) => {
      await using cloud = cloudOf(waiting);
      const store = new MemoryStore();
      const first = driverOf(cloud, store, 1);
      const gates = [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT' }];
      await gateOpens(cloud, await first.start(specOf(cloud, 'a', 'fail', { gates }), { id: 'a' }));
      await first.close();
      await cloud.clock.sleep(10_000);
      const second = driverOf(cloud, store, 2);
      let looks = 0;
      const suspended = new Promise<readonly Rollout[]>((resolve) => {
        const read = store.readRecord.bind(store);
        store.readRecord = async (name) => {
          if (name === 'lease/a' && (looks += 1) === nth) void second.suspend().then(resolve);
          return read(name);
        };
      });
      await second.start(specOf(cloud, 'b', 'supersede'), { id: 'b' });
      expect((await suspended).map(({ id }) => id)).toContain('b');
      const { length } = await store.read('a');
      await cloud.clock.sleep(MINUTE);
      expect(await store.read('a')).toHaveLength(length);
      expect([(await second.status('a')).outcome, (await second.status('b')).outcome]).toEqual([
        'suspended',
        'suspended',
      ]);
      await second.close();
    },
  );
});
