import { afterEach, describe, expect, it } from 'vitest';
import type { Fault, SimulatedCloudOptions } from '../../src/testing/index.js';
import { SHOP, SimulatedCloud } from '../../src/testing/index.js';

const MINUTE = 60_000;
const clouds: SimulatedCloud[] = [];

afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.close();
});

function open(options: SimulatedCloudOptions = {}): SimulatedCloud {
  const cloud = new SimulatedCloud(options);
  clouds.push(cloud);
  return cloud;
}

/** A release by hand: Spot's mode, and a CodeDeploy deployment on its green that watches `alarms`. */
function release(cloud: SimulatedCloud, alarms: readonly string[] = ['5xx']): string {
  const { applicationName, deploymentGroupName, elastigroupId } = SHOP;
  cloud.elastigroups.enterDeploymentMode(elastigroupId, {
    timeout: 7_200,
    tags: [{ tagKey: 'Colour', tagValue: 'green' }],
    deploymentGroups: [{ applicationName, deploymentGroupName }],
  });
  cloud.advance(5 * MINUTE);
  return cloud.codeDeploy.createDeployment({
    applicationName,
    deploymentGroupName,
    revision: { revisionType: 'S3', s3Location: { bucket: 'releases', key: 'shop-412.zip', bundleType: 'zip' } },
    targetInstances: { tagFilters: [{ Key: 'Colour', Value: 'green', Type: 'KEY_AND_VALUE' }] },
    overrideAlarms: { enabled: alarms.length > 0, names: alarms },
  });
}

const firesAt = (cloud: SimulatedCloud, name = '5xx') => {
  const { state, since } = cloud.alarms.get(name)!;
  return state === 'ALARM' ? since - Date.parse('2026-01-05T09:00:00Z') : undefined;
};

describe('a state that is set', () => {
  it('CW-4 ALARM stops the CodeDeploy deployments that watch it, and no others', () => {
    const cloud = open();
    cloud.alarms.createAlarm({ name: '5xx' });
    cloud.alarms.createAlarm({ name: 'elsewhere' });
    const id = release(cloud);
    cloud.advance(10_000);
    cloud.alarms.setState('elsewhere', 'ALARM');
    cloud.alarms.setState('5xx', 'INSUFFICIENT_DATA');
    expect(cloud.codeDeploy.find(id).status).toBe('InProgress');
    cloud.alarms.setState('5xx', 'ALARM');
    expect(cloud.codeDeploy.find(id)).toMatchObject({ status: 'Stopped', error: { code: 'ALARM_ACTIVE' } });
  });

  it('CW-4 an alarm in ALARM from the start stops nothing until it is set again', () => {
    const cloud = open();
    cloud.alarms.createAlarm({ name: '5xx', state: 'ALARM' });
    const id = release(cloud);
    cloud.advance(10_000);
    expect(cloud.codeDeploy.find(id).status).toBe('InProgress');
    cloud.alarms.setState('5xx', 'ALARM');
    expect(cloud.codeDeploy.find(id).status).toBe('Stopped');
  });
});

describe('CW-7 alarm-fires', () => {
  const fires = (more: Partial<Extract<Fault, { fault: 'alarm-fires' }>> = {}): Fault => ({
    fault: 'alarm-fires',
    alarm: '5xx',
    ...more,
  });

  it('at a time, for an alarm that need not be there yet', () => {
    const cloud = open({ faults: [fires({ atMs: 90_000, reason: 'users are unhappy' })] });
    expect(cloud.alarms.get('5xx')).toMatchObject({ state: 'OK', kind: 'metric' });
    cloud.advance(89_999);
    expect(firesAt(cloud)).toBeUndefined();
    cloud.advance(1);
    expect(cloud.alarms.get('5xx')).toMatchObject({ state: 'ALARM', reason: 'users are unhappy' });
    expect(cloud.faults.remaining()).toEqual([]);
  });

  it('at once, leaving the kind of an alarm as it is', () => {
    const cloud = open();
    cloud.alarms.createAlarm({ name: '5xx', kind: 'composite' });
    cloud.inject(fires());
    cloud.advance(0);
    expect(cloud.alarms.get('5xx')).toMatchObject({ state: 'ALARM', kind: 'composite' });
  });

  it('not when it was called off, or its alarm was deleted', () => {
    const cloud = open({ faults: [fires({ atMs: 1_000 }), fires({ alarm: 'gone', atMs: 1_000 })] });
    cloud.alarms.deleteAlarm('gone');
    cloud.faults.clear();
    cloud.advance(2_000);
    expect(firesAt(cloud)).toBeUndefined();
    cloud.inject(fires({ alarm: 'gone' }));
    cloud.alarms.deleteAlarm('gone');
    cloud.advance(0);
    expect(cloud.alarms.get('gone')).toBeUndefined();
  });

  it('when the mode reaches a state', () => {
    const cloud = open({ faults: [fires({ during: 'AWAITING_USER_DEPLOYMENT' })] });
    release(cloud, []);
    expect(firesAt(cloud)).toBeGreaterThan(MINUTE);
    expect(firesAt(cloud)).toBeLessThan(5 * MINUTE);
  });

  it.each(['Install', 'AllowTraffic', 'BlockTraffic'])(
    'when CodeDeploy begins %s: the deployment ends there',
    (event) => {
      const cloud = open({ faults: [fires({ during: event })] });
      const id = release(cloud);
      cloud.advance(30 * MINUTE);
      const { status, targets } = cloud.codeDeploy.find(id);
      expect(status).toBe('Stopped');
      const begun = targets.flatMap(({ events }) => events.filter(({ startedAt }) => startedAt !== undefined));
      expect(begun.at(-1)?.name).toBe(event);
    },
  );

  it('once, although many instances reach it', () => {
    const cloud = open({ faults: [fires({ during: 'Install' })] });
    release(cloud, []);
    cloud.advance(MINUTE);
    const first = firesAt(cloud);
    expect(first).toBeDefined();
    cloud.alarms.setState('5xx', 'OK');
    cloud.advance(30 * MINUTE);
    expect(cloud.alarms.get('5xx')!.state).toBe('OK');
  });

  it('in the Ready wait', () => {
    const cloud = open({
      deploymentGroup: { readyWaitMinutes: 10 },
      faults: [fires({ during: 'READY_WAIT', afterMs: MINUTE })],
    });
    const id = release(cloud);
    cloud.advance(2 * MINUTE);
    expect(cloud.codeDeploy.find(id).status).toBe('Stopped');
  });

  it('in the last second of the termination wait, and a second too late', () => {
    for (const [afterMs, status] of [
      [10 * MINUTE - 1_000, 'Stopped'],
      [10 * MINUTE + 1_000, 'Succeeded'],
    ] as const) {
      const cloud = open({
        deploymentGroup: { terminationWaitMinutes: 10 },
        faults: [fires({ during: 'TERMINATION_WAIT', afterMs })],
      });
      const id = release(cloud);
      cloud.advance(30 * MINUTE);
      expect(cloud.codeDeploy.find(id).status).toBe(status);
      expect(firesAt(cloud)).toBeDefined();
    }
  });
});
