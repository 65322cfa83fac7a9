import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/index.js';
import { soleFinding } from '../helpers/refusal.js';
import { closeClouds, release } from '../helpers/release.js';

afterEach(closeClouds);

const { elastigroupId } = SHOP;
const MINUTE_MS = 60_000;

describe('preflight refuses a gate', () => {
  const NEEDS_READY = [
    'POST_SCALE_UP',
    'TEST_TRAFFIC_SHIFT',
    'POST_TEST_TRAFFIC_SHIFT',
    'PRE_PRODUCTION_TRAFFIC_SHIFT',
    'PRODUCTION_TRAFFIC_SHIFT',
  ] as const;
  for (const before of NEEDS_READY) {
    it(`before ${before} where the deployment group does not wait in Ready, naming the setting`, async () => {
      const finding = await soleFinding({ spec: { gates: [{ name: 'tests-passed', before }] } });
      expect(finding.check).toBe(`gate tests-passed before ${before}`);
      expect(finding.found).toBe('the deployment group does not wait in Ready');
      expect(finding.fix).toContain('deploymentReadyOption={actionOnTimeout=STOP_DEPLOYMENT,waitTimeInMinutes=');
    });
  }

  const READY_IS_NOT_ENOUGH = [
    ['SCALE_UP', /launched by Spot/, /PRE_SCALE_UP or POST_SCALE_UP/],
    ['POST_PRODUCTION_TRAFFIC_SHIFT', /does not keep blue/, /action=TERMINATE,terminationWaitTimeInMinutes=/],
    ['BAKE_TIME', /does not keep blue/, /action=TERMINATE,terminationWaitTimeInMinutes=/],
    ['CLEAN_UP', /past the point of no return/, /BAKE_TIME/],
  ] as const;
  for (const [before, found, fix] of READY_IS_NOT_ENOUGH) {
    it(`before ${before} even where it waits in Ready, naming what would hold`, async () => {
      const finding = await soleFinding({
        cloud: { deploymentGroup: { readyWaitMinutes: 60 } },
        spec: { gates: [{ name: 'tests-passed', before }] },
      });
      expect(finding.check).toBe(`gate tests-passed before ${before}`);
      expect(finding.found).toMatch(found);
      expect(finding.fix).toMatch(fix);
    });
  }

  it('of an Elastigroup that puts green into traffic at launch, before every gate', async () => {
    const finding = await soleFinding({
      cloud: { elastigroup: { registerAtLaunch: true }, deploymentGroup: { readyWaitMinutes: 60 } },
      spec: { gates: [{ name: 'tests-passed', before: 'PRODUCTION_TRAFFIC_SHIFT' }] },
    });
    expect(finding.check).toBe('gates');
    expect(finding.found).toMatch(/registers instances in arn:.*shop-tg.* when they launch/);
    expect(finding.fix).toMatch(/out of the Elastigroup’s load balancers/);
  });
});

describe('preflight refuses a deployment mode', () => {
  it('whose timeout is shorter than the waits inside it, with both numbers', async () => {
    const finding = await soleFinding({ spec: { modeTimeout: '20m' } });
    expect(finding.check).toBe('modeTimeout');
    expect(finding.found).toContain(`it is ${20 * MINUTE_MS} ms`);
    expect(Number(/may take (\d+) ms/.exec(finding.found)?.[1])).toBeGreaterThan(60 * MINUTE_MS);
    expect(finding.fix).toMatch(/raise it/);
  });

  it('whose timeout leaves no room for the deployment group’s own waits', async () => {
    const neededBy = async (waits: { readyWaitMinutes?: number; terminationWaitMinutes?: number }): Promise<number> => {
      const finding = await soleFinding({ cloud: { deploymentGroup: waits }, spec: { modeTimeout: '1m' } });
      return Number(/may take (\d+) ms/.exec(finding.found)?.[1]);
    };
    const without = await neededBy({});
    expect((await neededBy({ readyWaitMinutes: 60 })) - without).toBe(60 * MINUTE_MS);
    expect((await neededBy({ terminationWaitMinutes: 30 })) - without).toBe(30 * MINUTE_MS);
  });
});

describe('preflight warns, and lets the release start', () => {
  const warned = async (story: Parameters<typeof release>[0]): Promise<ReadonlyMap<string, string>> => {
    const { cloud, result, events } = await release({ ...story, options: { polling: { every: '15s' } } });
    expect(result.outcome).toBe('succeeded');
    expect(cloud.snapshot().serving).toMatchObject({ blue: 0, other: 0 });
    return new Map(
      events.flatMap(({ name, data }) => (name === 'rollout:check:warned' ? [[data.code, data.message] as const] : [])),
    );
  };

  it('of all that may go wrong besides, each with its code', async () => {
    const warnings = await warned({
      cloud: {
        elastigroup: { registerAtLaunch: true, maximum: 4 },
        deploymentGroup: { terminationWaitMinutes: 5 },
        undocumented: { registersAtLaunchDuringMode: 'does-not-register' },
      },
      prepare: (cloud) =>
        cloud.elastigroups.update(elastigroupId, {
          scheduledTasks: [
            { taskType: 'scale', isEnabled: true, cronExpression: '0 9 * * *' },
            { taskType: 'roll', isEnabled: false, cronExpression: '0 3 * * *' },
          ],
        }),
    });
    expect([...warnings.keys()].sort()).toEqual([
      'BLUE_TERMINATED_TWICE',
      'MAXIMUM_BELOW_DOUBLE',
      'NEXT_RELEASE_REFUSED',
      'NO_READY_WAIT',
      'REGISTERED_AT_LAUNCH',
      'SCHEDULED_TASK',
    ]);
    expect(warnings.get('BLUE_TERMINATED_TWICE')).toMatch(/KEEP_ALIVE/);
    expect(warnings.get('MAXIMUM_BELOW_DOUBLE')).toMatch(/maximum is 4; both fleets together are 6/);
    expect(warnings.get('SCHEDULED_TASK')).toMatch(/scale \(.*0 9 \* \* \*/);
    expect(warnings.get('REGISTERED_AT_LAUNCH')).toMatch(/shop-tg/);
  });

  it('of nothing where the deployment group waits in Ready and all is well', async () => {
    const warnings = await warned({
      cloud: { deploymentGroup: { readyWaitMinutes: 60 }, undocumented: { filterAfterSuccess: 'green' } },
    });
    expect([...warnings.keys()]).toEqual([]);
  });
});
