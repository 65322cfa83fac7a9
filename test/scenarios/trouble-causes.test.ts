import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/shop.js';
import { resolveUndocumented } from '../../src/testing/simulated-cloud-options.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { at } from '../helpers/moments.js';
import { closeClouds, release, type ReleaseEnd } from '../helpers/release.js';
import { rollsBack, spotRestartsBlue } from '../helpers/rollback.js';

afterEach(closeClouds);

const MINUTE_MS = 60_000;
/** For stories in which CodeDeploy takes its hour. */
const OFTEN_ENOUGH = { polling: { every: '30s', urgent: '15s' } } as const;

const idOf = ({ cloud }: ReleaseEnd, colour: 'blue' | 'green', index = 0): string =>
  cloud.elastigroups.coloured(SHOP.elastigroupId, colour)[index]?.instanceId ?? '';

const warningsOf = ({ events }: ReleaseEnd, code: string) =>
  events.flatMap((event) =>
    event.name === 'rollout:check:warned' && event.data.code === code ? [{ at: event.at, ...event.data }] : [],
  );

/** Green starts, and then answers no health check. */
function greenTurnsIll(cloud: SimulatedCloud): void {
  at(cloud, 'allowing', () => {
    for (const instance of cloud.elastigroups.coloured(SHOP.elastigroupId, 'green')) {
      if (instance.application === undefined) continue;
      instance.application = { ...instance.application, healthy: false };
      cloud.ec2.changed(instance);
    }
  });
}

describe('a script of the revision before', () => {
  it('on green that was made from an image with a revision: the error says whose script it is, and what helps', async () => {
    const faults = [
      { fault: 'script-fails', event: 'ApplicationStop', instance: 0, scriptName: 'scripts/stop.sh' },
    ] as const;
    const end = await release({ cloud: { blue: 2 }, faults });
    expect(end.result).toMatchObject({
      outcome: 'rolled-back',
      error: {
        code: 'RELEASE_FAILED',
        details: { event: 'ApplicationStop', instanceId: idOf(end, 'green'), revision: 'previous' },
      },
    });
    expect(end.result.error?.message).toContain('a script of the previous revision: scripts/stop.sh');
    expect(end.result.error?.hint).toContain('ignoreApplicationStopFailures: true');
    expect(end.result.error?.hint).toContain('deployment-instructions');
    const { codeDeploy } = end.cloud.spec();
    const spec = { codeDeploy: { ...codeDeploy, ignoreApplicationStopFailures: true } };
    expect((await release({ cloud: { blue: 2 }, faults, spec })).result.outcome).toBe('succeeded');
  });

  for (const event of ['BeforeBlockTraffic', 'AfterBlockTraffic'])
    it(`on blue that is to leave (${event}): the same, and blue serves again`, async () => {
      await rollsBack({
        faults: [{ fault: 'script-fails', colour: 'blue', event, instance: 1 }],
        code: 'RELEASE_FAILED',
        usersMayNotice: (answers) => [...spotRestartsBlue(answers), 'green-taken-by-spot'],
        cloud: { undocumented: resolveUndocumented({}) },
        also: (end) => {
          const { hint, details } = end.result.error ?? {};
          expect(hint).toContain('ignoreApplicationStopFailures: true');
          expect(details).toMatchObject({ event, colour: 'Blue', instanceId: idOf(end, 'blue', 1) });
          return [];
        },
      });
    });

  it('and a script of this revision is not taken for one', async () => {
    const end = await release({ cloud: { blue: 2 }, faults: [{ fault: 'script-fails', event: 'AfterInstall' }] });
    expect(end.result.error?.hint).not.toContain('ignoreApplicationStopFailures');
    expect(end.result.error?.details).not.toHaveProperty('revision');
  });
});

describe('green that does not get healthy', () => {
  it('is told within a minute with the reason of the load balancer, and the failure has it after CodeDeploy’s hour', async () => {
    const end = await release({ cloud: { blue: 2 }, options: OFTEN_ENOUGH, prepare: greenTurnsIll });
    const [warning] = warningsOf(end, 'GREEN_UNHEALTHY');
    const [id] = [idOf(end, 'green'), idOf(end, 'green', 1)].filter((each) => warning?.message.includes(each));
    expect(warning?.message).toContain(
      `${id} is unhealthy in ${SHOP.targetGroupName} (Target.FailedHealthChecks: Health checks failed)`,
    );
    expect(end.result).toMatchObject({
      outcome: 'rolled-back',
      error: {
        code: 'TRAFFIC_FAILED',
        details: {
          event: 'AllowTraffic',
          targetHealth: [
            {
              targetGroup: SHOP.targetGroupName,
              state: 'unhealthy',
              reason: 'Target.FailedHealthChecks',
              description: 'Health checks failed',
            },
          ],
        },
      },
    });
    expect(end.result.error?.message).toContain('Target.FailedHealthChecks: Health checks failed');
    const failedAt = Date.parse(end.events.find(({ name }) => name === 'rollout:unwind:started')?.at ?? '');
    expect(failedAt - Date.parse(warning?.at ?? '')).toBeGreaterThan(50 * MINUTE_MS);
  });

  it('is not spoken of where it only takes a little longer', async () => {
    const end = await release({ cloud: { blue: 2, timings: { healthyAfterMs: 45_000 } } });
    expect(end.result.outcome).toBe('succeeded');
    expect(warningsOf(end, 'GREEN_UNHEALTHY')).toEqual([]);
  });
});

describe('a blue instance that is lost before it is out of traffic', () => {
  it('while it is deregistered: the error names it, says who took it, and that green serves', async () => {
    const end = await release({
      cloud: { blue: 3 },
      faults: [{ fault: 'interruption', colour: 'blue', instance: 1, event: 'BlockTraffic' }],
    });
    const id = idOf(end, 'blue', 1);
    expect(end.result.error).toMatchObject({
      code: 'TRAFFIC_FAILED',
      details: { instanceId: id, colour: 'Blue', lost: 'Server.SpotInstanceTermination' },
    });
    expect(end.result.error?.message).toContain(`${id} (blue) could not be taken out of traffic`);
    expect(end.result.error?.message).toContain('although green serves');
    expect(end.result.error?.hint).toContain('blue');
  });

  for (const event of ['BeforeBlockTraffic', 'AfterBlockTraffic'])
    it(`in ${event}: a warning names it within a minute, and the error when CodeDeploy gives up`, async () => {
      const end = await release({
        cloud: { blue: 3 },
        options: OFTEN_ENOUGH,
        faults: [{ fault: 'interruption', colour: 'blue', instance: 2, event }],
      });
      const id = idOf(end, 'blue', 2);
      const warnings = warningsOf(end, 'BLUE_LOST');
      expect(warnings).toHaveLength(1);
      expect(warnings[0]?.message).toContain(`${id} (blue) was lost (Server.SpotInstanceTermination)`);
      expect(end.result.error).toMatchObject({ code: 'INSTANCE_LOST', details: { instanceId: id, event } });
    });

  it('before anything was installed: the same warning, long before its turn comes', async () => {
    const end = await release({
      cloud: { blue: 3 },
      faults: [{ fault: 'interruption', colour: 'blue', instance: 0, atMs: 170_000 }],
    });
    expect(warningsOf(end, 'BLUE_LOST')).toHaveLength(1);
  });

  it('and an order to abort goes back at once, instead of after CodeDeploy’s hour', async () => {
    const end = await release({
      cloud: { blue: 3 },
      faults: [{ fault: 'interruption', colour: 'blue', instance: 2, event: 'BeforeBlockTraffic' }],
      onEvent: (event, _, blueGreen) => {
        if (event.name === 'rollout:check:warned' && event.data.code === 'BLUE_LOST')
          void blueGreen.abort(event.rolloutId ?? '', { by: 'me', reason: 'blue was lost' });
      },
    });
    expect(end.result).toMatchObject({ outcome: 'rolled-back', error: { code: 'ABORTED' } });
    expect(end.tookMs).toBeLessThan(30 * MINUTE_MS);
  });

  it('is no news where Spot takes blue away after the release', async () => {
    const end = await release({ cloud: { blue: 2 } });
    expect(warningsOf(end, 'BLUE_LOST')).toEqual([]);
  });
});
