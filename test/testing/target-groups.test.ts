import { describe, expect, it } from 'vitest';
import { seededChance } from '../../src/testing/model/chance.js';
import { Ec2Simulation } from '../../src/testing/model/instances.js';
import { LoadBalancingSimulation } from '../../src/testing/model/target-groups.js';
import { DEFAULT_TIMINGS } from '../../src/testing/options.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';

const { healthyAfterMs, unhealthyAfterMs, terminationMs } = DEFAULT_TIMINGS;
const DELAY = 60_000;
const GONE = { code: 'Client.UserInitiatedShutdown', message: 'gone' };

function make() {
  const clock = new SimulatedClock({ startAt: 0 });
  const core = { timers: clock, chance: seededChance(1), timings: DEFAULT_TIMINGS };
  const ec2 = new Ec2Simulation({ ...core, region: 'eu-west-1' });
  const elb = new LoadBalancingSimulation({
    ...core,
    ec2,
    account: { region: 'eu-west-1', accountId: '123456789012' },
  });
  elb.createTargetGroup({ name: 'shop-tg', deregistrationDelayMs: DELAY });
  const launch = (healthy = true) =>
    ec2.launch({ tags: {}, launchMs: 0, application: { revision: 'shop-411', healthy } });
  const change = (instance: ReturnType<typeof launch>, healthy: boolean) => {
    instance.application = { revision: 'shop-411', healthy };
    ec2.changed(instance);
  };
  const health = () =>
    elb.health('shop-tg').map(({ state, reason }) => (reason === undefined ? state : `${state} ${reason}`));
  return { clock, ec2, elb, launch, change, health };
}

describe('targets', () => {
  it('ELB-1 are initial until the checks come to a verdict, which follows the application', () => {
    const { clock, elb, launch, health } = make();
    elb.register('shop-tg', [launch(true).instanceId, launch(false).instanceId]);
    expect(health()).toEqual(['initial Elb.RegistrationInProgress', 'initial Elb.RegistrationInProgress']);
    clock.advance(healthyAfterMs);
    expect(health()).toEqual(['healthy', 'unhealthy Target.FailedHealthChecks']);
  });

  it('ELB-2 turn unhealthy and healthy again only after as many checks as that takes', () => {
    const { clock, elb, launch, change, health } = make();
    const instance = launch();
    elb.register('shop-tg', [instance.instanceId]);
    elb.finishChecks('shop-tg');
    change(instance, false);
    clock.advance(unhealthyAfterMs - 1);
    change(instance, true);
    clock.advance(unhealthyAfterMs);
    expect(health()).toEqual(['healthy']);
    change(instance, false);
    clock.advance(unhealthyAfterMs);
    expect(health()).toEqual(['unhealthy Target.FailedHealthChecks']);
    change(instance, true);
    clock.advance(healthyAfterMs);
    expect(health()).toEqual(['healthy']);
  });

  it('ELB-3 are refused unless they run, all or none', () => {
    const { ec2, elb, launch, health } = make();
    const running = launch().instanceId;
    const pending = ec2.launch({ tags: {} }).instanceId;
    expect(() => elb.register('shop-tg', [running, pending])).toThrow(
      expect.objectContaining({ code: 'InvalidTarget', message: expect.stringContaining(pending) as string }) as Error,
    );
    expect(health()).toEqual([]);
  });

  it('ELB-4 drain for the deregistration delay and are gone then', () => {
    const { clock, elb, launch, health } = make();
    const { instanceId } = launch();
    elb.register('shop-tg', [instanceId]);
    elb.finishChecks('shop-tg');
    elb.deregister('shop-tg', [instanceId]);
    elb.deregister('shop-tg', [instanceId]);
    expect(health()).toEqual(['draining Target.DeregistrationInProgress']);
    clock.advance(DELAY - 1);
    expect(health()).toEqual(['draining Target.DeregistrationInProgress']);
    clock.advance(1);
    expect(health()).toEqual([]);
  });

  it('ELB-4 that are absent are deregistered without complaint', () => {
    const { elb, launch, health } = make();
    elb.deregister('shop-tg', [launch().instanceId, 'i-00000000000000000']);
    expect(health()).toEqual([]);
  });

  it('ELB-5 start over when they are registered while they drain, and nothing happens to one that is registered', () => {
    const { clock, elb, launch, health } = make();
    const { instanceId } = launch();
    elb.register('shop-tg', [instanceId]);
    elb.finishChecks('shop-tg');
    elb.register('shop-tg', [instanceId]);
    expect(health()).toEqual(['healthy']);
    elb.deregister('shop-tg', [instanceId]);
    elb.register('shop-tg', [instanceId]);
    expect(health()).toEqual(['initial Elb.RegistrationInProgress']);
    clock.advance(DELAY + healthyAfterMs);
    expect(health()).toEqual(['healthy']);
  });

  it('ELB-6 of a terminated instance fail their checks, are unused, and disappear', () => {
    const { clock, ec2, elb, launch, health } = make();
    const { instanceId } = launch();
    elb.register('shop-tg', [instanceId]);
    elb.finishChecks('shop-tg');
    ec2.terminate(instanceId, GONE);
    expect(health()).toEqual(['healthy']);
    clock.advance(unhealthyAfterMs);
    expect(health()).toEqual(['unhealthy Target.FailedHealthChecks']);
    clock.advance(terminationMs - unhealthyAfterMs);
    expect(health()).toEqual(['unused Target.InvalidState']);
    clock.advance(DELAY);
    expect(health()).toEqual([]);
  });

  it('ELB-7 of a target group that no listener names stay unused', () => {
    const { clock, elb, launch } = make();
    elb.createTargetGroup({ name: 'spare-tg', inUse: false });
    elb.register('spare-tg', [launch().instanceId]);
    clock.advance(healthyAfterMs * 10);
    expect(elb.health('spare-tg')).toMatchObject([{ state: 'unused', reason: 'Target.NotInUse' }]);
  });

  it('ELB-8 of an unknown target group are an error that names it', () => {
    const { elb } = make();
    expect(() => elb.health('other-tg')).toThrow(expect.objectContaining({ code: 'TargetGroupNotFound' }) as Error);
    expect(() => elb.createTargetGroup({ name: 'shop-tg' })).toThrow('already exists');
  });
});
