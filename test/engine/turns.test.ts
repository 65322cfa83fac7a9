import { beforeEach, describe, expect, it } from 'vitest';
import { claimTargets } from '../../src/engine/claim-targets.js';
import type { JournalFact } from '../../src/engine/journal.js';
import { Lease } from '../../src/engine/lease.js';
import { rivalsOf, takeTicket, type WhenBusy } from '../../src/engine/turns.js';
import { MemoryStore } from '../../src/stores/memory-store.js';
import { entriesOf, intend, JumpClock, startedFact } from '../helpers/engine.js';
import { rejection } from '../helpers/release.js';

const TARGETS = ['elastigroup/sig-1', 'deployment-group/shop/prod'];
const SUCCEEDED: JournalFact = { type: 'finished', outcome: 'succeeded', lines: [] };
const ROLLED_BACK: JournalFact = { type: 'finished', outcome: 'rolled-back', lines: [] };
const REFUSED: JournalFact = { type: 'finished', outcome: 'refused', lines: [] };

let store: MemoryStore;
beforeEach(() => {
  store = new MemoryStore();
});

const journal = async (rolloutId: string, ...facts: readonly JournalFact[]) =>
  store.append(rolloutId, 0, entriesOf([startedFact(), ...facts]) as never);
const ticket = (rolloutId: string, whenBusy: WhenBusy = 'wait', targets = TARGETS) =>
  takeTicket(store, { rolloutId, targets, whenBusy });
/** A rollout that is in the store with a ticket. */
const entered = async (rolloutId: string, ...facts: readonly JournalFact[]) => {
  await journal(rolloutId, ...facts);
  return ticket(rolloutId);
};
const kept = async () => {
  await journal('last');
  return (await rivalsOf(store, await ticket('last'))).map(({ rolloutId }) => rolloutId);
};

describe('tickets', () => {
  it('are numbered in the order in which they are taken, and a rollout keeps its own', async () => {
    await journal('a');
    await journal('b');
    expect((await ticket('a')).order).toBe(1);
    expect((await ticket('b')).order).toBe(2);
    expect((await ticket('a')).order).toBe(1);
  });

  it('never have the same number, however many are taken in the same instant', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `r${index}`);
    for (const id of ids) await journal(id);
    const orders = (await Promise.all(ids.map((id) => ticket(id)))).map(({ order }) => order);
    expect([...orders].sort((a, b) => a - b)).toEqual(ids.map((_, index) => index + 1));
  });

  it('are about the same targets, or of no interest', async () => {
    await journal('a');
    await journal('b');
    await ticket('b', 'wait', ['elastigroup/sig-2']);
    expect(await rivalsOf(store, await ticket('a'))).toEqual([]);
    await journal('c');
    await ticket('c', 'wait', [TARGETS[1]!]);
    expect((await rivalsOf(store, await ticket('a'))).map(({ rolloutId }) => rolloutId)).toEqual(['c']);
  });

  it('stay while their rollout has not ended; then only the latest that worked', async () => {
    await entered('old', SUCCEEDED);
    await entered('under-way');
    await entered('worked', intend('x'), ROLLED_BACK);
    await entered('refused', REFUSED);
    await entered('untouched', ROLLED_BACK);
    await ticket('vanished');
    expect(await kept()).toEqual(['under-way', 'worked']);
  });

  it('stay where a later one worked on some of the targets only', async () => {
    await entered('both', SUCCEEDED);
    await journal('one', SUCCEEDED);
    await ticket('one', 'wait', [TARGETS[0]!]);
    expect(await kept()).toEqual(['both', 'one']);
  });

  it('stay where their journal cannot be read', async () => {
    await store.append('newer', 0, [{ v: 99, type: 'something-new', at: 1 }]);
    await ticket('newer');
    expect(await kept()).toEqual(['newer']);
  });
});

describe('a rollout that does not wait', () => {
  const claim = (rolloutId: string, clock = new JumpClock()) =>
    claimTargets({ store, clock, rolloutId, targets: TARGETS }, new AbortController().signal);
  const holder = async () => (await store.readRecord(`target/${TARGETS[0]}`))?.value;

  it('takes the targets, whatever stands in the journal of an earlier one that is dead', async () => {
    await store.append('newer-version', 0, [{ v: 99, type: 'something-new', at: 1 }]);
    await ticket('newer-version');
    await journal('mine');
    await claim('mine');
    expect(await holder()).toEqual({ rolloutId: 'mine' });
  });

  it('passes an earlier waiter only once its lease has not moved for a whole term', async () => {
    const clock = new JumpClock();
    await entered('waits');
    const terms = { store, rolloutId: 'waits', driver: 'd', clock, termMs: 60_000, callTimeoutMs: 10_000 };
    const lease = await Lease.acquire(terms);
    await journal('mine');
    const from = clock.now();
    await claim('mine', clock);
    expect(clock.now() - from).toBeGreaterThanOrEqual(60_000);
    expect(await holder()).toEqual({ rolloutId: 'mine' });
    await lease.release();
  });

  it('is refused, and holds nothing, once a later one has worked', async () => {
    await journal('mine');
    await ticket('mine', 'fail');
    await entered('later', intend('x'), ROLLED_BACK);
    expect(await rejection(claim('mine'))).toMatchObject({ code: 'ROLLOUT_SUPERSEDED', details: { by: 'later' } });
    expect(await holder()).toBeNull();
  });

  it('goes although a later one was refused', async () => {
    await journal('mine');
    await ticket('mine', 'fail');
    await entered('later', REFUSED);
    await claim('mine');
    expect(await holder()).toEqual({ rolloutId: 'mine' });
  });
});
