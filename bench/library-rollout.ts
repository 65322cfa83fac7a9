import { BlueGreen, MemoryStore, type EventName, type RolloutResult } from '../src/index.js';
import { SimulatedCloud } from '../src/testing/index.js';
import type { SimulatedCloudOptions } from '../src/testing/simulated-cloud-options.js';
import { watchTruth, type Instants } from './truth.js';

export interface LibraryEnd {
  readonly cloud: SimulatedCloud;
  readonly result: RolloutResult;
  /** Simulated. */
  readonly tookMs: number;
  readonly realMs: number;
  readonly instants: Instants;
}

const NEEDS_TIME: ReadonlySet<string> = new Set<EventName>([
  'operation:send:intended',
  'cloud:call:failed',
  'step:run:failed',
  'rollout:finish:recorded',
]);

/** One rollout as a user would start it, with the library's defaults and the cloud's rate limits, to its end. */
export async function runLibrary(options: SimulatedCloudOptions): Promise<LibraryEnd> {
  await using cloud = new SimulatedCloud(options);
  // Through tsx every import() of the library asks a thread of its own, which a busy machine may starve for longer than
  // the simulated clock believes: time stands still until preflight has used every client once, or something must wait.
  const timeMayPass = cloud.clock.hold();
  const blueGreen = new BlueGreen({
    ...cloud.options(),
    store: new MemoryStore(),
    onEvent: ({ name }) => {
      if (NEEDS_TIME.has(name)) timeMayPass();
    },
  });
  const truth = watchTruth(cloud);
  const startedAt = cloud.clock.now();
  const realStart = performance.now();
  const rollout = await blueGreen.start(cloud.spec());
  const result = await rollout.result();
  const realMs = performance.now() - realStart;
  const tookMs = cloud.clock.now() - startedAt;
  truth.stop();
  timeMayPass();
  await blueGreen.close();
  return { cloud, result, tookMs, realMs, instants: truth.instants };
}

/** When the first such request arrived, in simulated milliseconds since the cloud was made; NaN if none did. */
export function firstRequestAt(cloud: SimulatedCloud, operation: string): number {
  return cloud.requests.find((request) => request.operation === operation)?.atMs ?? Number.NaN;
}

/** What changed something, in the order of arrival. */
export function mutationsOf(cloud: SimulatedCloud): readonly string[] {
  return cloud.requests
    .filter(({ operation }) => !/^(list|read|describe|get|batchget)/i.test(operation))
    .map(({ service, operation }) => `${service} ${operation}`);
}
