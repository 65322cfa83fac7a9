import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalFact } from '../../src/engine/journal.js';
import { RolloutJournal } from '../../src/engine/rollout-journal.js';
import type { RolloutState } from '../../src/engine/rollout-state.js';
import { BlueGreenError } from '../../src/errors/blue-green-error.js';
import { MemoryStore } from '../../src/stores/memory-store.js';
import { doneStep, JumpClock, journalOf, startedFact, startStep, typesOf } from '../helpers/engine.js';
import { rejection } from '../helpers/release.js';

const abort: JournalFact = { type: 'abort-ordered', by: 'Ada', reason: 'enough' };
const approve: JournalFact = { type: 'gate-answered', gate: 'go', answer: 'approved', by: 'Ada' };

describe('a rollout’s journal', () => {
  let clock: JumpClock;
  let store: MemoryStore;
  let mine: RolloutJournal;
  let theirs: RolloutJournal;
  beforeEach(async () => {
    clock = new JumpClock();
    store = new MemoryStore();
    mine = await journalOf(clock, { store });
    theirs = await RolloutJournal.open(store, 'r', () => clock.now());
  });

  it('is on the store when an append resolves, and folded', async () => {
    await mine.append(startStep('a'));
    expect(await store.read('r')).toHaveLength(3);
    expect(mine.state.steps.get('a')?.status).toBe('running');
  });

  it('keeps appends that are made at once in their order', async () => {
    await Promise.all(['a', 'b', 'c'].map((step) => mine.append(startStep(step))));
    expect([...mine.state.steps.keys()]).toEqual(['a', 'b', 'c']);
    expect(await store.read('r')).toHaveLength(5);
  });

  it('asks again whether a fact may stand there after what others wrote meanwhile, and is not broken by a no', async () => {
    await theirs.append(approve);
    const asked: boolean[] = [];
    const mayStand = ({ gates }: RolloutState): void => {
      asked.push(gates.has('go'));
      if (gates.has('go')) throw new BlueGreenError('GATE_UNKNOWN', 'answered already');
    };
    expect((await rejection(mine.append({ ...approve, answer: 'rejected' }, mayStand))).code).toBe('GATE_UNKNOWN');
    expect(asked).toEqual([false, true]);
    expect(mine.broken).toBe(false);
    expect(await store.read('r')).toHaveLength(3);
    await mine.append(startStep('a'));
    expect(mine.state.gates.get('go')?.answer).toBe('approved');
  });

  it('refuses an entry of a type that there is not', async () => {
    await store.append('r', 2, [{ type: 'operation-intendet', v: 1, at: 1_000_000 }]);
    const error = await rejection(mine.refresh());
    expect(error).toMatchObject({ code: 'STORE_CORRUPT' });
    expect(error.message).toContain('"operation-intendet"');
  });

  it('takes in the orders that others wrote meanwhile, and writes behind them', async () => {
    await theirs.append(abort);
    await theirs.append(approve);
    await mine.append(startStep('a'));
    expect(typesOf(mine).slice(2)).toEqual(['abort-ordered', 'gate-answered', 'step-started']);
    expect(mine.state.abort?.by).toBe('Ada');
    expect(mine.broken).toBe(false);
  });

  it('says LEASE_LOST when somebody else wrote what only a driver writes', async () => {
    await theirs.append(startStep('a'));
    const error = await rejection(mine.append(startStep('b')));
    expect(error.code).toBe('LEASE_LOST');
    expect(error.message).toContain('step-started');
    expect(mine.broken).toBe(true);
    expect(await store.read('r')).toHaveLength(3);
  });

  it('takes an order behind whatever the driver wrote meanwhile', async () => {
    await mine.append(startStep('a'));
    await theirs.append(abort);
    expect(typesOf(theirs).slice(2)).toEqual(['step-started', 'abort-ordered']);
  });

  it('writes nothing more once a write has failed: whether it stands there is not known', async () => {
    const append = store.append.bind(store);
    store.append = async (...args) => {
      await append(...args);
      throw new BlueGreenError('STORE_FAILED', 'the answer was lost');
    };
    expect((await rejection(mine.append(startStep('a')))).code).toBe('STORE_FAILED');
    store.append = append;
    expect(mine.broken).toBe(true);
    expect((await rejection(mine.append(doneStep('a')))).code).toBe('STORE_FAILED');
    expect(await store.read('r')).toHaveLength(3);
  });

  it('can be read again after a read that failed', async () => {
    const read = store.read.bind(store);
    store.read = () => Promise.reject(new BlueGreenError('STORE_FAILED', 'not now'));
    expect((await rejection(mine.refresh())).code).toBe('STORE_FAILED');
    store.read = read;
    await mine.refresh();
    await mine.append(startStep('a'));
    expect(mine.broken).toBe(false);
  });

  it('takes in on refresh what others wrote, and tells its listeners of each entry', async () => {
    let told = 0;
    const forget = mine.onChange(() => (told += 1));
    await theirs.append(abort);
    await theirs.append(approve);
    await mine.refresh();
    expect([told, mine.entries.length]).toEqual([2, 4]);
    forget();
    await mine.append(startStep('a'));
    expect(told).toBe(2);
  });

  it('keeps time from running back: engine time is the clock’s, or the last entry’s if that is later', async () => {
    clock.pass(60_000);
    await mine.append(startStep('a'));
    const slow = await RolloutJournal.open(store, 'r', () => 5);
    expect(slow.engineTime()).toBe(1_060_000);
    await slow.append(doneStep('a'));
    expect(slow.entries.at(-1)?.at).toBe(1_060_000);
    expect(slow.state.lastEntryAt).toBe(1_060_000);
    clock.pass(1_000);
    expect(mine.engineTime()).toBe(1_061_000);
  });

  it('holds nothing that JSON cannot hold, and shows the same before and after it is read again', async () => {
    await mine.append(doneStep('a', 'forward', { kept: 1, left: undefined }));
    const again = await RolloutJournal.open(store, 'r', () => clock.now());
    expect(again.state.steps.get('a')?.output).toEqual({ kept: 1 });
    expect(await store.read('r', 2)).toEqual([expect.objectContaining({ output: { kept: 1 } })]);
  });

  it.each([2, undefined, 'one'])(
    'is refused when an entry has version %s, which this library cannot read',
    async (v) => {
      await store.append('r', 2, [{ ...startStep('a'), v, at: 0 } as never]);
      const error = await rejection(RolloutJournal.open(store, 'r', () => 0));
      expect(error.code).toBe('PLAN_INCOMPATIBLE');
    },
  );

  it('is empty where there is none, and begins with the first append', async () => {
    const fresh = await RolloutJournal.open(store, 'new', () => 7);
    expect(fresh.entries).toEqual([]);
    await fresh.append(startedFact());
    expect(await store.list()).toContain('new');
  });
});
