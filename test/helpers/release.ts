import { BlueGreen, BlueGreenError, MemoryStore } from '../../src/index.js';
import type { BlueGreenOptions, CallOptions, RolloutEvent, RolloutResult } from '../../src/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import type { ElastigroupSpec } from '../../src/specs/elastigroup-spec.js';
import type { Fault } from '../../src/testing/faults.js';
import type { SimulatedCloudOptions } from '../../src/testing/simulated-cloud-options.js';
import { WIRES } from './wires.js';

/** One release against a simulated cloud of its own. */
export interface ReleaseStory {
  readonly cloud?: SimulatedCloudOptions;
  readonly faults?: readonly Fault[];
  readonly spec?: Partial<ElastigroupSpec>;
  readonly options?: Partial<BlueGreenOptions>;
  readonly call?: CallOptions;
  /** `short` for what is told many times over, `full` where sockets matter. @defaultValue 'near' */
  readonly wire?: keyof typeof WIRES;
  /** Last touches to the cloud before the release starts. */
  readonly prepare?: (cloud: SimulatedCloud) => void;
  /** Called with every event while the release runs. */
  readonly onEvent?: (event: RolloutEvent, cloud: SimulatedCloud, blueGreen: BlueGreen) => void;
}

export interface ReleaseEnd {
  readonly cloud: SimulatedCloud;
  readonly blueGreen: BlueGreen;
  readonly result: RolloutResult;
  readonly events: readonly RolloutEvent[];
  /** Simulated milliseconds from start to end. */
  readonly tookMs: number;
  /** The mutating operations that the cloud received, in order, as `service operation`. */
  readonly mutations: readonly string[];
}

const READS = /^(list|read|describe|get|batchget)/i;

/** Runs a release to its end and leaves the cloud open for looking; `closeClouds` closes all of them. */
export async function release(story: ReleaseStory = {}): Promise<ReleaseEnd> {
  const wire = WIRES[story.wire ?? 'near'];
  const cloud = new SimulatedCloud({
    rateLimits: false,
    clock: wire.clock(),
    ...story.cloud,
    faults: story.faults ?? [],
  });
  open.push(cloud);
  story.prepare?.(cloud);
  const events: RolloutEvent[] = [];
  const access = wire.options(cloud);
  const blueGreen: BlueGreen = new BlueGreen({
    ...access,
    store: new MemoryStore(),
    ...story.options,
    spot: { ...access.spot, ...story.options?.spot },
    onEvent: (event) => {
      events.push(event);
      story.onEvent?.(event, cloud, blueGreen);
    },
  });
  const startedAt = cloud.clock.now();
  const rollout = await blueGreen.start(cloud.spec(story.spec ?? {}) as ElastigroupSpec, story.call);
  const result = await rollout.result();
  const tookMs = cloud.clock.now() - startedAt;
  await blueGreen.close();
  const mutations = cloud.requests
    .filter(({ operation }) => !READS.test(operation))
    .map(({ service, operation }) => `${service} ${operation}`);
  return { cloud, blueGreen, result, events, tookMs, mutations };
}

const open: SimulatedCloud[] = [];

/** For `afterEach`: closes every cloud of the test, and fails it if something still sleeps. */
export async function closeClouds(): Promise<void> {
  const clouds = open.splice(0);
  const sleeping = clouds.map((cloud) => cloud.clock.pending());
  await Promise.all(clouds.map((cloud) => cloud.close()));
  if (sleeping.some((count) => count > 0))
    throw new Error(`something still sleeps after the test: ${sleeping.join(', ')}`);
}

/** The error that a promise rejects with, as ours. */
export async function rejection(promise: Promise<unknown>): Promise<BlueGreenError> {
  const error: unknown = await promise.then(
    () => new Error('it did not reject'),
    (reason: unknown) => reason,
  );
  if (BlueGreenError.is(error)) return error;
  throw error;
}
