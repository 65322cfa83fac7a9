import { beforeAll, describe, expect, it } from 'vitest';
import type { Told } from '../helpers/crash.js';
import { tellWithoutCrash } from '../helpers/crash.js';
import { crashEverywhere, writePoints } from '../helpers/crash-points.js';
import { TRAFFIC_ON_GREEN } from '../helpers/crash-tales.js';

// Each point costs a whole release with its way back: renewals of the lease are sampled.
const EVERY_RENEWAL = 8;
const TALE = TRAFFIC_ON_GREEN;

describe('a process that dies before or on the way back from a release that failed with traffic on green', () => {
  let undisturbed: Told;
  beforeAll(async () => {
    undisturbed = await tellWithoutCrash(TALE);
  });

  it('is replaced with blue serving as before and nothing done twice, whichever write to the store it died around', async () => {
    const points = writePoints(undisturbed, EVERY_RENEWAL);
    expect(points.length).toBeGreaterThan(90);
    expect(await crashEverywhere(TALE, undisturbed, points)).toEqual([]);
  }, 300_000);
});
