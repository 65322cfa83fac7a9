import { BlueGreen, MemoryStore, type RolloutEvent, type RolloutResult, type RolloutStatus } from '../../src/index.js';
import type { ReportedRollout } from '../../src/report/render-report.js';
import type { ElastigroupSpec } from '../../src/specs/elastigroup-spec.js';
import type { Fault } from '../../src/testing/faults.js';
import type { SimulatedCloudOptions } from '../../src/testing/simulated-cloud-options.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { WIRES } from '../helpers/wires.js';

/** What a rollout told and how it ended, kept after its cloud is gone. */
export interface Recorded {
  readonly id: string;
  readonly events: readonly RolloutEvent[];
  readonly status: RolloutStatus;
  readonly result: RolloutResult;
}

export interface Story {
  readonly faults?: readonly Fault[];
  readonly cloud?: SimulatedCloudOptions;
  readonly spec?: Partial<ElastigroupSpec>;
  readonly onEvent?: (event: RolloutEvent, rollout: Awaited<ReturnType<BlueGreen['start']>>) => Promise<void> | void;
}

const FAILING_SCRIPT: Fault = {
  fault: 'script-fails',
  event: 'AfterInstall',
  instance: 0,
  scriptName: 'scripts/after_install.sh',
  message: 'scripts/after_install.sh failed with exit code 1',
  logTail: 'LifecycleEvent - AfterInstall\n[stdout]linking release 412\n[stderr]npm ERR! Cannot find module express',
};

export async function record({ faults = [], cloud: options = {}, spec = {}, onEvent }: Story = {}): Promise<Recorded> {
  const cloud = new SimulatedCloud({ clock: WIRES.near.clock(), rateLimits: false, ...options, faults });
  const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore() });
  try {
    const rollout = await blueGreen.start(cloud.spec(spec) as ElastigroupSpec);
    const events: RolloutEvent[] = [];
    for await (const event of rollout.events()) {
      events.push(event);
      await onEvent?.(event, rollout);
    }
    return { id: rollout.id, events, status: rollout.status(), result: await rollout.result() };
  } finally {
    await blueGreen.close();
    await cloud.close();
  }
}

export function replayed({ id, events, status, result }: Recorded): ReportedRollout {
  return {
    id,
    status: () => status,
    result: async () => result,
    events: async function* () {
      yield* events;
    },
  };
}

/** The same record with more behind every text that comes from outside. */
export function withHostile(recorded: Recorded, hostile: string): Recorded {
  const names = new Set([
    'message',
    'logTail',
    'saw',
    'by',
    'reason',
    'title',
    'call',
    'token',
    'what',
    'subject',
    'fix',
    // Of what waits tell machines.
    'id',
    'status',
    'mode',
    'event',
    'eventStatus',
    'hash',
    'untilAt',
  ]);
  const spoil = (value: unknown, name = '', inTags = false): unknown => {
    if (typeof value === 'string') return names.has(name) || inTags ? value + hostile : value;
    if (Array.isArray(value))
      return value.map((each) => spoil(each, name, name === 'targets' || name === 'instanceIds'));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        name === 'tags' ? key + hostile : key,
        spoil(each, key, name === 'tags'),
      ]),
    );
  };
  return spoil(recorded) as Recorded;
}

let out: Promise<Recorded> | undefined;
let back: Promise<Recorded> | undefined;

/** A release that went out; the same one for every test of a file. */
export const wentOut = (): Promise<Recorded> => (out ??= record());

/** A release whose script failed on one instance, and which was taken back; the same one for every test of a file. */
export const takenBack = (): Promise<Recorded> => (back ??= record({ faults: [FAILING_SCRIPT] }));
