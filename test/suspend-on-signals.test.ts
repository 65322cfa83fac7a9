import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { MemoryStore, suspendOnSignals, type RolloutResult } from '../src/index.js';
import { cloudOf, driverOf, latch, mutates, ROLLOUT_ID, specOf, stepBegins } from './helpers/crash.js';
import { CrashStore } from './helpers/crash-store.js';

describe('the first signal', () => {
  it('suspends all that a BlueGreen drives, and tells their ids once that is done', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const begun = stepBegins('await-green');
    const blueGreen = driverOf(cloud, store, 1, { onEvent: begun.onEvent });
    const source = new EventEmitter();
    const told: unknown[] = [];
    await using listening = suspendOnSignals(blueGreen, {
      source,
      onSuspended: (ids, signal) => told.push([signal, ...ids]),
    });
    const rollout = await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID });
    await begun.seen;
    source.emit('SIGTERM', 'SIGTERM');
    expect(await rollout.result()).toMatchObject({ outcome: 'suspended' });
    await listening[Symbol.asyncDispose]();
    expect(told).toEqual([['SIGTERM', ROLLOUT_ID]]);
    expect((await blueGreen.status(ROLLOUT_ID)).outcome).toBe('suspended');
    // Nothing of the library keeps the process alive now.
    expect(cloud.clock.pending()).toBe(0);

    const second = driverOf(cloud, store, 2);
    expect((await (await second.resume(ROLLOUT_ID)).result()).outcome).toBe('succeeded');
    await Promise.all([blueGreen.close(), second.close()]);
  });

  it('suspends what is just being started as well', async () => {
    await using cloud = cloudOf();
    const started = latch();
    const slow = latch();
    const store = new CrashStore(new MemoryStore());
    const append = store.append.bind(store);
    store.append = async (...args) => {
      started.open();
      await slow.opened;
      return append(...args);
    };
    const blueGreen = driverOf(cloud, store, 1);
    const source = new EventEmitter();
    await using _listening = suspendOnSignals(blueGreen, { source });
    const starting = blueGreen.start(specOf(cloud), { id: ROLLOUT_ID });
    await started.opened;
    source.emit('SIGINT', 'SIGINT');
    slow.open();
    expect((await (await starting).result()).outcome).toBe('suspended');
    expect(cloud.requests.filter(mutates)).toEqual([]);
    await blueGreen.close();
  });

  it('suspends a single rollout, and leaves others alone', async () => {
    await using one = cloudOf();
    await using other = cloudOf();
    const [blueGreen, others] = [driverOf(one, new MemoryStore(), 1), driverOf(other, new MemoryStore(), 2)];
    const rollout = await blueGreen.start(specOf(one), { id: ROLLOUT_ID });
    const left = await others.start(specOf(other), { id: 'left-alone' });
    const source = new EventEmitter();
    const ids: string[] = [];
    {
      await using _listening = suspendOnSignals(rollout, { source, onSuspended: (found) => ids.push(...found) });
      source.emit('SIGINT', 'SIGINT');
    }
    expect(ids).toEqual([ROLLOUT_ID]);
    expect((await rollout.result()).outcome).toBe('suspended');
    expect((await left.result()).outcome).toBe('succeeded');
    await Promise.all([blueGreen.close(), others.close()]);
  });

  it('of a rollout that has ended changes nothing', async () => {
    await using cloud = cloudOf();
    const blueGreen = driverOf(cloud, new MemoryStore(), 1);
    const rollout = await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID });
    await rollout.result();
    const source = new EventEmitter();
    const told: unknown[] = [];
    {
      await using _listening = suspendOnSignals(rollout, { source, onSuspended: (ids) => told.push(ids) });
      source.emit('SIGINT', 'SIGINT');
    }
    expect(told).toEqual([[]]);
    expect((await rollout.result()).outcome).toBe('succeeded');
    await blueGreen.close();
  });
});

describe('the second signal', () => {
  it('takes back what a BlueGreen drove, with proof', async () => {
    await using cloud = cloudOf();
    const begun = stepBegins('await-green');
    const blueGreen = driverOf(cloud, new MemoryStore(), 1, { onEvent: begun.onEvent });
    const source = new EventEmitter();
    const ended: RolloutResult[] = [];
    {
      await using _listening = suspendOnSignals(blueGreen, {
        source,
        onAborted: (results) => ended.push(...results),
      });
      await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID });
      await begun.seen;
      source.emit('SIGINT', 'SIGINT');
      source.emit('SIGTERM', 'SIGTERM');
      // A third one is the process's own affair.
      expect(source.eventNames()).toEqual([]);
    }
    expect(ended).toMatchObject([{ id: ROLLOUT_ID, outcome: 'rolled-back', error: { code: 'ABORTED' } }]);
    expect(ended[0]?.error?.message).toContain('SIGTERM was received again');
    expect(cloud.snapshot().serving).toEqual({ blue: 2, green: 0, other: 0 });
    await blueGreen.close();
  });

  it('past the pivot lets the release go forward', async () => {
    await using cloud = cloudOf();
    const begun = stepBegins('await-blue-retired');
    const blueGreen = driverOf(cloud, new MemoryStore(), 1, { onEvent: begun.onEvent });
    const source = new EventEmitter();
    const outcomes: string[] = [];
    {
      await using _listening = suspendOnSignals(blueGreen, {
        source,
        onAborted: (results) => outcomes.push(...results.map(({ outcome }) => outcome)),
      });
      await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID });
      await begun.seen;
      source.emit('SIGINT', 'SIGINT');
      source.emit('SIGINT', 'SIGINT');
    }
    expect(outcomes).toEqual(['succeeded']);
    await blueGreen.close();
  });

  it('leaves the order of a single rollout to whoever resumes it', async () => {
    await using cloud = cloudOf();
    const store = new MemoryStore();
    const begun = stepBegins('await-green');
    const blueGreen = driverOf(cloud, store, 1, { onEvent: begun.onEvent });
    const source = new EventEmitter();
    {
      const rollout = await blueGreen.start(specOf(cloud), { id: ROLLOUT_ID });
      await using _listening = suspendOnSignals(rollout, { source });
      await begun.seen;
      source.emit('SIGINT', 'SIGINT');
      source.emit('SIGINT', 'SIGINT');
    }
    expect((await blueGreen.status(ROLLOUT_ID)).outcome).toBe('suspended');
    const second = driverOf(cloud, store, 2);
    expect((await (await second.resume(ROLLOUT_ID)).result()).outcome).toBe('rolled-back');
    await Promise.all([blueGreen.close(), second.close()]);
  });
});

describe('listening', () => {
  it('ends when it is disposed of, and is to the signals that are named', async () => {
    await using cloud = cloudOf();
    const blueGreen = driverOf(cloud, new MemoryStore(), 1);
    const source = new EventEmitter();
    {
      using _listening = suspendOnSignals(blueGreen, { source, signals: ['SIGHUP'] });
      expect(source.eventNames()).toEqual(['SIGHUP']);
    }
    expect(source.eventNames()).toEqual([]);
    const usual = suspendOnSignals(blueGreen, { source });
    expect(source.eventNames()).toEqual(['SIGINT', 'SIGTERM']);
    usual[Symbol.dispose]();
    expect(source.eventNames()).toEqual([]);
    await blueGreen.close();
  });

  it.each([
    ['an option that does not exist', { signal: ['SIGINT'] }],
    ['no signal at all', { signals: [] }],
  ])('refuses %s', async (_what, options) => {
    await using cloud = cloudOf();
    const blueGreen = driverOf(cloud, new MemoryStore(), 1);
    expect(() => suspendOnSignals(blueGreen, options as object)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
    await blueGreen.close();
  });
});
