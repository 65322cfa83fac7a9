import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../src/index.js';
import type { BlueGreen, RolloutEvent } from '../src/index.js';
import type { SimulatedCloud } from '../src/testing/index.js';
import { cloudOf, driverOf, eventSeen, ROLLOUT_ID, specOf } from './helpers/crash.js';
import { rejection } from './helpers/release.js';

describe('a rollout’s handle', () => {
  let cloud: SimulatedCloud;
  let store: MemoryStore;
  let blueGreen: BlueGreen;
  const live: RolloutEvent[] = [];
  const begun = () =>
    eventSeen(({ name, data }) => name === 'step:run:started' && 'step' in data && data.step === 'await-green');
  beforeEach(() => {
    live.length = 0;
    cloud = cloudOf();
    store = new MemoryStore();
    blueGreen = driverOf(cloud, store, 1, { onEvent: (event) => void live.push(event) });
  });
  afterEach(async () => {
    await blueGreen.close();
    const pending = cloud.clock.pending();
    await cloud.close();
    expect(pending).toBe(0);
  });

  it('is not a thenable: awaiting it twice gives the handle, not the result', async () => {
    const rollout = await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID });
    expect('then' in rollout).toBe(false);
    expect(await Promise.resolve(rollout)).toBe(rollout);
    await rollout.result();
  });

  it('tells every event from the first one on, whenever it is asked, and ends with the rollout', async () => {
    const rollout = await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID });
    const early: RolloutEvent[] = [];
    for await (const event of rollout.events()) early.push(event);
    const late: RolloutEvent[] = [];
    for await (const event of rollout.events()) late.push(event);
    expect(early[0]?.name).toBe('rollout:start:recorded');
    expect(early.at(-1)?.name).toBe('rollout:finish:recorded');
    expect(late).toEqual(early);
    // What is not in the journal is told live alone.
    expect(early).toEqual(live.filter(({ name }) => name !== 'cloud:call:failed'));
  });

  it('tells of a resumed rollout what happened before as well', async () => {
    const seen = begun();
    await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID, onEvent: seen.onEvent });
    await seen.seen;
    await blueGreen.close();
    const second = driverOf(cloud, store, 2);
    const names: string[] = [];
    for await (const { name } of (await second.resume(ROLLOUT_ID)).events()) names.push(name);
    await second.close();
    expect(names.filter((name) => name === 'rollout:start:recorded')).toHaveLength(1);
    expect(names.filter((name) => name === 'rollout:drive:started')).toHaveLength(2);
    expect(names.filter((name) => name === 'rollout:drive:stopped')).toHaveLength(1);
    expect(names.at(-1)).toBe('rollout:finish:recorded');
  });

  it('lets go of the events when the listener stops listening', async () => {
    const rollout = await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID });
    for await (const event of rollout.events()) if (event.name === 'step:run:started') break;
    expect((await rollout.result()).outcome).toBe('succeeded');
  });

  it('stops driving when it is disposed of, and another process goes on', async () => {
    const seen = begun();
    {
      await using rollout = await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID, onEvent: seen.onEvent });
      await seen.seen;
      expect(rollout.status()).toMatchObject({ outcome: 'running', step: 'await-green' });
    }
    expect(cloud.clock.pending()).toBe(0);
    expect(await blueGreen.status(ROLLOUT_ID)).toMatchObject({ outcome: 'suspended' });
    const second = driverOf(cloud, store, 2);
    expect((await (await second.resume(ROLLOUT_ID)).result()).outcome).toBe('succeeded');
    await second.close();
  });

  it('gives the same result to everybody who asks, for as long as it is kept', async () => {
    const rollout = await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID });
    const [one, two] = await Promise.all([rollout.result(), rollout.result()]);
    expect(one).toEqual(two);
    expect(await rollout.result()).toEqual(one);
  });

  it('takes an order to abort while that is possible, and says when it is too late', async () => {
    const seen = begun();
    const rollout = await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID, onEvent: seen.onEvent });
    await seen.seen;
    const order = { by: 'Ada', reason: 'enough' };
    expect(await Promise.all([rollout.abort(order), rollout.abort(order)])).toEqual(['unwinding', 'unwinding']);
    expect(await rollout.result()).toMatchObject({ outcome: 'rolled-back', error: { code: 'ABORTED' } });
  });

  it('answers too late past the pivot, and the release goes on to its end', async () => {
    const passed = eventSeen(({ name }) => name === 'rollout:pivot:passed');
    const rollout = await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID, onEvent: passed.onEvent });
    await passed.seen;
    expect(await rollout.abort({ by: 'Ada', reason: 'too late' })).toBe('too-late');
    expect((await rollout.result()).outcome).toBe('succeeded');
    expect(await rollout.abort({ by: 'Ada', reason: 'later still' })).toBe('too-late');
  });

  it('knows its gates alone', async () => {
    const rollout = await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID });
    expect((await rejection(rollout.approve('go', { by: 'Ada' }))).code).toBe('GATE_UNKNOWN');
    await rollout.result();
  });
});
