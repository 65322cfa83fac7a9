import { afterEach, expect, it } from 'vitest';
import { closeClouds, release } from '../helpers/release.js';

afterEach(closeClouds);

const MINUTE_MS = 60_000;

/** EC2 answers nothing for twenty minutes, from the middle of the release on. */
const badTwentyMinutes = (retryBudget?: false) =>
  release({
    wire: 'short',
    cloud: { blue: 2, deploymentGroup: { readyWaitMinutes: 60 } },
    spec: { gates: [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT' }] },
    options: { polling: { every: '15s', urgent: '15s' }, ...(retryBudget === undefined ? {} : { retryBudget }) },
    onEvent: (event, cloud, blueGreen) => {
      if (event.name !== 'step:run:started' || event.data.step !== 'gate/go') return;
      cloud.faults.add({ fault: 'server-error', on: { service: 'ec2', times: 100_000 } });
      void cloud.clock.sleep(20 * MINUTE_MS).then(async () => {
        cloud.faults.clear();
        await blueGreen.approve(event.rolloutId ?? '', 'go', { by: 'Ada' });
      });
    },
  });

it('twenty bad minutes of a service fail no rollout, and do not become a storm', async () => {
  const end = await badTwentyMinutes();
  const unbounded = await badTwentyMinutes(false);
  for (const { result, cloud } of [end, unbounded]) {
    expect(result.outcome).toBe('succeeded');
    expect(cloud.traffic.failed).toBe(0);
  }
  const failed = ({ events }: typeof end) => events.filter(({ name }) => name === 'cloud:call:failed');
  expect(failed(end).at(-1)?.text).toContain('the budget for retries of ec2 is used up');
  expect(failed(end).length).toBeGreaterThan(100);
  // Once the budget is used up every look asks once, and six times where there is none.
  expect(failed(end).length).toBeLessThan(failed(unbounded).length - 50);
});
