import { beforeAll, describe, expect, it } from 'vitest';
import type { Told } from '../helpers/crash.js';
import { tellWithoutCrash } from '../helpers/crash.js';
import { callPoints, crashEverywhere, writePoints } from '../helpers/crash-points.js';

// Looks are sampled, and so are renewals of the lease: each costs a whole release.
const EVERY_READ = 5;
const EVERY_RENEWAL = 4;

describe('a process that dies on the way forward', () => {
  let undisturbed: Told;
  beforeAll(async () => {
    undisturbed = await tellWithoutCrash({});
  });

  it('has a way to die in: the release succeeds when nothing happens to it', () => {
    expect(undisturbed.end).toMatchObject({ outcome: 'succeeded', serving: { blue: 0, green: 2, other: 0 } });
    expect(undisturbed.changes).toEqual(['spot enterDeploymentMode', 'codedeploy CreateDeployment']);
  });

  it('is replaced with the same end and nothing done twice, whichever write to the store it died around', async () => {
    const points = writePoints(undisturbed, EVERY_RENEWAL);
    expect(points.length).toBeGreaterThan(70);
    expect(await crashEverywhere({}, undisturbed, points)).toEqual([]);
  }, 300_000);

  it('is replaced with the same end and nothing done twice, whichever call it died around', async () => {
    const points = callPoints(undisturbed, EVERY_READ);
    expect(points.length).toBeGreaterThan(35);
    expect(await crashEverywhere({}, undisturbed, points)).toEqual([]);
  }, 300_000);
});
