import { expect } from 'vitest';
import {
  MemoryStore,
  type BlueGreen,
  type BlueGreenOptions,
  type RolloutEvent,
  type RolloutResult,
} from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { cloudOf, driverOf, ROLLOUT_ID, specOf, type Tale } from './crash.js';
import { CrashStore } from './crash-store.js';
import { watchInvariants, type Watch } from './invariants.js';
import { notAsBefore } from './rollback.js';
import type { StoredEntry } from '../../src/ports/rollout-store.js';
import { WIRES } from './wires.js';

/** A rollout whose time is up, over as many processes as it takes. */
export interface TimedOutStory {
  readonly tale?: Tale;
  readonly spec?: object;
  readonly options: Partial<BlueGreenOptions>;
  readonly onEvent?: (event: RolloutEvent, cloud: SimulatedCloud, blueGreen: BlueGreen) => void;
  /** The first process dies right after this was written. */
  readonly dies?: 'timeout-decided';
}

export interface TimedOutRollout extends AsyncDisposable {
  readonly cloud: SimulatedCloud;
  readonly watch: Watch;
  readonly first: RolloutResult;
  readonly events: readonly RolloutEvent[];
  readonly sent: () => readonly string[];
  /** What the journal says was decided about times that were up, in order. */
  readonly decided: () => Promise<readonly StoredEntry[]>;
  /** Another process with the same store. */
  readonly process: (options?: Partial<BlueGreenOptions>) => BlueGreen;
  /** Another process resumes it once the clouds are well, and drives it for as long as it can. */
  readonly resumed: (options?: Partial<BlueGreenOptions>) => Promise<RolloutResult>;
}

export async function timedOut(story: TimedOutStory): Promise<TimedOutRollout> {
  const wire = WIRES.short;
  const cloud = cloudOf(story.tale, wire.clock());
  const watch = watchInvariants(cloud);
  const under = new MemoryStore();
  const events: RolloutEvent[] = [];
  const open: BlueGreen[] = [];
  const processOf = (store: MemoryStore | CrashStore, options: Partial<BlueGreenOptions>): BlueGreen => {
    const blueGreen = driverOf(cloud, store, open.length + 1, {
      ...wire.options(cloud),
      ...story.options,
      ...options,
      onEvent: (event) => {
        events.push(event);
        story.onEvent?.(event, cloud, blueGreen);
      },
    });
    open.push(blueGreen);
    return blueGreen;
  };
  const store: CrashStore = new CrashStore(under, (n, when) => {
    if (story.dies !== undefined && when === 'after' && store.writes[n - 1] === story.dies) store.break();
  });
  const rollout = await processOf(store, {}).start(specOf(cloud, story.spec), { id: ROLLOUT_ID });
  const first = await rollout.result();
  const process = (options = {}): BlueGreen => processOf(under, options);
  return {
    cloud,
    watch,
    first,
    events,
    sent: () => watch.sent,
    decided: async () => (await under.read(ROLLOUT_ID)).filter(({ type }) => type === 'timeout-decided'),
    process,
    resumed: async (options) => {
      cloud.faults.clear();
      return (await process(options).resume(ROLLOUT_ID)).result();
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(open.map((blueGreen) => blueGreen.close()));
      await cloud.close();
    },
  };
}

type OnTimeoutOption = NonNullable<BlueGreenOptions['onTimeout']>;

export const ORDER = { by: 'Ada', reason: 'not tonight' };
export const begins = (event: { name: string; data: unknown }, step: string): boolean =>
  event.name === 'step:run:started' && (event.data as { step: string }).step === step;

/** Green is waited for; it launches later than the step may take. */
export const atGreen = (onTimeout: OnTimeoutOption, more: Partial<TimedOutStory> = {}): TimedOutStory => ({
  options: { timeouts: { steps: { 'await-green': '5s' } }, onTimeout },
  ...more,
});

/** A gate stands open, and with it the time of the whole rollout runs out. */
export const atGate = (onTimeout: OnTimeoutOption, more: Partial<TimedOutStory> = {}): TimedOutStory => ({
  // What Spot makes of a deployment that was stopped is another story.
  tale: { deploymentGroup: { readyWaitMinutes: 600 }, undocumented: { whenDeploymentFails: 'only-removes-green' } },
  spec: { gates: [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT', expiresIn: '5h' }] },
  options: { timeouts: { rollout: '20m' }, onTimeout },
  ...more,
});

/** Blue is going, and nobody can see it for longer than the step may take. */
export const pastPivot = (onTimeout: OnTimeoutOption, more: Partial<TimedOutStory> = {}): TimedOutStory => {
  let struck = false;
  return {
    options: { timeouts: { steps: { 'await-blue-retired': '1m' } }, onTimeout },
    onEvent: (event, cloud) => {
      if (event.name === 'rollout:timeout:decided') cloud.faults.clear();
      if (struck || !begins(event, 'await-blue-retired')) return;
      struck = true;
      cloud.faults.add({ fault: 'server-error', on: { service: 'spot', times: 100_000 } });
    },
    ...more,
  };
};

export function isReleased({ cloud, watch }: TimedOutRollout): void {
  expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
  expect(watch.violations).toEqual([]);
  expect(cloud.traffic.failed).toBe(0);
  for (const operation of ['spot enterDeploymentMode', 'codedeploy CreateDeployment'])
    expect(watch.sent.filter((sent) => sent === operation)).toHaveLength(1);
}

export function isAsBefore({ cloud, watch }: TimedOutRollout): void {
  expect(notAsBefore(watch.before, cloud.snapshot(), 'at the end')).toEqual([]);
  expect(watch.violations).toEqual([]);
  expect(cloud.traffic.failed).toBe(0);
}
