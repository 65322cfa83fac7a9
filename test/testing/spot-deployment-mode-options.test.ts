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

  it('SPOT-45: refuses a second POST while it runs, or begins a second mode beside the first, as an option', () => {
    const second = { timeout: 3600, tags: [{ tagKey: 'Colour', tagValue: 'red' }], deploymentGroups: [SHOP] };
    const refusing = new SpotHarness();
    refusing.enter();
    expect(() => refusing.model.enterDeploymentMode(ELASTIGROUP, second)).toThrow(/is in the deployment cdbg-/);
    const accepting = new SpotHarness({ undocumented: { secondMode: 'accepted' } });
    const first = accepting.enter();
    const mode = accepting.model.enterDeploymentMode(ELASTIGROUP, second);
    accepting.reach('AWAITING_USER_DEPLOYMENT');
    expect([first.isRunning, mode.isRunning]).toEqual([true, true]);
    expect(() => accepting.model.startRoll(ELASTIGROUP)).toThrow(/is in the deployment/);
    accepting.advance(60_000);
    expect(first.greenInstances().map(({ tags }) => tags.get('Colour'))).toEqual(['green', 'green', 'green']);
    expect(mode.greenInstances().map(({ tags }) => tags.get('Colour'))).toEqual(['red', 'red', 'red']);
  });

  it.each([
    ['ignored', ['AWAITING_USER_DEPLOYMENT']],
    ['counts', ['AWAITING_USER_DEPLOYMENT', 'AWAITING_DEPLOYMENT_TO_FINISH', 'ROLLBACK_START']],
  ] as const)('SPOT-46: what failed before it looked is %s', (failedBeforeSpotLooks, expected) => {
    const spot = new SpotHarness({ undocumented: { failedBeforeSpotLooks } });
    spot.enter();
    spot.reach('AWAITING_USER_DEPLOYMENT');
    spot.codeDeploy.begin(spot.greenIds()).status = 'Failed';
    const seen: string[] = [];
    for (let passed = 0; passed < 60_000 && seen.at(-1) !== 'ROLLBACK_START'; passed += 500) {
      if (spot.state() !== seen.at(-1)) seen.push(spot.state());
      spot.advance(500);
    }
    expect(seen).toEqual(expected);
  });

  it('SPOT-46: what runs comes before what failed', () => {
    const spot = new SpotHarness({ undocumented: { failedBeforeSpotLooks: 'counts' } });
    spot.enter();
    spot.reach('AWAITING_USER_DEPLOYMENT');
    spot.codeDeploy.begin(spot.greenIds()).status = 'Stopped';
    spot.codeDeploy.begin(spot.greenIds()).status = 'Succeeded';
    spot.reach('FINISHED');
    expect(spot.members()).toEqual(spot.green());
  });

  it.each([
    ['lifted', []],
    ['left', ['AUTO_SCALE']],
  ] as const)('SPOT-47: suspensions that people set are %s', (suspensionsAfterMode, expected) => {
    const spot = new SpotHarness({ undocumented: { suspensionsAfterMode } });
    spot.model.suspend(ELASTIGROUP, 'AUTO_SCALE');
    spot.deploying().status = 'Succeeded';
    spot.reach('FINISHED');
    expect(spot.model.suspensions(ELASTIGROUP).map(({ name }) => name)).toEqual(expected);
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
