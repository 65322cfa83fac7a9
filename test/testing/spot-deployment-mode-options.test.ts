import { describe, expect, it } from 'vitest';
import { ELASTIGROUP, SHOP, SpotHarness } from './spot-harness.js';

const target = (spot: SpotHarness) => spot.model.read(ELASTIGROUP).settings.capacity.target;

describe('the deployment mode', () => {
  it.each([
    ['registers', 6],
    ['does-not-register', 3],
  ] as const)('SPOT-40: %s green at launch', (registersAtLaunchDuringMode, registered) => {
    const spot = new SpotHarness({ ownTargetGroup: true, undocumented: { registersAtLaunchDuringMode } });
    spot.deploying();
    expect(spot.registered()).toHaveLength(registered);
  });

  it.each([
    ['unchanged', 3],
    ['doubled', 6],
  ] as const)('SPOT-41: keeps the target %s, and puts it back', (targetDuringMode, during) => {
    const spot = new SpotHarness({ undocumented: { targetDuringMode } });
    const deployment = spot.deploying();
    expect(target(spot)).toBe(during);
    deployment.status = 'Succeeded';
    spot.reach('FINISHED');
    expect(target(spot)).toBe(3);
    spot.advance(600_000);
    expect(spot.members()).toHaveLength(3);
  });

  it('SPOT-42: vanishes some seconds after its end, as an option', () => {
    const spot = new SpotHarness({ undocumented: { finishedMode: 'vanishes' } });
    spot.deploying().status = 'Succeeded';
    spot.reach('FINISHED');
    expect(spot.statesUntil('absent')).toEqual(['FINISHED', 'absent']);
    expect(spot.model.colourOf(spot.greenIds()[0]!)).toBe('green');
    spot.model.update(ELASTIGROUP, { launchTags: { Colour: 'red' } });
    expect(spot.members()).toHaveLength(3);
  });

  it('SPOT-43: rewrites the tags of green at its end, as an option', () => {
    const spot = new SpotHarness({ undocumented: { greenTagsAfterFinish: 'rewritten' } });
    spot.deploying().status = 'Succeeded';
    spot.reach('FINISHED');
    expect(spot.green().map(({ tags }) => tags.get('Colour'))).toEqual(['blue', 'blue', 'blue']);
  });

  it('knows the green of the last mode as the blue of the next', () => {
    const spot = new SpotHarness();
    spot.deploying().status = 'Succeeded';
    spot.reach('FINISHED');
    const firstGreen = spot.greenIds();
    const config = { timeout: 3600, tags: [{ tagKey: 'Colour', tagValue: 'red' }], deploymentGroups: [SHOP] };
    spot.model.enterDeploymentMode(ELASTIGROUP, config);
    spot.advance(5_000);
    expect(spot.statesUntil('AWAITING_USER_DEPLOYMENT')).toContain('AWAITING_INSTANCES_LAUNCH');
    expect(firstGreen.map((id) => spot.model.colourOf(id))).toEqual(['blue', 'blue', 'blue']);
    expect(spot.members()).toHaveLength(6);
  });
});
