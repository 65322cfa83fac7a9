import { GetDeploymentCommand, GetDeploymentGroupCommand, StopDeploymentCommand } from '@aws-sdk/client-codedeploy';
import { describe, expect, it } from 'vitest';
import type { AutoRollbackEvent } from '../../src/testing/model/code-deploy-groups.js';
import { codeDeployWorld, idsOf, NEW_NAME, OLD, OLD_NAME, SHOP } from './code-deploy-world.js';

const MINUTE = 60_000;
const ON_FAILURE = { enabled: true, events: ['DEPLOYMENT_FAILURE'] as AutoRollbackEvent[] };
type World = ReturnType<typeof codeDeployWorld>;
const info = async ({ aws }: World, deploymentId: string) =>
  (await aws.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo!;

describe('rollbacks', () => {
  it('CD-14: a failure before traffic redeploys the last good revision onto blue, which goes out of service for it', async () => {
    const world = codeDeployWorld();
    world.faults.add({ fault: 'script-fails', instance: 'all' });
    const deploymentId = world.deploy({ autoRollback: ON_FAILURE });
    let fewest = 2;
    for (let n = 0; n < 240; n += 1) {
      world.clock.advance(5_000);
      fewest = Math.min(fewest, world.blue.filter((instance) => instance.application?.healthy).length);
    }
    const failed = await info(world, deploymentId);
    expect(failed.status).toBe('Failed');
    const rollback = await info(world, failed.rollbackInfo!.rollbackDeploymentId!);
    expect(rollback).toMatchObject({
      status: 'Succeeded',
      creator: 'codeDeployRollback',
      revision: OLD,
      rollbackInfo: { rollbackTriggeringDeploymentId: deploymentId },
    });
    expect(fewest).toBe(1);
    expect(world.inService()).toEqual(idsOf(world.blue));
    expect(world.blue.map((instance) => instance.application)).toEqual(
      world.blue.map(() => ({ revision: OLD_NAME, healthy: true })),
    );
    const { deploymentGroupInfo } = await world.aws.send(new GetDeploymentGroupCommand(SHOP));
    expect(deploymentGroupInfo?.lastSuccessfulDeployment?.deploymentId).toBe(rollback.deploymentId);
  });

  it('CD-14: a stop in the termination wait, with rollback, gives the traffic back to blue', async () => {
    const world = codeDeployWorld({ group: { terminateBlueAfterMinutes: 60 } });
    const deploymentId = world.deploy();
    world.clock.advance(10 * MINUTE);
    expect(world.inService()).toEqual(idsOf(world.green));
    await world.aws.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true }));
    world.clock.advance(10 * MINUTE);
    const stopped = await info(world, deploymentId);
    expect(stopped.status).toBe('Stopped');
    expect((await info(world, stopped.rollbackInfo!.rollbackDeploymentId!)).status).toBe('Succeeded');
    expect(world.inService()).toEqual(idsOf(world.blue));
    expect(world.blue.map((instance) => instance.state)).toEqual(['running', 'running']);
  });

  it('CD-14: nothing rolls back where there is no last good revision, or nobody asked', async () => {
    for (const options of [
      { firstRelease: true, autoRollback: ON_FAILURE },
      { autoRollback: { enabled: false, events: [] } },
    ]) {
      const world = codeDeployWorld({
        firstRelease: options.firstRelease ?? false,
        group: { autoRollback: ON_FAILURE },
      });
      world.faults.add({ fault: 'script-fails', instance: 'all' });
      const deploymentId = world.deploy({ autoRollback: options.autoRollback });
      world.clock.advance(20 * MINUTE);
      expect((await info(world, deploymentId)).rollbackInfo).toBeUndefined();
      expect(world.codeDeploy.deployments('shop', 'shop-prod').filter((one) => one.creator !== 'user')).toEqual([]);
    }
  });

  it('CD-14: a lost blue in BlockTraffic gives what is left of blue the traffic back', async () => {
    const world = codeDeployWorld();
    world.faults.add({ fault: 'interruption', colour: 'blue', event: 'BlockTraffic' });
    world.deploy({ autoRollback: ON_FAILURE });
    world.clock.advance(20 * MINUTE);
    expect(world.inService()).toEqual([world.blue[1]!.instanceId]);
  });

  it('CD-21: an alarm stops the deployments that watch it', async () => {
    const world = codeDeployWorld();
    const deploymentId = world.deploy({
      autoRollback: { enabled: true, events: ['DEPLOYMENT_STOP_ON_ALARM'] },
      overrideAlarms: { enabled: true, names: ['5xx'] },
    });
    world.clock.advance(30_000);
    world.codeDeploy.raiseAlarm('5xx');
    world.clock.advance(MINUTE);
    const stopped = await info(world, deploymentId);
    expect(stopped).toMatchObject({ status: 'Stopped', errorInformation: { code: 'ALARM_ACTIVE' } });
    expect(stopped.rollbackInfo?.rollbackDeploymentId).toBeDefined();
  });

  it("CD-22: Spot's own deployment puts the last good revision onto blue and registers it", async () => {
    const world = codeDeployWorld();
    const running = world.deploy();
    expect(() => world.codeDeploy.createSpotRollback('shop', 'shop-prod', idsOf(world.blue))).toThrow(running);
    world.clock.advance(10 * MINUTE);
    const { deploymentId, creator } = world.codeDeploy.createSpotRollback('shop', 'shop-prod', idsOf(world.blue));
    expect(creator).toBe('spot');
    world.clock.advance(10 * MINUTE);
    expect(await info(world, deploymentId)).toMatchObject({
      status: 'Succeeded',
      creator: 'user',
      revision: { s3Location: { key: NEW_NAME.split('/').at(-1) } },
    });
    expect(world.inService()).toEqual([...idsOf(world.blue), ...idsOf(world.green)].sort());
  });
});

describe('in-place', () => {
  it('CD-23: takes the instances of the filter out, updates them and brings them back', async () => {
    const world = codeDeployWorld({
      green: 0,
      group: { deploymentType: 'IN_PLACE', deploymentConfigName: 'CodeDeployDefault.OneAtATime' },
    });
    const deploymentId = world.deploy({ targetInstances: undefined });
    world.clock.advance(20 * MINUTE);
    expect((await info(world, deploymentId)).status).toBe('Succeeded');
    expect(world.inService()).toEqual(idsOf(world.blue));
    expect(world.blue.map((instance) => instance.application?.revision)).toEqual([NEW_NAME, NEW_NAME]);
  });
});
