import { describe, expect, it } from 'vitest';
import { Refusal } from '../../src/testing/model/parts.js';
import { ELASTIGROUP, SHOP, SpotHarness } from './spot-harness.js';

const stop = (spot: SpotHarness) => {
  spot.model.stopDeploymentMode(ELASTIGROUP, spot.model.deploymentModes(ELASTIGROUP)[0]!.id);
};

describe('the deployment mode', () => {
  it('SPOT-31: passes its states in order, and leaves green alone in the Elastigroup', () => {
    const spot = new SpotHarness({ ownTargetGroup: true });
    spot.model.suspend(ELASTIGROUP, 'SCHEDULING');
    spot.enter();
    const before = spot.statesUntil('AWAITING_USER_DEPLOYMENT');
    expect(before).toEqual([
      'absent',
      'STARTING',
      'VALIDATE_TAGS',
      'LAUNCHING_NEW_INSTANCES',
      'AWAITING_INSTANCES_LAUNCH',
      'TAG_INSTANCES_WITH_GREEN_TAG',
      'AWAITING_USER_DEPLOYMENT',
    ]);
    expect(spot.green().map(({ tags }) => Object.fromEntries(tags))).toEqual(
      Array.from({ length: 3 }, () => ({ App: 'shop', Colour: 'green' })),
    );
    expect(spot.registered()).toHaveLength(6);
    const deployment = spot.codeDeploy.begin(spot.greenIds());
    spot.reach('AWAITING_DEPLOYMENT_TO_FINISH');
    deployment.status = 'Succeeded';
    expect(spot.statesUntil('FINISHED')).toEqual([
      'AWAITING_DEPLOYMENT_TO_FINISH',
      'WAIT_BEFORE_TERMINATION',
      'REMOVE_OLD_INSTANCES',
      'REMOVE_ALL_SUSPENSIONS',
      'FINISHED',
    ]);
    expect(spot.members()).toEqual(spot.green());
    expect(spot.model.suspensions(ELASTIGROUP)).toEqual([]);
    spot.advance(300_000);
    expect(spot.blue().map(({ state }) => state)).toEqual(['terminated', 'terminated', 'terminated']);
    expect(spot.registered().sort()).toEqual(spot.greenIds().sort());
    expect(spot.members()).toHaveLength(3);
  });

  it('SPOT-30: is refused where it cannot be entered', () => {
    const spot = new SpotHarness();
    const config = { timeout: 3600, tags: [{ tagKey: 'Colour', tagValue: 'green' }] };
    const elsewhere = { ...config, deploymentGroups: [{ ...SHOP, deploymentGroupName: 'none' }] };
    expect(() => spot.model.enterDeploymentMode(ELASTIGROUP, elsewhere)).toThrow(/no deployment group/);
    spot.model.createElastigroup({
      id: 'sig-00000002',
      name: 'empty',
      capacity: { minimum: 0, target: 0, maximum: 1 },
      launchTags: {},
      instances: [],
    });
    const here = { ...config, deploymentGroups: [SHOP] };
    expect(() => spot.model.enterDeploymentMode('sig-00000002', here)).toThrow(/no running instances/);
    spot.enter();
    expect(() => spot.enter()).toThrow(/is in the deployment cdbg-/);
    expect(() => spot.model.startRoll(ELASTIGROUP)).toThrow(Refusal);
  });

  it.each([
    ['the same value', 'blue', 'Colour'],
    ['no such key', 'green', 'Shade'],
  ])('SPOT-32: ends before it launches anything when blue has %s', (_what, tagValue, tagKey) => {
    const spot = new SpotHarness();
    const config = { timeout: 3600, tags: [{ tagKey, tagValue }], deploymentGroups: [SHOP] };
    spot.model.enterDeploymentMode(ELASTIGROUP, config);
    expect(spot.statesUntil('FINISHED_ERROR')).toEqual(['absent', 'STARTING', 'VALIDATE_TAGS', 'FINISHED_ERROR']);
    expect(spot.model.status(ELASTIGROUP)).toHaveLength(3);
  });

  it.each([
    ['bypassed', 3],
    ['enforced', 1],
  ] as const)('SPOT-33: launches beyond the maximum or not: %s', (maximumDuringMode, green) => {
    const capacity = { minimum: 1, target: 3, maximum: 4 };
    const spot = new SpotHarness({ undocumented: { maximumDuringMode }, elastigroup: { capacity } });
    spot.enter();
    spot.reach('AWAITING_USER_DEPLOYMENT');
    expect(spot.green()).toHaveLength(green);
  });

  it('SPOT-33: does not wait for green that was lost before it was tagged', () => {
    const spot = new SpotHarness();
    spot.enter();
    spot.reach('AWAITING_INSTANCES_LAUNCH');
    spot.advance(25_000);
    spot.ec2.terminate(spot.greenIds()[0]!, { code: 'Server.SpotInstanceTermination', message: '' });
    spot.reach('AWAITING_USER_DEPLOYMENT');
    expect(spot.green().map(({ tags }) => tags.get('Colour'))).toEqual(['blue', 'green', 'green']);
  });

  it('SPOT-34: waits for a deployment of the user onto green, and overlooks one that was stopped before it was seen', () => {
    const spot = new SpotHarness();
    spot.enter();
    spot.reach('AWAITING_USER_DEPLOYMENT');
    spot.codeDeploy.begin(spot.greenIds(), 'codeDeployRollback');
    spot.codeDeploy.begin(spot.blue().map(({ instanceId }) => instanceId));
    spot.codeDeploy.begin(spot.greenIds()).status = 'Stopped';
    spot.codeDeploy.begin([]);
    spot.advance(60_000);
    expect(spot.state()).toBe('AWAITING_USER_DEPLOYMENT');
    spot.codeDeploy.begin(spot.greenIds().slice(1)).status = 'Succeeded';
    spot.reach('WAIT_BEFORE_TERMINATION');
  });

  it('SPOT-35: removes only what is left of blue, and no stray', () => {
    const spot = new SpotHarness();
    const deployment = spot.deploying();
    const [first, second] = spot.blue();
    spot.ec2.terminate(first!.instanceId, { code: 'Server.SpotInstanceTermination', message: '' });
    const ours = { instanceIds: [second!.instanceId], terminate: false, decrementTargetCapacity: false };
    spot.model.detach(ELASTIGROUP, ours);
    spot.advance(200_000);
    deployment.status = 'Succeeded';
    spot.reach('FINISHED');
    spot.advance(600_000);
    expect(second!.state).toBe('running');
    const colours = spot.members().map(({ instanceId }) => spot.model.colourOf(instanceId));
    expect(colours).toEqual(['green', 'green', 'green', 'other']);
  });

  it.each(['Failed', 'Stopped'] as const)('SPOT-36: rolls back by itself when the deployment is %s', (status) => {
    const spot = new SpotHarness({ ownTargetGroup: true });
    const deployment = spot.deploying();
    deployment.status = status;
    expect(spot.statesUntil('ROLLBACK_REPLACE_OLD_NEW_INSTANCES').slice(1)).toEqual([
      'ROLLBACK_START',
      'ROLLBACK_CREATE_DEPLOYMENT',
      'ROLLBACK_REPLACE_OLD_NEW_INSTANCES',
    ]);
    const [rollback] = spot.codeDeploy.made;
    expect(rollback).toMatchObject({
      creator: 'spot',
      blueInstanceIds: spot.blue().map(({ instanceId }) => instanceId),
    });
    spot.advance(60_000);
    expect(spot.members()).toHaveLength(6);
    rollback!.status = 'Failed';
    expect(spot.statesUntil('FINISHED_ERROR').slice(1)).toEqual(['REMOVE_NEW_INSTANCES', 'FINISHED_ERROR']);
    expect(spot.members()).toEqual(spot.blue());
    expect(spot.registered().sort()).toEqual(
      spot
        .blue()
        .map(({ instanceId }) => instanceId)
        .sort(),
    );
    spot.advance(300_000);
    expect(spot.green().map(({ state }) => state)).toEqual(['terminated', 'terminated', 'terminated']);
  });

  it('SPOT-36: asks again for its rollback while another deployment is active, six times', () => {
    const spot = new SpotHarness();
    spot.deploying().status = 'Failed';
    spot.codeDeploy.refuseRollback = new Refusal('DeploymentLimitExceededException', 'd-1 is active');
    const states = spot.statesUntil('FINISHED_ERROR');
    expect(states).not.toContain('ROLLBACK_REPLACE_OLD_NEW_INSTANCES');
    expect(spot.codeDeploy.rollbackAttempts).toBe(6);
    expect(spot.members()).toEqual(spot.blue());
  });

  it('SPOT-36: only removes green', () => {
    const spot = new SpotHarness({ undocumented: { whenDeploymentFails: 'only-removes-green' } });
    spot.deploying().status = 'Failed';
    expect(spot.statesUntil('FINISHED_ERROR').slice(1)).toEqual(['REMOVE_NEW_INSTANCES', 'FINISHED_ERROR']);
    expect(spot.codeDeploy.rollbackAttempts).toBe(0);
    expect(spot.members()).toEqual(spot.blue());
  });

  it('SPOT-36: does nothing until it times out, and leaves green', () => {
    const spot = new SpotHarness({ undocumented: { whenDeploymentFails: 'does-nothing' } });
    spot.deploying().status = 'Failed';
    spot.advance(1_800_000);
    expect(spot.state()).toBe('AWAITING_DEPLOYMENT_TO_FINISH');
    expect(spot.statesUntil('FINISHED_ERROR')).toEqual(['AWAITING_DEPLOYMENT_TO_FINISH', 'FINISHED_ERROR']);
    expect(spot.members()).toHaveLength(6);
  });

  it('SPOT-36: does nothing until it is stopped', () => {
    const spot = new SpotHarness({ undocumented: { whenDeploymentFails: 'does-nothing' } });
    spot.deploying().status = 'Failed';
    spot.advance(60_000);
    stop(spot);
    spot.reach('FINISHED_STOPPED');
    expect(spot.members()).toEqual(spot.blue());
  });

  it.each([
    ['seconds', 120_000],
    ['minutes', 7_200_000],
  ] as const)('SPOT-37: counts its timeout in %s', (modeTimeoutUnit, afterMs) => {
    const spot = new SpotHarness({ undocumented: { modeTimeoutUnit } });
    spot.enter(120);
    spot.advance(afterMs - 1);
    expect(spot.state()).toBe('AWAITING_USER_DEPLOYMENT');
    spot.advance(1);
    expect(spot.statesUntil('FINISHED_ERROR')).toEqual(['ROLLBACK_START', 'REMOVE_NEW_INSTANCES', 'FINISHED_ERROR']);
    expect(spot.codeDeploy.rollbackAttempts).toBe(0);
    expect(spot.members()).toEqual(spot.blue());
  });

  it('SPOT-37: times out while green serves, and rolls back', () => {
    const spot = new SpotHarness({ timings: { waitBeforeTerminationMs: 3_600_000 } });
    spot.deploying().status = 'Succeeded';
    spot.reach('WAIT_BEFORE_TERMINATION');
    spot.reach('ROLLBACK_REPLACE_OLD_NEW_INSTANCES');
    expect(spot.codeDeploy.made[0]).toMatchObject({ creator: 'spot' });
  });

  it('SPOT-38: stops, removes green, and cannot be stopped twice', () => {
    const spot = new SpotHarness();
    spot.deploying();
    stop(spot);
    stop(spot);
    expect(spot.statesUntil('FINISHED_STOPPED')).toEqual(['STOPPING', 'REMOVE_NEW_INSTANCES', 'FINISHED_STOPPED']);
    expect(spot.members()).toEqual(spot.blue());
    expect(() => stop(spot)).toThrow(/FINISHED_STOPPED and cannot be stopped/);
  });

  it('SPOT-38: stops before any green is there', () => {
    const spot = new SpotHarness();
    spot.enter();
    spot.reach('AWAITING_INSTANCES_LAUNCH');
    stop(spot);
    spot.reach('FINISHED_STOPPED');
    spot.advance(600_000);
    expect(spot.members()).toEqual(spot.blue());
    expect(spot.ec2.all()).toHaveLength(3 + spot.green().length);
  });

  it('SPOT-38: cannot be stopped while it removes blue', () => {
    const spot = new SpotHarness();
    spot.deploying().status = 'Succeeded';
    spot.reach('REMOVE_OLD_INSTANCES');
    expect(() => stop(spot)).toThrow(/cannot be stopped/);
  });

  it('SPOT-38: leaves green behind when it is stopped, as an option', () => {
    const spot = new SpotHarness({ undocumented: { stopMode: 'leaves-green' } });
    spot.deploying();
    stop(spot);
    expect(spot.statesUntil('FINISHED_STOPPED')).toEqual(['STOPPING', 'FINISHED_STOPPED']);
    expect(spot.members()).toHaveLength(6);
  });
});
