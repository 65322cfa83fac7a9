import { describe, expect, it } from 'vitest';
import { ELASTIGROUP, SpotHarness } from './spot-harness.js';

const stop = (spot: SpotHarness) => {
  spot.model.stopDeploymentMode(ELASTIGROUP, spot.model.deploymentModes(ELASTIGROUP)[0]!.id);
};

describe('a fault of the deployment mode', () => {
  it('SPOT-50: green never launches, and the requests go with the mode', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'green-never-launches', count: 1 });
    spot.enter();
    spot.reach('AWAITING_INSTANCES_LAUNCH');
    spot.advance(1_800_000);
    expect(spot.state()).toBe('AWAITING_INSTANCES_LAUNCH');
    expect(spot.model.status(ELASTIGROUP).filter(({ instance }) => instance === undefined)).toHaveLength(1);
    stop(spot);
    spot.reach('FINISHED_STOPPED');
    expect(spot.model.status(ELASTIGROUP)).toHaveLength(3);
    expect(spot.faults.remaining()).toEqual([]);
  });

  it('SPOT-51: blue is not removed, and the mode stays where it is until its timeout', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'blue-not-removed' });
    spot.deploying().status = 'Succeeded';
    spot.reach('WAIT_BEFORE_TERMINATION');
    spot.advance(1_800_000);
    expect(spot.state()).toBe('WAIT_BEFORE_TERMINATION');
    expect(spot.members()).toHaveLength(6);
  });

  it('SPOT-51: blue is not removed, and the mode says that it is finished', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'blue-not-removed', finishes: true });
    spot.deploying().status = 'Succeeded';
    expect(spot.statesUntil('FINISHED')).not.toContain('REMOVE_OLD_INSTANCES');
    spot.advance(3_600_000);
    expect(spot.members()).toHaveLength(6);
    expect(spot.blue().every(({ state }) => state === 'running')).toBe(true);
  });

  it('SPOT-52: green is left behind, once', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'green-left-behind' });
    spot.deploying();
    stop(spot);
    spot.reach('FINISHED_STOPPED');
    expect(spot.members()).toHaveLength(6);
    expect(spot.faults.remaining()).toEqual([]);
  });

  it('SPOT-53: a state that nobody has heard of hides another one', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'unknown-state', state: 'PONDERING' });
    spot.faults.add({ fault: 'unknown-state', state: 'HUMMING', during: 'REMOVE_OLD_INSTANCES' });
    spot.enter();
    spot.reach('AWAITING_USER_DEPLOYMENT');
    spot.codeDeploy.begin(spot.greenIds()).status = 'Succeeded';
    const states = spot.statesUntil('FINISHED');
    expect(states.slice(1, 4)).toEqual(['PONDERING', 'WAIT_BEFORE_TERMINATION', 'HUMMING']);
  });

  it('SPOT-54: the mode stands still in ERROR for good', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'mode-error', during: 'TAG_INSTANCES_WITH_GREEN_TAG' });
    spot.enter();
    spot.reach('ERROR');
    spot.advance(24 * 3_600_000);
    expect(spot.state()).toBe('ERROR');
    expect(spot.green().map(({ tags }) => tags.get('Colour'))).toEqual(['blue', 'blue', 'blue']);
    stop(spot);
    expect(spot.statesUntil('FINISHED_STOPPED')[0]).toBe('STOPPING');
    expect(spot.members()).toEqual(spot.blue());
  });

  it('SPOT-54: the mode goes on after ERROR', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'mode-error', during: 'LAUNCHING_NEW_INSTANCES', forMs: 60_000 });
    spot.enter();
    const states = spot.statesUntil('AWAITING_USER_DEPLOYMENT');
    expect(states.slice(2, 6)).toEqual([
      'VALIDATE_TAGS',
      'ERROR',
      'LAUNCHING_NEW_INSTANCES',
      'AWAITING_INSTANCES_LAUNCH',
    ]);
  });

  it('SPOT-54: a timeout that passed during ERROR counts afterwards', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'mode-error', during: 'AWAITING_USER_DEPLOYMENT', forMs: 600_000 });
    spot.enter(300);
    spot.reach('ERROR');
    expect(spot.statesUntil('FINISHED_ERROR').slice(0, 2)).toEqual(['ERROR', 'ROLLBACK_START']);
  });

  it('SPOT-57: the deployment is unstable for a while, and the mode goes on behind it', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'unstable-deployment', during: 'AWAITING_DEPLOYMENT_TO_FINISH', forMs: 30_000 });
    spot.faults.add({ fault: 'unstable-deployment', during: 'WAIT_BEFORE_TERMINATION' });
    spot.enter();
    spot.reach('AWAITING_USER_DEPLOYMENT');
    const deployment = spot.codeDeploy.begin(spot.greenIds());
    spot.reach('UNSTABLE_DEPLOYMENT');
    spot.advance(29_000);
    expect(spot.state()).toBe('UNSTABLE_DEPLOYMENT');
    spot.reach('AWAITING_DEPLOYMENT_TO_FINISH');
    deployment.status = 'Succeeded';
    const states = spot.statesUntil('FINISHED');
    expect(states.slice(0, 3)).toEqual([
      'AWAITING_DEPLOYMENT_TO_FINISH',
      'UNSTABLE_DEPLOYMENT',
      'REMOVE_OLD_INSTANCES',
    ]);
    expect(spot.faults.remaining()).toEqual([]);
  });

  it('SPOT-57: the deployment stays unstable, and the mode goes back, whatever CodeDeploy says', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'unstable-deployment', during: 'AWAITING_DEPLOYMENT_TO_FINISH', goesBack: true });
    spot.enter();
    spot.reach('AWAITING_USER_DEPLOYMENT');
    spot.codeDeploy.begin(spot.greenIds()).status = 'Succeeded';
    spot.reach('UNSTABLE_DEPLOYMENT');
    expect(spot.statesUntil('ROLLBACK_START', 61_000)).toEqual(['UNSTABLE_DEPLOYMENT', 'ROLLBACK_START']);
  });

  it('SPOT-57: a stop ends it', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'unstable-deployment', during: 'AWAITING_USER_DEPLOYMENT', goesBack: true });
    spot.enter();
    spot.reach('UNSTABLE_DEPLOYMENT');
    stop(spot);
    const states = spot.statesUntil('FINISHED_STOPPED');
    expect(states[0]).toBe('STOPPING');
    spot.advance(600_000);
    expect(spot.state()).toBe('FINISHED_STOPPED');
  });

  it('SPOT-55: the timeout fires early', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'mode-timeout', during: 'AWAITING_DEPLOYMENT_TO_FINISH', afterMs: 30_000 });
    spot.deploying();
    spot.advance(29_000);
    expect(spot.state()).toBe('AWAITING_DEPLOYMENT_TO_FINISH');
    spot.advance(1_000);
    expect(spot.state()).toBe('ROLLBACK_START');
  });

  it('SPOT-56: takes an instance back at a time', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'interruption', colour: 'blue', instance: 1, atMs: 60_000 });
    spot.advance(39_999);
    expect(spot.blue()[1]!.state).toBe('running');
    spot.advance(1);
    expect(spot.blue().map(({ state }) => state)).toEqual(['running', 'shutting-down', 'running']);
    expect(spot.blue()[1]!.stateReason?.code).toBe('Server.SpotInstanceTermination');
    expect(spot.faults.remaining()).toEqual([]);
  });

  it('SPOT-56: takes green back as soon as it runs, where it is not there at that time', () => {
    const spot = new SpotHarness();
    spot.faults.add({ fault: 'interruption', colour: 'green', atMs: 1_000 });
    spot.faults.add({ fault: 'interruption', colour: 'green', event: 'Install' });
    spot.enter();
    spot.reach('AWAITING_USER_DEPLOYMENT');
    expect(spot.green().map(({ state }) => state === 'running')).toEqual([false, true, true]);
    expect(spot.faults.remaining()).toHaveLength(1);
  });
});
