import { describe, expect, it } from 'vitest';
import { seededChance } from '../../src/testing/model/chance.js';
import { Ec2Simulation } from '../../src/testing/model/instances.js';
import { DEFAULT_TIMINGS } from '../../src/testing/options.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';

const { launchMs, terminationMs, tagVisibleInEc2Ms, tagVisibleInCodeDeployMs } = DEFAULT_TIMINGS;
const GONE = { code: 'Client.UserInitiatedShutdown', message: 'gone' };

function make(seed = 1) {
  const clock = new SimulatedClock({ startAt: 0 });
  const ec2 = new Ec2Simulation({
    timers: clock,
    chance: seededChance(seed),
    timings: DEFAULT_TIMINGS,
    region: 'eu-west-1',
  });
  return { clock, ec2 };
}

describe('instances', () => {
  it('EC2-1 launch as pending and run after launchMs', () => {
    const { clock, ec2 } = make();
    const instance = ec2.launch({ tags: {} });
    expect(instance.state).toBe('pending');
    clock.advance(launchMs - 1);
    expect(instance.state).toBe('pending');
    clock.advance(1);
    expect(instance.state).toBe('running');
  });

  it('EC2-1 get the same ids again from the same seed', () => {
    const ids = (seed: number) => {
      const { ec2 } = make(seed);
      return [1, 2, 3].map(() => ec2.launch({ tags: {} }).instanceId);
    };
    expect(ids(7)).toEqual(ids(7));
    expect(ids(7)).not.toEqual(ids(8));
    expect(ids(7)[0]).toMatch(/^i-[0-9a-f]{17}$/);
  });

  it('EC2-2 terminate through shutting-down, keep the first reason, and never come back', () => {
    const { clock, ec2 } = make();
    const { instanceId } = ec2.launch({ tags: {} });
    ec2.terminate(instanceId, GONE);
    ec2.terminate(instanceId, { code: 'Server.Later', message: 'later' });
    expect(ec2.get(instanceId)?.state).toBe('shutting-down');
    clock.advance(terminationMs);
    expect(ec2.get(instanceId)).toMatchObject({ state: 'terminated', stateReason: GONE, terminatedAt: terminationMs });
    clock.advance(launchMs);
    expect(ec2.get(instanceId)?.state).toBe('terminated');
    expect(() => ec2.terminate('i-00000000000000000', GONE)).toThrow("'i-00000000000000000' does not exist");
  });

  it('EC2-3 stop only when they run', () => {
    const { clock, ec2 } = make();
    const { instanceId } = ec2.launch({ tags: {} });
    expect(() => ec2.stop(instanceId)).toThrow('it is pending');
    clock.advance(launchMs);
    ec2.stop(instanceId);
    expect(ec2.get(instanceId)?.state).toBe('stopping');
    clock.advance(terminationMs);
    expect(ec2.get(instanceId)?.state).toBe('stopped');
  });

  it('EC2-4 show new, changed and deleted tags later to EC2 and later still to CodeDeploy', () => {
    const { clock, ec2 } = make();
    const instance = ec2.launch({ tags: { Colour: 'blue', App: 'shop' }, launchMs: 0 });
    const seen = () =>
      (['truth', 'ec2', 'codedeploy'] as const).map((view) => ec2.tagsSeen(instance, view).get('Colour'));
    expect(seen()).toEqual(['blue', 'blue', 'blue']);
    ec2.createTags([instance.instanceId], { Colour: 'green' });
    expect(seen()).toEqual(['green', 'blue', 'blue']);
    clock.advance(tagVisibleInEc2Ms);
    expect(seen()).toEqual(['green', 'green', 'blue']);
    clock.advance(tagVisibleInCodeDeployMs - tagVisibleInEc2Ms);
    expect(seen()).toEqual(['green', 'green', 'green']);
    ec2.deleteTags([instance.instanceId], ['Colour']);
    expect(seen()).toEqual([undefined, 'green', 'green']);
    clock.advance(tagVisibleInCodeDeployMs);
    expect(seen()).toEqual([undefined, undefined, undefined]);
    expect(ec2.tagsSeen(instance, 'codedeploy').get('App')).toBe('shop');
  });

  it('EC2-4 hide the tags of a launch for as long as any other tag', () => {
    for (const [view, lagMs] of [
      ['ec2', tagVisibleInEc2Ms],
      ['codedeploy', tagVisibleInCodeDeployMs],
    ] as const) {
      const { clock, ec2 } = make();
      const instance = ec2.launch({ tags: { Colour: 'green' } });
      expect(ec2.find([{ key: 'Colour' }], 'truth')).toEqual([instance]);
      clock.advance(lagMs - 1);
      expect(ec2.find([{ key: 'Colour' }], view)).toEqual([]);
      clock.advance(1);
      expect(ec2.find([{ key: 'Colour' }], view)).toEqual([instance]);
    }
  });

  it('EC2-5 are found by every condition at once, unless they are terminated', () => {
    const { clock, ec2 } = make();
    const first = ec2.launch({ tags: { Colour: 'blue', App: 'shop' }, launchMs: 0 });
    const second = ec2.launch({ tags: { Colour: 'green', App: 'shop' }, launchMs: 0 });
    const find = (...values: string[]) =>
      ec2.find([{ key: 'App' }, { key: 'Colour', values }], 'truth').map(({ instanceId }) => instanceId);
    expect(find('blue', 'green')).toEqual([first.instanceId, second.instanceId]);
    ec2.terminate(first.instanceId, GONE);
    expect(find('blue')).toEqual([first.instanceId]);
    clock.advance(terminationMs);
    expect(find('blue')).toEqual([]);
  });

  it('EC2-7 stay listed for an hour after their end', () => {
    const { clock, ec2 } = make();
    const { instanceId } = ec2.launch({ tags: {}, launchMs: 0 });
    ec2.terminate(instanceId, GONE);
    clock.advance(terminationMs + 3_599_999);
    expect(ec2.visible()).toHaveLength(1);
    clock.advance(1);
    expect(ec2.visible()).toHaveLength(0);
  });

  it('EC2-10 change their tags together or not at all', () => {
    const { ec2 } = make();
    const { instanceId, tags } = ec2.launch({ tags: {}, launchMs: 0 });
    expect(() => ec2.createTags([instanceId, 'i-00000000000000000'], { Colour: 'green' })).toThrow('does not exist');
    expect(tags.size).toBe(0);
  });

  it('tell whoever listens of every change', () => {
    const { clock, ec2 } = make();
    const seen: string[] = [];
    ec2.onChange(({ state, application }) => void seen.push(`${state} ${application?.revision ?? '-'}`));
    const instance = ec2.launch({ tags: {} });
    clock.advance(launchMs);
    instance.application = { revision: 'shop-412', healthy: true };
    ec2.changed(instance);
    ec2.terminate(instance.instanceId, GONE);
    clock.advance(terminationMs);
    expect(seen).toEqual([
      'pending -',
      'running -',
      'running shop-412',
      'shutting-down shop-412',
      'terminated shop-412',
    ]);
  });
});
