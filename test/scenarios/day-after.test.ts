import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreen, MemoryStore } from '../../src/index.js';
import type { Fault } from '../../src/testing/faults.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { notAsBefore } from '../helpers/rollback.js';
import { watchInvariants } from '../helpers/invariants.js';
import { WIRES } from '../helpers/wires.js';

const clouds: SimulatedCloud[] = [];
afterEach(async () => {
  await Promise.all(clouds.splice(0).map((cloud) => cloud.close()));
});

const MINUTE = 60_000;

describe('a second release, hours after one that succeeded', () => {
  const faults: ReadonlyArray<readonly [string, Fault]> = [
    ['a script fails', { fault: 'script-fails', event: 'ApplicationStart', instance: 'all' }],
    ['green never launches', { fault: 'green-never-launches' }],
    ['a script fails after traffic', { fault: 'script-fails', event: 'AfterAllowTraffic', instance: 0 }],
  ];
  it.each(faults)('is taken back to what the first has left: %s', async (_what, fault) => {
    for (const hoursBetween of [0, 3, 30]) {
      const cloud = new SimulatedCloud({
        blue: 2,
        rateLimits: false,
        clock: WIRES.short.clock(),
        undocumented: { filterAfterSuccess: 'green' },
      });
      clouds.push(cloud);
      const blueGreen = new BlueGreen({ ...WIRES.short.options(cloud), store: new MemoryStore(), logger: false });
      await blueGreen.deploy(cloud.spec());
      cloud.advance(hoursBetween * 60 * MINUTE);
      cloud.inject(fault);
      const watch = watchInvariants(cloud);
      const { outcome } = await (await blueGreen.start(cloud.spec())).result();
      expect(outcome).toBe('rolled-back');
      expect(watch.violations).toEqual([]);
      expect(notAsBefore(watch.before, cloud.snapshot(), `after ${hoursBetween} hours`)).toEqual([]);
      await blueGreen.close();
    }
  });
});
