import { MemoryStore, type BlueGreen, type Duration, type RolloutEvent } from '../../src/index.js';
import type { StoredEntry } from '../../src/ports/rollout-store.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { cloudOf, driverOf, ROLLOUT_ID, specOf, type Tale } from './crash.js';
import { CrashStore } from './crash-store.js';
import { TRAFFIC_ON_GREEN } from './crash-tales.js';

/** A rollout whose journal is kept: told from its beginning to its end, or to where its process stops. */
export interface GoldenStory extends Tale {
  /** The process is told to stop when it begins this step. */
  readonly suspendedAt?: `${'forward' | 'undo'} ${string}`;
  /** The process is dead right after this intent is written. */
  readonly killedAt?: string;
  /** Its call went out nevertheless, and nobody heard the answer. */
  readonly sent?: boolean;
  /** How often the clouds are looked at; less often than the default. */
  readonly every?: Duration;
}

const GATED: Tale = {
  deploymentGroup: { readyWaitMinutes: 60, terminationWaitMinutes: 60 },
  spec: { bake: '5m', gates: [{ name: 'qa', before: 'PRE_PRODUCTION_TRAFFIC_SHIFT' }] },
};

/** By the names of their files in `test/fixtures/journals`. */
export const GOLDEN_STORIES: Readonly<Record<string, GoldenStory>> = {
  succeeded: {},
  'gate-and-bake': GATED,
  'rolled-back': TRAFFIC_ON_GREEN,
  // Nothing waits in Ready: CodeDeploy calls a part of green a success, and blue goes.
  failed: { every: '20m', faults: [{ fault: 'script-fails', event: 'ValidateService', instance: 0 }] },
  'suspended-before-green': { suspendedAt: 'forward await-green' },
  'suspended-at-gate': { ...GATED, suspendedAt: 'forward gate/qa' },
  'suspended-in-release': { suspendedAt: 'forward await-codedeploy' },
  'suspended-in-bake': { ...GATED, suspendedAt: 'forward await-bake' },
  'suspended-past-pivot': { suspendedAt: 'forward await-blue-retired' },
  'suspended-going-back': { ...TRAFFIC_ON_GREEN, suspendedAt: 'undo leave-deployment-mode' },
  'killed-before-mode': { killedAt: 'enter-deployment-mode' },
  'killed-before-release': { killedAt: 'release-green/1' },
  'killed-after-release': { killedAt: 'release-green/1', sent: true },
};

export interface GoldenTold {
  readonly cloud: SimulatedCloud;
  /** What this version of the library wrote. */
  readonly entries: readonly StoredEntry[];
}

/** Tells a story as far as it goes; the cloud is left as it stands then, and is the caller's to close. */
export async function tellGolden({ suspendedAt, killedAt, sent, every, ...tale }: GoldenStory): Promise<GoldenTold> {
  const cloud = cloudOf(tale);
  const under = new MemoryStore();
  const store = new CrashStore(under);
  const append = store.append.bind(store);
  store.append = async (...args) => {
    await append(...args);
    const [entry] = args[2];
    if (entry?.['type'] !== 'operation-intended' || entry['key'] !== killedAt) return;
    store.break();
    if (sent !== true) throw new Error('the process is dead');
  };
  let stopped: Promise<unknown> = Promise.resolve();
  const blueGreen: BlueGreen = driverOf(cloud, store, 1, {
    ...(every === undefined ? {} : { polling: { every, urgent: every } }),
    onEvent: (event) => {
      answerGates(blueGreen, event);
      if (event.name !== 'step:run:started') return;
      if (`${event.data.direction} ${event.data.step}` === suspendedAt) stopped = blueGreen.suspend();
    },
  });
  const rollout = await blueGreen.start(specOf(cloud, tale.spec), { id: ROLLOUT_ID });
  await rollout.result();
  await stopped;
  await blueGreen.close();
  return { cloud, entries: await under.read(ROLLOUT_ID) };
}

/** Somebody is there to say yes, at the first look of every gate. */
export function answerGates(blueGreen: BlueGreen, { name, data, rolloutId }: RolloutEvent): void {
  if (name !== 'step:run:observed' || !data.step.startsWith('gate/') || rolloutId === undefined) return;
  void blueGreen.approve(rolloutId, data.step.slice('gate/'.length), { by: 'ada' }).catch(() => {});
}

export const journalText = (entries: readonly StoredEntry[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');

export const journalOf = (text: string): StoredEntry[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StoredEntry);
