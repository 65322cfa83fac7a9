import { beforeAll, describe, expect, it } from 'vitest';
import type { Tale, Told } from '../helpers/crash.js';
import { tellWithoutCrash } from '../helpers/crash.js';
import { callPoints, crashEverywhere, writePoints } from '../helpers/crash-points.js';

/** Asked by everything that can be asked: hooks, a gate that demands evidence, and a check. */
const ASKED: Tale = {
  deploymentGroup: { readyWaitMinutes: 240, terminationWaitMinutes: 60 },
  spec: { bake: '5m', gates: [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT', evidence: 'required' }] },
  options: {
    hooks: {
      PRE_SCALE_UP: { name: 'backup', run: () => undefined },
      POST_SCALE_UP: {
        name: 'smoke',
        run: ({ details }) => (details === 1 ? undefined : { status: 'IN_PROGRESS', callBackDelay: '30s', details: 1 }),
      },
    },
    checks: [{ name: 'errors', run: () => 'pass' }],
  },
  gatekeeper: true,
};
const EVERY_READ = 16;
const EVERY_RENEWAL = 8;

describe('a process that dies while somebody is asked', () => {
  let undisturbed: Told;
  beforeAll(async () => {
    undisturbed = await tellWithoutCrash(ASKED);
  });

  it('has a way to die in: the gate holds the release in Ready, and it goes on after the answer', () => {
    expect(undisturbed.end).toMatchObject({ outcome: 'succeeded', serving: { blue: 0, green: 2, other: 0 } });
    expect(undisturbed.changes.filter((each) => each.endsWith('ContinueDeployment'))).toHaveLength(2);
  });

  it('is replaced, whichever write it died around', async () => {
    const points = writePoints(undisturbed, EVERY_RENEWAL);
    expect(points.length).toBeGreaterThan(90);
    expect(await crashEverywhere(ASKED, undisturbed, points)).toEqual([]);
  }, 300_000);

  it('is replaced, whichever call it died around', async () => {
    const points = callPoints(undisturbed, EVERY_READ);
    expect(points.length).toBeGreaterThan(30);
    expect(await crashEverywhere(ASKED, undisturbed, points)).toEqual([]);
  }, 300_000);
});
