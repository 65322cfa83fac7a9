import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreen, BlueGreenError, MemoryStore } from '../src/index.js';
import type { BlueGreenOptions, CallOptions, RolloutEvent, RolloutResult } from '../src/index.js';
import { SimulatedCloud } from '../src/testing/index.js';
import type { Fault, SimulatedCloudOptions } from '../src/testing/index.js';
import { USER_DATA_SECRET } from '../src/testing/model/elastigroup-settings.js';
import { driverOf, eventSeen, mutates, specOf } from './helpers/crash.js';
import { rejection } from './helpers/release.js';

const clouds: SimulatedCloud[] = [];
afterEach(async () => {
  const pending = clouds.map((cloud) => cloud.clock.pending());
  await Promise.all(clouds.splice(0).map((cloud) => cloud.close()));
  expect(pending.filter((count) => count > 0)).toEqual([]);
});

function cloudWith(options: SimulatedCloudOptions = {}): SimulatedCloud {
  const cloud = new SimulatedCloud({ rateLimits: false, blue: 2, ...options });
  clouds.push(cloud);
  return cloud;
}

const scriptFails: Fault = { fault: 'script-fails', event: 'AfterAllowTraffic' };

/** What `deploy()` rejects with, as the error that carries the result. */
async function failureOf(
  cloud: SimulatedCloud,
  options: Partial<BlueGreenOptions> = {},
  call: CallOptions = {},
): Promise<BlueGreenError<RolloutResult>> {
  const blueGreen = driverOf(cloud, new MemoryStore(), 1, options);
  const error = await rejection(blueGreen.deploy(specOf(cloud), call));
  await blueGreen.close();
  return error as BlueGreenError<RolloutResult>;
}

describe('deploy()', () => {
  it('resolves for success alone, with what serves now', async () => {
    const cloud = cloudWith();
    const blueGreen = driverOf(cloud, new MemoryStore(), 1);
    const result = await blueGreen.deploy(specOf(cloud), { id: 'shop-412' });
    await blueGreen.close();
    expect(result).toMatchObject({ id: 'shop-412', kind: 'elastigroup', outcome: 'succeeded', strays: [] });
    expect(result.green?.instanceIds).toHaveLength(2);
    expect(result.error).toBeUndefined();
  });

  it('rejects when preflight refuses, and nothing was touched', async () => {
    const cloud = cloudWith({ deploymentGroup: { deploymentType: 'IN_PLACE' } });
    const error = await failureOf(cloud);
    expect(error).toMatchObject({ code: 'PREFLIGHT_REFUSED', blame: 'config', result: { outcome: 'refused' } });
    expect(error.message).toMatch(/^refused: /);
    expect(cloud.requests.filter(mutates)).toEqual([]);
  });

  it('rejects when the release was taken back, saying that it was the release', async () => {
    const error = await failureOf(cloudWith({ faults: [{ ...scriptFails, instance: 'all' }] }));
    expect(error).toMatchObject({ code: 'RELEASE_FAILED', blame: 'release', result: { outcome: 'rolled-back' } });
    expect(error.hint).not.toBe('');
    expect(error.stepId).toBe('await-codedeploy');
  });

  it('rejects when neither end could be reached, with a receipt that says how to mend it', async () => {
    // Looks so rarely that CodeDeploy calls it a success first, although one of two instances failed: past the pivot.
    const cloud = cloudWith({ faults: [scriptFails] });
    const error = await failureOf(cloud, { polling: { every: '5m', urgent: '5m' } });
    expect(error.result?.outcome).toBe('failed');
    const differing = error.result?.receipt.lines.filter(({ verdict }) => verdict === 'differs') ?? [];
    expect(differing.length).toBeGreaterThan(0);
    for (const line of differing) expect(line).toHaveProperty('fix');
    expect(error.result?.receipt.pivotPassedAt).toBeDefined();
  });

  it('rejects when this process is told to stop', async () => {
    const cloud = cloudWith();
    const stop = new AbortController();
    const begun = eventSeen(({ name }) => name === 'operation:send:completed');
    const failed = failureOf(cloud, { onEvent: begun.onEvent }, { signal: stop.signal, onSignal: 'suspend' });
    await begun.seen;
    stop.abort(new Error('the laptop is closed'));
    expect(await failed).toMatchObject({ code: 'SUSPENDED', result: { outcome: 'suspended' } });
  });

  it('takes the release back when its signal means that, as it does where nothing could be resumed', async () => {
    const cloud = cloudWith();
    const stop = new AbortController();
    const begun = eventSeen(({ name }) => name === 'operation:send:completed');
    const failed = failureOf(cloud, { onEvent: begun.onEvent }, { signal: stop.signal });
    await begun.seen;
    stop.abort(new Error('enough'));
    expect(await failed).toMatchObject({ code: 'ABORTED', result: { outcome: 'rolled-back' } });
    expect(cloud.snapshot().serving).toEqual({ blue: 2, green: 0, other: 0 });
  });

  it('rejects with an error that is recognised by its brand, and survives JSON', async () => {
    const error = await failureOf(cloudWith({ deploymentGroup: { deploymentType: 'IN_PLACE' } }));
    expect(BlueGreenError.is(error)).toBe(true);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code: 'PREFLIGHT_REFUSED', hint: error.hint });
  });

  it('refuses a call option that it does not know, and an id that cannot stand in a tag', async () => {
    const blueGreen = new BlueGreen();
    const spec = specOf(cloudWith());
    const slips: object[] = [{ idd: 'x' }, { id: 'a b' }, { onSignal: 'stop' }, { onEvent: 5 }, { signal: {} }];
    for (const call of slips) {
      const error = await rejection(blueGreen.start(spec, call));
      expect(error.code).toBe('OPTIONS_INVALID');
      expect(error.message).toContain(Object.keys(call)[0]);
    }
    await blueGreen.close();
  });
});

describe('a listener that throws', () => {
  it('changes nothing, and is told of to the logger', async () => {
    const cloud = cloudWith();
    const errors: string[] = [];
    const quiet = () => {};
    const logger = { debug: quiet, info: quiet, warn: quiet, error: (message: string) => void errors.push(message) };
    const onEvent = (): never => {
      throw new Error('the dashboard is down');
    };
    const blueGreen = driverOf(cloud, new MemoryStore(), 1, { onEvent, logger });
    expect((await blueGreen.deploy(specOf(cloud), { onEvent })).outcome).toBe('succeeded');
    expect(new Set(errors)).toEqual(new Set(['onEvent threw']));
    await blueGreen.close();
  });
});

describe('what must stay secret', () => {
  const AWS_SECRET = 'MARKED-aws-secret-access-key';
  const SPOT_TOKEN = 'simulated-token';

  it.each<[string, readonly Fault[]]>([
    ['a release that succeeds', []],
    ['a release that is taken back', [{ ...scriptFails, instance: 'all' }]],
    [
      'a release through every kind of trouble of the wire',
      [
        { fault: 'malformed', on: { service: 'spot', operation: 'readElastigroup' } },
        { fault: 'server-error', on: { service: 'spot', operation: 'listInstances' } },
        { fault: 'no-answer', on: { service: 'spot', operation: 'listDeploymentModes' } },
        { fault: 'lost-answer', on: { service: 'codedeploy', operation: 'CreateDeployment' } },
        { fault: 'throttled', on: { service: 'ec2' } },
        { fault: 'malformed', on: { service: 'elbv2' } },
      ],
    ],
    [
      'a release that is refused for its rights',
      [
        {
          fault: 'refused',
          on: { service: 'spot', operation: 'readElastigroup', times: 50 },
          code: 'Unauthorized',
          status: 401,
        },
      ],
    ],
  ])('shows nowhere in %s', async (_title, faults) => {
    const cloud = cloudWith({ faults });
    const { spot, aws } = cloud.options();
    const credentials = async () => ({ ...(await aws.credentials()), secretAccessKey: AWS_SECRET });
    const store = new MemoryStore();
    const told: unknown[] = [];
    const note = (...args: readonly unknown[]) => void told.push(args);
    const blueGreen = driverOf(cloud, store, 1, {
      spot,
      aws: { ...aws, credentials },
      onEvent: (event: RolloutEvent) => void told.push(event),
      logger: { debug: note, info: note, warn: note, error: note },
    });
    const rollout = await blueGreen.start(specOf(cloud), { id: 'r' });
    told.push(await rollout.result(), rollout.status(), await store.read('r'), rollout, blueGreen);
    const again = await blueGreen.deploy(specOf(cloud), { id: 'r' }).catch((error: unknown) => error);
    told.push(again, (again as Error).stack);
    await blueGreen.close();
    const everything = told
      .map((each) => inspect(each, { depth: 30, showHidden: true, maxStringLength: null }))
      .join('\n');
    expect(everything.length).toBeGreaterThan(1_000);
    for (const secret of [SPOT_TOKEN, AWS_SECRET, USER_DATA_SECRET]) expect(everything).not.toContain(secret);
  });
});
