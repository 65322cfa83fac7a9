import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { BlueGreenOptions, SweepReport } from '../../src/index.js';
import type { RolloutStore } from '../../src/ports/rollout-store.js';
import { SimulatedCloud, type SimulatedCloudOptions } from '../../src/testing/index.js';
import { driverOf, mutates, ROLLOUT_ID, specOf } from './crash.js';
import { CrashStore } from './crash-store.js';
import { WIRES } from './wires.js';

export const MINUTE_MS = 60_000;
export const READY = { deploymentGroup: { readyWaitMinutes: 60 } } as const;

export const cloudOf = (options: SimulatedCloudOptions = {}): SimulatedCloud =>
  new SimulatedCloud({
    clock: WIRES.near.clock(),
    rateLimits: false,
    blue: 2,
    deregistrationDelayMs: 10_000,
    ...options,
  });

/** The driver dies in the instant in which this step begins; its store, its lease and its locks stay as they are. */
export async function dieIn(
  cloud: SimulatedCloud,
  under: RolloutStore,
  step: string,
  options: Partial<BlueGreenOptions> = {},
  spec: object = {},
): Promise<void> {
  const store = new CrashStore(under);
  const first = driverOf(cloud, store, 1, {
    ...options,
    onEvent: ({ name, data }) => {
      if (name === 'step:run:started' && (data as { step: string }).step === step) store.break();
    },
  });
  const rollout = await first.start(specOf(cloud, spec), { id: ROLLOUT_ID });
  expect((await rollout.result()).outcome).toBe('suspended');
  await first.close();
}

/** Another process looks, and nothing else of it stays awake. */
export async function sweepWith(
  cloud: SimulatedCloud,
  store: RolloutStore,
  options: { readonly dryRun?: boolean } = {},
): Promise<{ readonly report: SweepReport; readonly mutations: readonly string[] }> {
  const before = cloud.requests.length;
  // As often as by default: Spot notices a stopped deployment, and must not be left alone with it.
  const second = driverOf(cloud, store, 2, { polling: {} });
  const report = await second.sweep(options);
  await second.close();
  expect(cloud.clock.pending()).toBe(0);
  expect(JSON.parse(JSON.stringify(report))).toStrictEqual(report);
  return {
    report,
    mutations: cloud.requests
      .slice(before)
      .filter(mutates)
      .map(({ operation }) => operation),
  };
}

export const whats = ({ leftovers }: SweepReport): readonly string[] => leftovers.map(({ what }) => what);
export const ofGreen = (cloud: SimulatedCloud): readonly string[] =>
  cloud
    .snapshot()
    .instances.flatMap(({ colour, state, instanceId }) =>
      colour === 'green' && state !== 'terminated' && state !== 'shutting-down' ? [instanceId] : [],
    );

export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'sweep-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
