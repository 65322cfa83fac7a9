import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreen, MemoryStore } from '../../src/index.js';
import type { Fault } from '../../src/testing/faults.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { closeClouds } from '../helpers/release.js';

afterEach(closeClouds);

const scriptFails: Fault = { fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' };

describe('credentials that change while a release runs', () => {
  it.each<[string, readonly Fault[], string]>([
    ['goes out', [], 'succeeded'],
    ['is taken back', [scriptFails], 'rolled-back'],
  ])('a release %s with Spot’s token and AWS’s keys replaced all the time', async (_title, faults, outcome) => {
    await using cloud = new SimulatedCloud({ blue: 2, rateLimits: false, faults });
    const { spot, aws, ...options } = cloud.options();
    let tokens = 0;
    let keys = 0;
    const blueGreen = new BlueGreen({
      ...options,
      spot: {
        ...spot,
        // Every third token has just ended: Spot refuses it, and whoever asks again gets the one that came after it.
        token: async () => ((tokens += 1) % 3 === 0 ? `ended-${tokens}` : spot.token()),
      },
      aws: {
        ...aws,
        // Each lives so short that the SDK asks anew for every call.
        credentials: async () => {
          keys += 1;
          return { ...(await aws.credentials()), sessionToken: `session-${keys}`, expiration: new Date() };
        },
      },
      store: new MemoryStore(),
    });
    const rollout = await blueGreen.start(cloud.spec());
    expect((await rollout.result()).outcome).toBe(outcome);
    await blueGreen.close();
    const ofSpot = cloud.requests.filter(({ service }) => service === 'spot');
    const refused = ofSpot.filter(({ status }) => status === 401);
    expect(refused.length).toBeGreaterThan(3);
    // Changes among them, and none of them was made twice.
    expect(
      ofSpot.filter(({ operation, status }) => operation === 'enterDeploymentMode' && status === 200),
    ).toHaveLength(1);
    expect(keys).toBeGreaterThanOrEqual(cloud.requests.length - ofSpot.length);
  });
});
