import { describe, expect, it } from 'vitest';
import { ELASTIGROUP, SpotHarness } from './spot-harness.js';

const INTERRUPTED = { code: 'Server.SpotInstanceTermination', message: 'Server.SpotInstanceTermination' };
const lose = (spot: SpotHarness, index = 0) => {
  const instance = spot.members()[index]!;
  spot.ec2.terminate(instance.instanceId, INTERRUPTED);
  return instance;
};

describe('an Elastigroup outside a mode', () => {
  it('SPOT-21, SPOT-22: replaces what was lost, with the tags of its launch specification, in its target groups', () => {
    const spot = new SpotHarness({ ownTargetGroup: true });
    const lost = lose(spot);
    expect(spot.members()).not.toContain(lost);
    expect(lost.attached).toBe(false);
    expect(spot.registered()).not.toContain(lost.instanceId);
    spot.advance(89_999 + 20_000);
    expect(spot.members()).toHaveLength(2);
    spot.advance(1);
    const replacement = spot.members()[2]!;
    expect([replacement.state, replacement.attached]).toEqual(['pending', true]);
    expect(Object.fromEntries(replacement.tags)).toEqual({ App: 'shop', Colour: 'blue' });
    spot.advance(30_000);
    expect(spot.registered()).toContain(replacement.instanceId);
    expect(spot.model.colourOf(replacement.instanceId)).toBe('other');
    expect(spot.model.colourOf(lost.instanceId)).toBe('blue');
  });

  it('SPOT-22: replaces a stopped instance too', () => {
    const spot = new SpotHarness();
    spot.ec2.stop(spot.members()[0]!.instanceId);
    spot.advance(200_000);
    expect(spot.members().map(({ state }) => state)).toEqual(['running', 'running', 'running']);
  });

  it('SPOT-18: replaces nothing while AUTO_HEALING is suspended, and makes up for it afterwards', () => {
    const spot = new SpotHarness();
    spot.model.suspend(ELASTIGROUP, 'AUTO_HEALING', 10);
    lose(spot);
    spot.advance(599_000);
    expect(spot.model.status(ELASTIGROUP)).toHaveLength(2);
    spot.advance(60_000);
    expect(spot.members()).toHaveLength(3);
  });

  it('SPOT-18: does not scale while AUTO_SCALE is suspended, and registers nothing under LB_REGISTRATION', () => {
    const spot = new SpotHarness({ ownTargetGroup: true });
    spot.model.suspend(ELASTIGROUP, 'AUTO_SCALE');
    expect(spot.model.scale(ELASTIGROUP, 4)).toBe(false);
    spot.model.resume(ELASTIGROUP, ['AUTO_SCALE']);
    spot.model.suspend(ELASTIGROUP, 'LB_REGISTRATION');
    expect(spot.model.scale(ELASTIGROUP, 4)).toBe(true);
    spot.advance(60_000);
    expect(spot.members()).toHaveLength(4);
    expect(spot.registered()).toHaveLength(3);
  });
});

describe('while a mode runs', () => {
  it.each([
    ['replaces', 6],
    ['does-not-replace', 5],
  ] as const)('SPOT-23: healing %s what was lost from outside', (healingDuringMode, count) => {
    const spot = new SpotHarness({ undocumented: { healingDuringMode } });
    spot.deploying();
    const lost = lose(spot, 4);
    expect(spot.greenIds()).toContain(lost.instanceId);
    spot.advance(200_000);
    expect(spot.members()).toHaveLength(count);
    const strays = spot.members().filter(({ instanceId }) => spot.model.colourOf(instanceId) === 'other');
    expect(strays.map(({ tags }) => tags.get('Colour'))).toEqual(count === 6 ? ['blue'] : []);
  });

  it('SPOT-23: blue that CodeDeploy terminates after success is not replaced', () => {
    const spot = new SpotHarness({ timings: { healingMs: 10_000 } });
    const deployment = spot.deploying();
    deployment.status = 'Succeeded';
    spot.reach('WAIT_BEFORE_TERMINATION');
    for (const { instanceId } of spot.blue()) spot.ec2.terminate(instanceId, INTERRUPTED);
    spot.reach('FINISHED');
    spot.advance(600_000);
    expect(spot.members()).toEqual(spot.green());
  });

  it('SPOT-23: green that was lost is not replaced while the mode removes green', () => {
    const spot = new SpotHarness({ timings: { healingMs: 20_000 } });
    spot.deploying();
    lose(spot, 4);
    spot.model.stopDeploymentMode(ELASTIGROUP, spot.model.deploymentModes(ELASTIGROUP)[0]!.id);
    spot.advance(20_000);
    expect(spot.state()).toBe('REMOVE_NEW_INSTANCES');
    spot.advance(600_000);
    expect(spot.members()).toEqual(spot.blue());
  });

  it('SPOT-24: a new target waits for the end of the mode', () => {
    const spot = new SpotHarness();
    const deployment = spot.deploying();
    expect(spot.model.scale(ELASTIGROUP, 5)).toBe(false);
    spot.model.setCapacity(ELASTIGROUP, { minimum: 1, target: 4, maximum: 6 });
    spot.advance(60_000);
    expect(spot.members()).toHaveLength(6);
    deployment.status = 'Succeeded';
    spot.reach('FINISHED');
    spot.advance(200_000);
    expect(spot.members()).toHaveLength(4);
  });

  it('SPOT-24: a surplus that the mode leaves behind stays', () => {
    const spot = new SpotHarness({ undocumented: { stopMode: 'leaves-green' } });
    spot.deploying();
    spot.model.stopDeploymentMode(ELASTIGROUP, spot.model.deploymentModes(ELASTIGROUP)[0]!.id);
    spot.reach('FINISHED_STOPPED');
    spot.advance(3_600_000);
    expect(spot.members()).toHaveLength(6);
  });
});
