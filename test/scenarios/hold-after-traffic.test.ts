import { afterEach, describe, expect, it } from 'vitest';
import { baking, began, timeOf } from '../helpers/bake.js';
import { closeClouds, release, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const MINUTE = 60_000;
const blueServes = { blue: 3, green: 0, other: 0 };

describe('a hold after traffic', () => {
  const gates = [{ name: 'looked', before: 'POST_PRODUCTION_TRAFFIC_SHIFT' }] as const;

  it.each(['POST_PRODUCTION_TRAFFIC_SHIFT', 'BAKE_TIME'] as const)(
    'takes the release back at %s when somebody says no',
    async (before) => {
      const { cloud, result } = await release(
        baking({
          spec: { bake: undefined, gates: [{ name: 'looked', before }] },
          onEvent: (event, _cloud, blueGreen) => {
            if (began(event, 'gate/looked'))
              void blueGreen.reject(event.rolloutId ?? '', 'looked', { by: 'Ada', reason: 'slow' });
          },
        }),
      );
      expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'GATE_REJECTED' } });
      expect(cloud.snapshot().serving).toEqual(blueServes);
      expect(cloud.traffic.failed).toBe(0);
    },
  );

  it('takes the release back when a hook says no', async () => {
    const { cloud, result } = await release(
      baking({
        options: {
          hooks: {
            POST_PRODUCTION_TRAFFIC_SHIFT: {
              name: 'smoke',
              veto: true,
              run: () => ({ status: 'FAILED', reason: 'red' }),
            },
          },
        },
      }),
    );
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'HOOK_FAILED' } });
    expect(cloud.snapshot().serving).toEqual(blueServes);
  });

  it('expires so early that it is the library that takes the release back, not CodeDeploy that takes blue', async () => {
    const { cloud, result, events } = await release(baking({ spec: { gates } }));
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'GATE_EXPIRED' } });
    expect(cloud.snapshot().serving).toEqual(blueServes);
    const waited = timeOf(events, 'step:run:failed', 'gate/looked') - timeOf(events, 'step:run:started', 'gate/looked');
    expect(waited).toBeGreaterThan(54 * MINUTE);
    expect(waited).toBeLessThanOrEqual(55 * MINUTE);
  });

  it('is ended by an alarm, although nobody has answered, and while a hook thinks', async () => {
    const alarmed = (story: ReleaseStory) =>
      release(
        baking({
          ...story,
          spec: { bake: undefined, alarms: ['errors'], ...story.spec },
          faults: [{ fault: 'alarm-fires', alarm: 'errors', during: 'TERMINATION_WAIT', afterMs: 5 * MINUTE }],
        }),
      );
    const thinking = {
      name: 'slow',
      run: ({ signal }: { signal: AbortSignal }) =>
        new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    };
    for (const { result, cloud } of [
      await alarmed({ spec: { gates } }),
      await alarmed({ options: { hooks: { POST_PRODUCTION_TRAFFIC_SHIFT: thinking } } }),
    ]) {
      expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'ALARM_FIRED' } });
      expect(cloud.snapshot().serving).toEqual(blueServes);
    }
  });

  it('that somebody goes around is told as that: nobody had said yes', async () => {
    const { result } = await release(
      baking({
        spec: { bake: undefined, gates },
        onEvent: (event, cloud) => {
          if (!began(event, 'gate/looked')) return;
          const { deploymentId } = cloud
            .snapshot()
            .codeDeployDeployments.find(({ status }) => status === 'InProgress') ?? { deploymentId: '' };
          cloud.clock.schedule(MINUTE, () => cloud.codeDeploy.continueDeployment(deploymentId, 'TERMINATION_WAIT'));
        },
      }),
    );
    expect(result).toMatchObject({ outcome: 'failed', error: { code: 'HOLD_BYPASSED' } });
  });
});
