import { describe, expect, it } from 'vitest';
import { SHOP as CLOUD_SHOP, SimulatedCloud } from '../../src/testing/index.js';
import { codeDeployWorld } from './code-deploy-world.js';

type World = ReturnType<typeof codeDeployWorld>;

const MINUTE_MS = 60_000;

/** What the named target of the only deployment of the user's went through, as `event status`. */
function eventsOf({ codeDeploy }: World, deploymentId: string, instanceId: string): string[] {
  const target = codeDeploy.find(deploymentId).targets.find((each) => each.instanceId === instanceId);
  return (target?.events ?? []).map(({ name, status }) => `${name} ${status}`);
}

describe('the fault agent-dead', () => {
  it('CD-12: before an event leaves it Pending for five minutes, on that instance alone', () => {
    const world = codeDeployWorld();
    world.faults.add({ fault: 'agent-dead', colour: 'green', instance: 1, event: 'BeforeInstall' });
    const id = world.deploy();
    world.clock.advance(4 * MINUTE_MS);
    expect(eventsOf(world, id, world.green[1]!.instanceId).slice(1, 3)).toEqual([
      'DownloadBundle Succeeded',
      'BeforeInstall Pending',
    ]);
    expect(world.green.map(({ agentAlive }) => agentAlive)).toEqual([true, false]);
    world.clock.advance(2 * MINUTE_MS);
    expect(eventsOf(world, id, world.green[1]!.instanceId)[2]).toBe('BeforeInstall Failed');
    expect(eventsOf(world, id, world.green[0]!.instanceId)[6]).toBe('ValidateService Succeeded');
    expect(world.faults.remaining()).toEqual([]);
  });

  it('CD-12: in the middle of an event leaves it InProgress for an hour', () => {
    const world = codeDeployWorld();
    world.faults.add({ fault: 'agent-dead', colour: 'green', event: 'AfterInstall', when: 'in' });
    const id = world.deploy();
    world.clock.advance(60 * MINUTE_MS);
    expect(eventsOf(world, id, world.green[0]!.instanceId)[4]).toBe('AfterInstall InProgress');
    world.clock.advance(2 * MINUTE_MS);
    expect(eventsOf(world, id, world.green[0]!.instanceId)[4]).toBe('AfterInstall Failed');
  });

  it('CD-12: strikes blue when blue is taken out of traffic', () => {
    const world = codeDeployWorld();
    world.faults.add({ fault: 'agent-dead', colour: 'blue', instance: 1, event: 'BeforeBlockTraffic' });
    const id = world.deploy();
    world.clock.advance(10 * MINUTE_MS);
    expect(eventsOf(world, id, world.blue[1]!.instanceId)[0]).toBe('BeforeBlockTraffic Failed');
    expect(world.codeDeploy.find(id).status).toBe('Failed');
    expect(world.blue.map(({ agentAlive }) => agentAlive)).toEqual([true, false]);
  });

  it('FAULT-12: without an event the agent falls silent at its time, and stays so', () => {
    const cloud = new SimulatedCloud();
    cloud.inject({ fault: 'agent-dead', colour: 'blue', instance: 2, atMs: 30_000 });
    const alive = (): boolean[] =>
      cloud.elastigroups.coloured(CLOUD_SHOP.elastigroupId, 'blue').map(({ agentAlive }) => agentAlive);
    cloud.advance(29_999);
    expect(alive()).toEqual([true, true, true]);
    cloud.advance(1);
    expect(alive()).toEqual([true, true, false]);
    expect(cloud.faults.remaining()).toEqual([]);
  });

  it('FAULT-12: where there is no such instance yet, as soon as it runs', () => {
    const cloud = new SimulatedCloud({ blue: 2 });
    cloud.inject({ fault: 'agent-dead', colour: 'green' });
    cloud.elastigroups.enterDeploymentMode(CLOUD_SHOP.elastigroupId, {
      timeout: 3600,
      tags: [{ tagKey: 'Colour', tagValue: 'green' }],
      deploymentGroups: [{ applicationName: 'shop', deploymentGroupName: 'shop-prod' }],
    });
    cloud.advance(5 * MINUTE_MS);
    const green = cloud.elastigroups.coloured(CLOUD_SHOP.elastigroupId, 'green');
    expect(green.map(({ agentAlive }) => agentAlive)).toEqual([false, true]);
  });
});
