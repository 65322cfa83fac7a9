import { afterEach, describe, expect, it } from 'vitest';
import { closeClouds, release } from '../helpers/release.js';

afterEach(closeClouds);

const spec = { alarms: ['shop-5xx'] } as const;

describe('alarms', () => {
  it('are handed to CodeDeploy with the deployment, and watched without one that fires', async () => {
    const { cloud, result } = await release({
      spec,
      prepare: ({ alarms }) => void alarms.createAlarm({ name: 'shop-5xx', kind: 'composite' }),
    });
    expect(result.outcome).toBe('succeeded');
    const created = cloud.requests.find(({ operation }) => operation === 'CreateDeployment');
    expect(created?.body).toMatchObject({
      overrideAlarmConfiguration: { alarms: [{ name: 'shop-5xx' }], enabled: true },
    });
  });

  it.each(['ApplicationStart', 'AllowTraffic', 'BlockTraffic'])(
    'one that fires during %s takes the release back',
    async (during) => {
      const { cloud, result } = await release({ spec, faults: [{ fault: 'alarm-fires', alarm: 'shop-5xx', during }] });
      expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'ALARM_FIRED', blame: 'release' } });
      expect(result.error?.message).toContain('shop-5xx');
      expect(cloud.snapshot().serving).toEqual({ blue: 3, green: 0, other: 0 });
    },
  );

  it('that do not exist, or fire already, are refused and nothing is touched', async () => {
    const unknown = await release({ spec });
    expect(unknown.result).toMatchObject({ outcome: 'refused', error: { code: 'PREFLIGHT_REFUSED' } });
    expect(unknown.result.error?.message).toContain('there is no CloudWatch alarm shop-5xx');
    const firing = await release({
      spec,
      prepare: ({ alarms }) => {
        alarms.createAlarm({ name: 'shop-5xx' });
        alarms.setState('shop-5xx', 'ALARM', 'too many errors');
      },
    });
    expect(firing.result.error?.message).toMatch(/ALARM already.*too many errors/);
    expect([...unknown.mutations, ...firing.mutations]).toEqual([]);
  });
});
