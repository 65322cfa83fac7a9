import { afterEach, describe, expect, it } from 'vitest';
import { runOmniscient } from '../../bench/omniscient.js';
import { defaultScenarios, realisticScenario } from '../../bench/scenarios.js';
import { closeClouds, release } from '../helpers/release.js';

afterEach(closeClouds);

describe('the omniscient driver', () => {
  it('does the same release: the same mutations to the same end, and never later than the library', async () => {
    for (const scenario of defaultScenarios()) {
      const omniscient = runOmniscient(scenario);
      const library = await release({ cloud: scenario.cloud });
      expect(omniscient.cloud.snapshot().serving).toEqual(library.cloud.snapshot().serving);
      expect(omniscient.mutations).toEqual(library.mutations);
      expect(omniscient.tookMs).toBeLessThan(library.tookMs);
    }
  });

  it('lets the tags settle before it releases', () => {
    const { cloud } = runOmniscient({ name: 'default', readyWait: false, cloud: { blue: 2 } });
    const [mode] = cloud.elastigroups.deploymentModes('sig-1a2b3c4d');
    const [deployment] = cloud.codeDeploy.deployments('shop', 'shop-prod');
    const createdAt = cloud.codeDeploy.find(deployment?.deploymentId ?? '').createdAt;
    const runningSince = Math.max(...(mode?.greenInstances() ?? []).map(({ launchedAt }) => launchedAt + 30_000));
    expect(createdAt - runningSince).toBeGreaterThanOrEqual(60_000);
    expect(cloud.traffic.failed).toBe(0);
  });

  it('draws the same scenario from the same seed, and within what is realistic', () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const { cloud, readyWait } = realisticScenario(seed);
      expect(realisticScenario(seed).cloud).toEqual(cloud);
      expect(cloud.deploymentGroup?.readyWaitMinutes !== undefined).toBe(readyWait);
      expect(cloud.blue).toSatisfy((blue: number) => blue >= 1 && blue <= 10);
      expect(cloud.timings?.launchMs).toSatisfy((ms: number) => ms >= 60_000 && ms <= 240_000);
      expect(cloud.deregistrationDelayMs).toSatisfy((ms: number) => ms >= 60_000 && ms <= 300_000);
    }
  });
});
