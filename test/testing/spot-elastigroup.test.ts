import { afterEach, describe, expect, it } from 'vitest';
import { USER_DATA_SECRET } from '../../src/testing/model/elastigroup-settings.js';
import { SHOP } from '../../src/testing/shop.js';
import { SpotOverHttp } from './spot-http.js';

const { elastigroupId: ELASTIGROUP, applicationName, deploymentGroupName } = SHOP;
const DEPLOYMENT_GROUP = { applicationName, deploymentGroupName };

const GREEN = [{ tagKey: 'Colour', tagValue: 'green' }];

let spot: SpotOverHttp;
const start = (...given: ConstructorParameters<typeof SpotOverHttp>) => {
  spot = new SpotOverHttp(...given);
  return spot;
};
const models = () => spot.cloud.elastigroups;
afterEach(() => spot.close());

describe('an Elastigroup', () => {
  it('SPOT-7: shows itself in the real shape, secrets included', async () => {
    start(
      { elastigroup: { registerAtLaunch: true } },
      {
        persistence: { shouldPersistRootDevice: true },
        elasticIps: ['eipalloc-1'],
        scheduledTasks: [{ taskType: 'scale', cronExpression: '0 1 * * *' }],
        codeDeployIntegration: [DEPLOYMENT_GROUP],
        classicLoadBalancers: ['shop-classic'],
      },
    );
    const { response } = await spot.call('GET', '');
    const item = response.items[0]!;
    expect(item).toMatchObject({
      id: ELASTIGROUP,
      name: 'shop',
      capacity: { minimum: 1, target: 3, maximum: 6, unit: 'instance' },
      strategy: { persistence: { shouldPersistRootDevice: true } },
      compute: {
        elasticIps: ['eipalloc-1'],
        privateIps: null,
        launchSpecification: {
          tags: [
            { tagKey: 'Colour', tagValue: 'blue' },
            { tagKey: 'App', tagValue: 'shop' },
          ],
          loadBalancersConfig: {
            loadBalancers: [
              { name: 'shop-tg', arn: spot.targetGroupArn, type: 'TARGET_GROUP' },
              { name: 'shop-classic', type: 'CLASSIC' },
            ],
          },
        },
      },
      scheduling: { tasks: [{ taskType: 'scale', cronExpression: '0 1 * * *', isEnabled: true }] },
      thirdPartiesIntegration: { codeDeploy: { deploymentGroups: [DEPLOYMENT_GROUP] } },
    });
    expect(atob(String(item['compute'].launchSpecification.userData))).toContain(USER_DATA_SECRET);
    expect(JSON.stringify(item.thirdPartiesIntegration)).toContain(USER_DATA_SECRET);
  });

  it('SPOT-8, SPOT-9: lists a request before it has an instance, and both sides of a change late', async () => {
    start();
    const [first] = spot.members();
    await spot.call('PUT', '/detachInstances', {
      instancesToDetach: [first!.instanceId],
      shouldTerminateInstances: true,
      shouldDecrementTargetCapacity: false,
    });
    const ids = async () =>
      (await spot.call('GET', '/status')).response.items.map(({ instanceId }): string | null => instanceId);
    expect(await ids()).toContain(first!.instanceId);
    expect(await ids()).not.toContain(null);
    spot.cloud.advance(2_000);
    expect(await ids()).not.toContain(first!.instanceId);
    expect(await ids()).toContain(null);
    spot.cloud.advance(18_000);
    expect(await ids()).not.toContain(null);
    expect(await ids()).toHaveLength(3);
  });

  it('SPOT-10: tells the health of its instances by its own target groups', async () => {
    start({ elastigroup: { registerAtLaunch: true } });
    const [first] = spot.members();
    first!.application = { revision: 'shop-411', healthy: false };
    spot.cloud.ec2.changed(first!);
    spot.cloud.advance(60_000);
    const { response } = await spot.call('GET', '/instanceHealthiness');
    const byId = response.items.map((item): unknown => [item.instanceId, item['healthStatus']]);
    expect(byId).toEqual(
      spot.members().map(({ instanceId }, index) => [instanceId, index === 0 ? 'UNHEALTHY' : 'HEALTHY']),
    );
  });

  it('SPOT-11, SPOT-12: follows its capacity, the newest go first', async () => {
    start();
    expect((await spot.call('PUT', '/capacity', { capacity: { target: 7 } })).status).toBe(400);
    const up = await spot.call('PUT', '/capacity', { capacity: { target: 5 } });
    expect(up.response.items).toEqual([{ capacity: { minimum: 1, target: 5, maximum: 6 } }]);
    spot.cloud.advance(60_000);
    const five = spot.members();
    expect(five).toHaveLength(5);
    await spot.call('PUT', '/capacity', { capacity: { minimum: 1, target: 2, maximum: 6 } });
    expect(spot.members()).toEqual(five.slice(0, 2));
    expect(five[4]!.state).toBe('running');
    spot.cloud.advance(60_000);
    expect(five.slice(2).map(({ state }) => state)).toEqual(['terminated', 'terminated', 'terminated']);
  });

  it('SPOT-13: detaches at once and terminates after draining', async () => {
    start({ elastigroup: { registerAtLaunch: true } });
    const [first] = spot.members();
    const { status, response } = await spot.call('PUT', '/detachInstances', {
      instancesToDetach: [first!.instanceId],
      shouldTerminateInstances: true,
      shouldDecrementTargetCapacity: true,
      drainingTimeout: 45,
    });
    expect(status).toBe(200);
    expect(response.items).toBeUndefined();
    expect(first!.attached).toBe(false);
    expect(spot.cloud.loadBalancing.stateOf(spot.targetGroupArn, first!.instanceId)).toBe('draining');
    spot.cloud.advance(44_999);
    expect(first!.state).toBe('running');
    spot.cloud.advance(1);
    expect(first!.state).toBe('shutting-down');
    expect(first!.stateReason?.code).toBe('Client.UserInitiatedShutdown');
  });

  it('SPOT-13: leaves a detached instance running without shouldTerminateInstances', async () => {
    start();
    const [first] = spot.members();
    models().detach(ELASTIGROUP, {
      instanceIds: [first!.instanceId],
      terminate: false,
      decrementTargetCapacity: true,
    });
    spot.cloud.advance(3_600_000);
    expect(first!.state).toBe('running');
    expect(spot.members()).toHaveLength(2);
  });

  it('SPOT-14: refuses to detach what does not belong to it, as a whole', async () => {
    start();
    const instancesToDetach = [spot.members()[0]!.instanceId, 'i-0'];
    const { status, response } = await spot.call('PUT', '/detachInstances', { instancesToDetach });
    expect([status, response.errors[0]!.field]).toEqual([400, 'instancesToDetach']);
    expect(spot.members()).toHaveLength(3);
  });

  it('SPOT-15: lowers the target with a detach, never below the minimum', async () => {
    start();
    const ids = spot.members().map(({ instanceId }): string | null => instanceId);
    const body = { shouldTerminateInstances: true, shouldDecrementTargetCapacity: true };
    expect((await spot.call('PUT', '/detachInstances', { ...body, instancesToDetach: ids })).status).toBe(400);
    await spot.call('PUT', '/detachInstances', { ...body, instancesToDetach: ids.slice(0, 2) });
    expect(models().read(ELASTIGROUP).settings.capacity.target).toBe(1);
    spot.cloud.advance(600_000);
    expect(spot.members()).toHaveLength(1);
  });

  it.each([
    ['fills-up-to-target', 3],
    ['always-replaces', 4],
  ] as const)('SPOT-16: %s after a detach without decrement from a surplus', (detachWithoutDecrement, left) => {
    start({ undocumented: { detachWithoutDecrement } });
    models().scale(ELASTIGROUP, 4);
    spot.cloud.advance(60_000);
    models().update(ELASTIGROUP, { capacity: { minimum: 1, target: 3, maximum: 6 } });
    const instanceIds = [spot.members()[0]!.instanceId];
    models().detach(ELASTIGROUP, { instanceIds, terminate: true, decrementTargetCapacity: false });
    spot.cloud.advance(600_000);
    expect(spot.members()).toHaveLength(left);
  });

  it('SPOT-17: suspends processes for a while, and lists them', async () => {
    start();
    expect((await spot.call('GET', '/suspension')).response).toMatchObject({ items: [], count: 0 });
    await spot.call('POST', '/suspension', { processes: ['AUTO_SCALE'] });
    const two = await spot.call('POST', '/suspension', { suspensions: [{ name: 'AUTO_HEALING', ttlInMinutes: 10 }] });
    const item = {
      groupId: ELASTIGROUP,
      processes: ['AUTO_SCALE', 'AUTO_HEALING'],
      suspensions: [{ name: 'AUTO_SCALE' }, { name: 'AUTO_HEALING', expiresAt: '2026-01-05T09:10:00.000Z' }],
    };
    expect(two.response).toMatchObject({ kind: 'spotinst:aws:ec2:suspension', items: [item], count: 1 });
    spot.cloud.advance(600_000);
    expect((await spot.call('GET', '/suspension')).response.items[0]!.processes).toEqual(['AUTO_SCALE']);
    expect((await spot.call('DELETE', '/suspension', { processes: ['AUTO_SCALE'] })).response.items).toEqual([]);
    expect((await spot.call('POST', '/suspension', { processes: ['AUTO_PILOT'] })).status).toBe(400);
  });

  it('SPOT-19: rolls, and lets no other change in meanwhile', async () => {
    start();
    const started = await spot.call('PUT', '/roll', { batchSizePercentage: 50, gracePeriod: 60 });
    const roll = started.response.items[0]!;
    expect(roll).toMatchObject({ status: 'STARTING', numOfBatches: 2, progress: { unit: 'percent', value: 0 } });
    spot.cloud.advance(70_000);
    expect((await spot.call('GET', '/roll')).response.items[0]).toMatchObject({ id: roll.id, status: 'IN_PROGRESS' });
    expect((await spot.call('GET', `/roll/${roll.id}`)).response.items[0]).toMatchObject({ currentBatch: 2 });
    expect((await spot.call('PUT', '/capacity', { capacity: { target: 4 } })).status).toBe(400);
    expect((await spot.call('PUT', '/roll', { batchSizePercentage: 50, gracePeriod: 60 })).status).toBe(400);
    expect(() =>
      models().enterDeploymentMode(ELASTIGROUP, { timeout: 60, tags: GREEN, deploymentGroups: [DEPLOYMENT_GROUP] }),
    ).toThrow(/is in the roll/);
    spot.cloud.advance(60_000);
    expect((await spot.call('GET', `/roll/${roll.id}`)).response.items[0]!.status).toBe('FINISHED');
    const next = models().startRoll(ELASTIGROUP);
    expect((await spot.call('PUT', `/roll/${next.rollId}`, { roll: { status: 'STOPPED' } })).status).toBe(200);
    expect(models().roll(ELASTIGROUP, next.rollId).status).toBe('STOPPED');
  });

  it('SPOT-20: keeps a log', async () => {
    start();
    const [first] = spot.members();
    spot.cloud.ec2.terminate(first!.instanceId, { code: 'Server.SpotInstanceTermination', message: '' });
    const now = spot.cloud.clock.now();
    const read = (query: string) => spot.call('GET', `/logs?${query}`);
    const dates = `fromDate=${now - 1000}&toDate=${now}`;
    const { response } = await read(`${dates}&severity=WARN&resourceId=${first!.instanceId}`);
    expect(response.items).toEqual([
      { message: `Instance ${first!.instanceId} is gone.`, severity: 'WARN', createdAt: new Date(now).toISOString() },
    ]);
    expect((await read(`${dates}&limit=1001`)).status).toBe(400);
    expect((await read('severity=ALL')).response.errors[0]!.field).toBe('fromDate');
  });

  it('SPOT-30: enters the mode over its API, shows it a little later, and stops it', async () => {
    start();
    const deployment = { timeout: 3600, tags: GREEN, deploymentGroups: [DEPLOYMENT_GROUP] };
    const post = await spot.call('POST', '/codeDeploy/blueGreenDeployment', { deployment });
    const item = {
      id: expect.stringMatching(/^cdbg-[0-9a-f]{8}$/),
      groupId: ELASTIGROUP,
      state: 'STARTING',
      status: 'INITIALIZING',
      config: deployment,
    };
    expect(post.response).toMatchObject({ items: [item], count: 1 });
    expect((await spot.call('POST', '/codeDeploy/blueGreenDeployment', { deployment })).status).toBe(400);
    expect((await spot.call('GET', '/codeDeploy/blueGreenDeployment')).response.items).toEqual([]);
    spot.cloud.advance(2_000);
    expect((await spot.call('GET', '/codeDeploy/blueGreenDeployment')).response.items).toEqual([item]);
    const { id } = post.response.items[0]!;
    expect((await spot.call('PUT', `/codeDeploy/blueGreenDeployment/${id}/stop`)).status).toBe(200);
    spot.cloud.advance(60_000);
    expect((await spot.call('PUT', `/codeDeploy/blueGreenDeployment/${id}/stop`)).status).toBe(400);
  });
});
