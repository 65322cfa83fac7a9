import { expect } from 'vitest';
import type { BlueGreenErrorJson, BlueGreenOptions, ErrorCode, RolloutResult } from '../../../src/index.js';
import { BlueGreen, BlueGreenError, MemoryStore, renderReport } from '../../../src/index.js';
import type { RolloutStore } from '../../../src/ports/rollout-store.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import { cloudOf, driverOf, eventSeen, mutates, ROLLOUT_ID, type Tale } from '../../helpers/crash.js';
import { rejection, release, type ReleaseStory } from '../../helpers/release.js';
import { WIRES } from '../../helpers/wires.js';

/** An error as whoever meets it has it. */
export interface Provoked {
  readonly error: BlueGreenErrorJson;
  /** How the rollout ended; absent where none did: the call was refused. */
  readonly outcome?: RolloutResult['outcome'] | undefined;
  /** The mutating calls that the clouds saw from what brought the error about until it was told. */
  readonly sent: readonly string[];
  /** What the result says, where the error is one of the way back. */
  readonly takenBackFor?: ErrorCode;
}

export interface Provocation {
  /** `nothing`: no mutating call may have been sent. Of a refused rollout that holds in any case. */
  readonly sends: 'nothing' | 'something';
  /** Facts about the error that only this story can tell. */
  readonly says?: RegExp;
  readonly provoke: () => Promise<Provoked>;
}

/** A whole release against a cloud of its own. */
export async function ofRelease(story: ReleaseStory): Promise<Provoked> {
  const { result, mutations } = await release({
    wire: 'short',
    ...story,
    cloud: { blue: 2, requestsPerSecond: 1, deregistrationDelayMs: 10_000, ...story.cloud },
    options: { polling: { every: '15s', urgent: '5s', holding: '1m' }, ...story.options },
  });
  return ofResult(result, mutations);
}

/** A release whose way back does not come to its end: what that says, and not why the release was taken back. */
export async function ofWayBack(story: ReleaseStory): Promise<Provoked> {
  const errors: BlueGreenErrorJson[] = [];
  const store = new MemoryStore();
  const told = await ofRelease({
    ...story,
    call: { id: ROLLOUT_ID },
    options: { ...story.options, store },
    onEvent: (event, cloud, blueGreen) => {
      if (event.name === 'step:run:failed' && event.data.direction === 'undo') errors.push(event.data.error);
      story.onEvent?.(event, cloud, blueGreen);
    },
  });
  const [error] = errors;
  if (error === undefined) throw new Error(`no step of the way back failed; it ended ${told.outcome}`);
  const reader = new BlueGreen({ store, logger: false });
  const rollout = await reader.watch(ROLLOUT_ID);
  expect(await renderReport(rollout)).toContain(error.message);
  await reader.close();
  return { ...told, error, takenBackFor: told.error.code };
}

export function ofResult({ error, outcome }: RolloutResult, sent: readonly string[]): Provoked {
  if (error === undefined) throw new Error(`it ended ${outcome}, and without an error`);
  return { error, outcome, sent };
}

/** A cloud, a store, and processes that work with both. */
export interface Scene extends AsyncDisposable {
  readonly cloud: SimulatedCloud;
  readonly store: MemoryStore;
  readonly process: (options?: Partial<BlueGreenOptions>, store?: RolloutStore) => BlueGreen;
  /** Counts from now on: the answered function tells what was sent since. */
  readonly watch: () => () => readonly string[];
}

export function scene(tale: Tale = {}): Scene {
  const wire = WIRES.short;
  const cloud = cloudOf(tale, wire.clock());
  const store = new MemoryStore();
  const open: BlueGreen[] = [];
  return {
    cloud,
    store,
    process: (options = {}, own = store) => {
      const blueGreen = driverOf(cloud, own, open.length + 1, { ...wire.options(cloud), ...options });
      open.push(blueGreen);
      return blueGreen;
    },
    watch: () => changesSince(cloud),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(open.map((blueGreen) => blueGreen.close()));
      await cloud.close();
    },
  };
}

/** Counts from now on: the answered function tells which mutating calls came since. */
export function changesSince({ requests }: SimulatedCloud): () => readonly string[] {
  const before = requests.length;
  return () =>
    requests
      .slice(before)
      .filter(mutates)
      .map(({ service, operation }) => `${service} ${operation}`);
}

/** A call that rejects. */
export async function ofCall({ watch }: Scene, call: () => Promise<unknown>): Promise<Provoked> {
  const sent = watch();
  const { outcome, error } = rejected(await rejection(call()));
  return { error, outcome, sent: sent() };
}

export function ofThrow(work: () => unknown): Provoked {
  try {
    work();
  } catch (error) {
    if (BlueGreenError.is(error)) return { error: error.toJSON(), sent: [] };
    throw error;
  }
  throw new Error('nothing was thrown');
}

function rejected(error: BlueGreenError): Pick<Provoked, 'error' | 'outcome'> {
  return { error: error.toJSON(), outcome: (error.result as RolloutResult | undefined)?.outcome };
}

/** Resolves once the step begins; `onEvent` listens for that. */
export const whenBegins = (step: string) =>
  eventSeen(({ name, data }) => name === 'step:run:started' && (data as { readonly step: string }).step === step);
