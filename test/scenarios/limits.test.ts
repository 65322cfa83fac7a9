import { WIRES } from '../helpers/wires.js';
import { afterEach, describe, expect, test } from 'vitest';
import { AwsLimits, BlueGreen, BlueGreenError, MemoryStore, SpotLimits } from '../../src/index.js';
import type { BlueGreenOptions, ElastigroupSpec, RolloutResult } from '../../src/index.js';
import { SimulatedClock, SimulatedCloud } from '../../src/testing/index.js';
import type { SimulatedCloudOptions } from '../../src/testing/simulated-cloud-options.js';
import { openAnotherShop, throttledIn } from '../../bench/many-shops.js';

const clouds: SimulatedCloud[] = [];
const drivers: BlueGreen[] = [];
afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()));
  await Promise.all(clouds.splice(0).map((cloud) => cloud.close()));
});

/** An account with so many shops, and the specs of their releases. */
function account(count: number, options: SimulatedCloudOptions = {}) {
  const cloud = new SimulatedCloud({ clock: WIRES.short.clock(), requestsPerSecond: 0.1, blue: 1, ...options });
  clouds.push(cloud);
  const specs = Array.from({ length: count }, (_, at) => openAnotherShop(cloud, at));
  return { cloud, specs };
}

function driverOf(cloud: SimulatedCloud, options: Partial<BlueGreenOptions> = {}): BlueGreen {
  const driver = new BlueGreen({ ...WIRES.short.options(cloud), logger: false, store: new MemoryStore(), ...options });
  drivers.push(driver);
  return driver;
}

async function releaseAll(driver: BlueGreen, specs: readonly ElastigroupSpec[]): Promise<readonly RolloutResult[]> {
  return Promise.all(specs.map(async (spec) => (await driver.start(spec)).result()));
}

const outcomes = (results: readonly RolloutResult[]): readonly string[] => results.map(({ outcome }) => outcome);
const calls = (cloud: SimulatedCloud, operation: string): number =>
  cloud.requests.filter((request) => request.operation === operation).length;

describe('several rollouts in one account', () => {
  test('are never throttled under tight limits, and all end', async () => {
    const { cloud, specs } = account(6, { rateLimits: { spotPerMinute: 30 } });
    expect(outcomes(await releaseAll(driverOf(cloud), specs))).toEqual(Array(6).fill('succeeded'));
    expect(throttledIn(cloud)).toEqual([]);
  });

  test('read their deployments together, and one alone reads its own', async () => {
    const many = account(6);
    await releaseAll(driverOf(many.cloud), many.specs);
    const batches = many.cloud.requests.flatMap(({ operation, body }) =>
      operation === 'BatchGetDeployments' ? [(body as { deploymentIds: string[] }).deploymentIds.length] : [],
    );
    expect(Math.max(...batches)).toBeGreaterThan(2);

    const one = account(1);
    await releaseAll(driverOf(one.cloud), one.specs);
    expect(calls(one.cloud, 'GetDeployment')).toBeGreaterThan(0);
    expect(calls(many.cloud, 'GetDeployment')).toBeLessThan(6 * calls(one.cloud, 'GetDeployment'));
  });

  test('of two instances are not throttled where these share what the clouds allow', async () => {
    const { cloud, specs } = account(6, { rateLimits: { spotPerMinute: 30 } });
    const limits = { aws: new AwsLimits(cloud.clock), spot: new SpotLimits(cloud.clock) };
    const both = [driverOf(cloud, { limits }), driverOf(cloud, { limits })];
    const results = await Promise.all(
      both.map((driver, at) =>
        releaseAll(
          driver,
          specs.filter((_, n) => n % 2 === at),
        ),
      ),
    );
    expect(outcomes(results.flat())).toEqual(Array(6).fill('succeeded'));
    expect(throttledIn(cloud)).toEqual([]);
  });
});

test('rollouts of many instances, each alone in its own, keep to what reads of single deployments allow', async () => {
  const { cloud, specs } = account(8, { rateLimits: { spotPerMinute: 6_000 } });
  const limits = { aws: new AwsLimits(cloud.clock) };
  const results = await Promise.all(specs.map((spec) => releaseAll(driverOf(cloud, { limits }), [spec])));
  expect(outcomes(results.flat())).toEqual(Array(8).fill('succeeded'));
  expect(calls(cloud, 'GetDeployment')).toBeGreaterThan(41);
  expect(throttledIn(cloud)).toEqual([]);
});

describe('two accounts in one process', () => {
  test.each([
    ['denied', { fault: 'refused', code: 'AccessDeniedException', status: 403 } as const],
    ['down', { fault: 'server-error', status: 503 } as const],
  ])('one that is %s leaves the other as it is', async (_, trouble) => {
    const alone = account(3);
    const undisturbed = await releaseAll(driverOf(alone.cloud), alone.specs);

    const clock = new SimulatedClock();
    const good = account(3, { clock });
    const bad = account(3, { clock });
    for (const service of ['codedeploy', 'ec2', 'elbv2', 'spot'] as const)
      bad.cloud.inject({ ...trouble, on: { service, times: 100_000 } });
    const [fine, broken] = await Promise.all([
      releaseAll(driverOf(good.cloud), good.specs),
      releaseAll(driverOf(bad.cloud), bad.specs),
    ]);
    expect(outcomes(fine)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(outcomes(broken)).not.toContain('succeeded');
    expect(took(fine)).toEqual(took(undisturbed));
    expect(good.cloud.requests.length).toBe(alone.cloud.requests.length);
    expect(throttledIn(good.cloud)).toEqual([]);
  });
});

/** From the first start to the last end, in simulated milliseconds. */
function took(results: readonly RolloutResult[]): number {
  const times = results.flatMap(({ startedAt, finishedAt }) => [startedAt, finishedAt ?? startedAt].map(Date.parse));
  return Math.max(...times) - Math.min(...times);
}

test.each([
  [{ aws: {} }, 'limits.aws'],
  [{ spot: {} }, 'limits.spot'],
  [{ codeDeploy: {} }, 'limits'],
])('what is no limit is refused: %j', (limits, field) => {
  const refusal = (() => {
    try {
      return new BlueGreen({ limits: limits as never });
    } catch (error) {
      return error;
    }
  })();
  expect(BlueGreenError.is(refusal) && { code: refusal.code, details: refusal.details }).toEqual({
    code: 'OPTIONS_INVALID',
    details: { field },
  });
});
