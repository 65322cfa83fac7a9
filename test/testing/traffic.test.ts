import { describe, expect, it } from 'vitest';
import { seededChance } from '../../src/testing/model/chance.js';
import { Ec2Simulation } from '../../src/testing/model/instances.js';
import { LoadBalancingSimulation } from '../../src/testing/model/target-groups.js';
import type { Colour } from '../../src/testing/model/traffic.js';
import { Traffic } from '../../src/testing/model/traffic.js';
import { DEFAULT_TIMINGS } from '../../src/testing/options.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';

const SECOND = 1_000;
const { unhealthyAfterMs, terminationMs } = DEFAULT_TIMINGS;
const GONE = { code: 'Client.UserInitiatedShutdown', message: 'gone' };

function make(colours: readonly Colour[], requestsPerSecond = 10) {
  const clock = new SimulatedClock({ startAt: 0 });
  const core = { timers: clock, chance: seededChance(1), timings: DEFAULT_TIMINGS };
  const ec2 = new Ec2Simulation({ ...core, region: 'eu-west-1' });
  const elb = new LoadBalancingSimulation({
    ...core,
    ec2,
    account: { region: 'eu-west-1', accountId: '123456789012' },
  });
  elb.createTargetGroup({ name: 'shop-tg', deregistrationDelayMs: 60 * SECOND });
  const traffic = new Traffic({
    timers: clock,
    ec2,
    loadBalancing: elb,
    requestsPerSecond,
    colourOf: ({ tags }) => tags.get('Colour') as Colour,
  });
  const instances = colours.map((Colour) =>
    ec2.launch({ tags: { Colour }, launchMs: 0, application: { revision: 'shop-411', healthy: true } }),
  );
  const ids = instances.map(({ instanceId }) => instanceId);
  const [id = ''] = ids;
  elb.register('shop-tg', ids);
  elb.finishChecks('shop-tg');
  traffic.watch('shop-tg');
  return { clock, ec2, elb, traffic, instances, id };
}

describe("users' requests", () => {
  it('TRAFFIC-1 come at a steady rate and go to the healthy targets in turn', () => {
    const { clock, traffic } = make(['blue', 'blue', 'green', 'other']);
    clock.advance(10 * SECOND);
    expect(traffic.counts).toEqual({ blue: 50, green: 25, other: 25, failed: 0, total: 100 });
  });

  it('TRAFFIC-1 are counted the same however often somebody looks', () => {
    const looked = make(['blue', 'green', 'other'], 7);
    const once = make(['blue', 'green', 'other'], 7);
    for (let step = 0; step < 1_000; step += 1) {
      looked.clock.advance(13);
      expect(looked.traffic.counts.total).toBe(Math.floor((looked.clock.now() * 7) / 1000));
    }
    once.clock.advance(13_000);
    expect(looked.traffic.counts).toEqual(once.traffic.counts);
  });

  it('TRAFFIC-2 do not go to a draining target', () => {
    const { clock, elb, traffic, id } = make(['blue', 'green']);
    elb.deregister('shop-tg', [id]);
    clock.advance(10 * SECOND);
    expect(traffic.counts).toMatchObject({ blue: 0, green: 100, failed: 0 });
  });

  it('TRAFFIC-3 fail when nothing is registered, and say so', () => {
    const { clock, elb, traffic, id } = make(['blue']);
    clock.advance(SECOND);
    elb.deregister('shop-tg', [id]);
    clock.advance(2 * SECOND);
    clock.advance(2 * SECOND);
    expect(traffic.counts).toEqual({ blue: 10, green: 0, other: 0, failed: 40, total: 50 });
    expect(traffic.failures).toEqual([
      {
        from: '1970-01-01T00:00:01.000Z',
        to: '1970-01-01T00:00:05.000Z',
        count: 40,
        because: 'no target is registered',
      },
    ]);
  });

  it('TRAFFIC-4 fail at a target that does not serve until its checks notice', () => {
    const { clock, ec2, traffic, id } = make(['blue', 'green']);
    ec2.terminate(id, GONE);
    clock.advance(unhealthyAfterMs + terminationMs);
    const failed = (unhealthyAfterMs / SECOND) * 5;
    expect(traffic.counts).toMatchObject({ blue: 0, failed });
    expect(traffic.failures).toMatchObject([
      { count: failed, because: `${id} is shutting-down and still receives requests` },
    ]);
  });

  it('TRAFFIC-5 go to every registered target when none is healthy', () => {
    const { clock, ec2, traffic, instances } = make(['blue', 'green']);
    for (const instance of instances) {
      instance.application = { revision: 'shop-412', healthy: false };
      ec2.changed(instance);
    }
    clock.advance(unhealthyAfterMs);
    traffic.reset();
    const [first] = instances;
    first!.application = { revision: 'shop-412', healthy: true };
    ec2.changed(first!);
    expect(traffic.shares('shop-tg')).toEqual({ blue: 50, green: 0, other: 0, failed: 50 });
    clock.advance(SECOND);
    expect(traffic.counts).toEqual({ blue: 5, green: 0, other: 0, failed: 5, total: 10 });
  });

  it('TRAFFIC-6 are counted for every watched target group, and anew after a reset', () => {
    const { clock, elb, traffic, id } = make(['blue']);
    elb.createTargetGroup({ name: 'admin-tg' });
    elb.register('admin-tg', [id]);
    elb.finishChecks('admin-tg');
    traffic.watch('admin-tg');
    traffic.watch('admin-tg');
    clock.advance(SECOND);
    expect(traffic.counts).toMatchObject({ blue: 20, total: 20 });
    traffic.reset();
    expect(traffic.counts).toMatchObject({ blue: 0, total: 0 });
  });
});
