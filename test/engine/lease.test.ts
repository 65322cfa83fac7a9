import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lease, LeaseWatch, type LeaseTerms } from '../../src/engine/lease.js';
import type { Clock } from '../../src/ports/clock.js';
import { MemoryStore } from '../../src/stores/memory-store.js';
import { ManualClock, settle } from '../policies/manual-clock.js';
import { rejection } from '../helpers/release.js';

const TERM_MS = 90_000;
const CALL_MS = 30_000;
const NAME = 'lease/r';

describe('the lease on a rollout', () => {
  let clock: ManualClock;
  let store: MemoryStore;
  const releases: Lease[] = [];
  beforeEach(() => {
    clock = new ManualClock();
    store = new MemoryStore();
  });
  afterEach(async () => {
    for (const lease of releases.splice(0)) await lease.release();
    await settle();
    expect(clock.sleeping).toBe(0);
  });

  const terms = (driver: string, more: Partial<LeaseTerms> = {}): LeaseTerms => ({
    store,
    rolloutId: 'r',
    driver,
    clock,
    termMs: TERM_MS,
    callTimeoutMs: CALL_MS,
    ...more,
  });
  const acquire = async (driver: string, more: Partial<LeaseTerms> = {}): Promise<Lease> => {
    const lease = await Lease.acquire(terms(driver, more));
    releases.push(lease);
    return lease;
  };
  /** What becomes of somebody who wants the lease while time passes. */
  const contender = (driver: string, more: Partial<LeaseTerms> = {}) => {
    const state = { is: 'waiting' };
    const got = acquire(driver, more).then(
      (lease) => ((state.is = 'driving'), lease),
      (error: { code: string }) => {
        state.is = error.code;
        return undefined;
      },
    );
    return { state, got };
  };
  const holder = async () => ((await store.readRecord(NAME))?.value as { driver: string } | null)?.driver;

  it('lets nothing out any more once it is known to be lost, however much of the term is left', async () => {
    const lease = await acquire('one');
    await store.writeRecord(NAME, (await store.readRecord(NAME))?.revision, { driver: 'two', termMs: TERM_MS });
    await expect(lease.assert()).resolves.toBeUndefined();
    expect((await rejection(lease.renew())).code).toBe('LEASE_LOST');
    expect((await rejection(lease.assert())).code).toBe('LEASE_LOST');
  });

  it('is taken at once when nobody ever held it, or its holder gave it back', async () => {
    const first = await acquire('one');
    expect(await holder()).toBe('one');
    await first.release();
    await acquire('two');
    expect(await holder()).toBe('two');
    expect(clock.slept.filter((ms) => ms !== TERM_MS - CALL_MS)).toEqual([]);
  });

  it('is taken over only after a full term in which it did not move', async () => {
    await acquire('dead');
    const { state, got } = contender('heir');
    await clock.advance(TERM_MS - 1);
    expect(state.is).toBe('waiting');
    await clock.advance(1);
    expect((await got)?.formerSenderMs).toBe(TERM_MS + CALL_MS);
    expect(await holder()).toBe('heir');
  });

  it('is not taken over from a holder that renews, which is noticed without waiting for the term', async () => {
    const first = await acquire('alive');
    const { state } = contender('rival');
    await clock.advance(20_000);
    await first.renew();
    await clock.advance(5_000);
    expect(state.is).toBe('ALREADY_DRIVEN');
    expect(await holder()).toBe('alive');
  });

  it('is taken as soon as its holder gives it back', async () => {
    const first = await acquire('one');
    const { state } = contender('two');
    await clock.advance(20_000);
    await first.release();
    await clock.advance(5_000);
    expect(state.is).toBe('driving');
  });

  it('is waited for as long as its holder’s own terms say', async () => {
    await acquire('patient', { termMs: 600_000, callTimeoutMs: 200_000 });
    const { state, got } = contender('hasty');
    await clock.advance(TERM_MS * 2);
    expect(state.is).toBe('waiting');
    await clock.advance(600_000 - TERM_MS * 2);
    // And so are the calls that the holder may still have had under way.
    expect((await got)?.formerSenderMs).toBe(800_000);
  });

  it('goes to one of two that wait for it', async () => {
    await acquire('dead');
    const rivals = [contender('a'), contender('b')];
    await clock.advance(TERM_MS);
    expect(rivals.map(({ state }) => state.is).sort()).toEqual(['ALREADY_DRIVEN', 'driving']);
  });

  it('is not waited for any longer when the process is told to stop', async () => {
    await acquire('dead');
    const stop = new AbortController();
    const waiting = Lease.acquire(terms('heir'), stop.signal).catch((reason: unknown) => reason);
    await settle();
    stop.abort('stop');
    expect(await waiting).toBe('stop');
  });

  it('lets a call go out while enough of the term is left, without touching the store', async () => {
    const lease = await acquire('one');
    const { revision } = (await store.readRecord(NAME))!;
    await clock.advance(TERM_MS - CALL_MS - 1);
    await lease.assert();
    expect((await store.readRecord(NAME))?.revision).toBe(revision);
  });

  it('renews first when a call could outlast the term', async () => {
    const lease = await acquire('one');
    const { revision } = (await store.readRecord(NAME))!;
    await clock.advance(TERM_MS - CALL_MS);
    await lease.assert();
    expect((await store.readRecord(NAME))?.revision).toBeGreaterThan(revision);
    await lease.assert();
  });

  it('lets no call go out once somebody else has taken it over', async () => {
    const lease = await acquire('asleep');
    await clock.advance(TERM_MS - CALL_MS);
    const { got } = contender('heir');
    await clock.advance(TERM_MS);
    await got;
    expect((await rejection(lease.assert())).code).toBe('LEASE_LOST');
    expect(await holder()).toBe('heir');
  });

  it('notices that it is old although it stood still, timers and all, and somebody put the clock back meanwhile', async () => {
    let wall = 1_000_000;
    let steady = 0;
    const standing: Clock = {
      now: () => wall,
      monotonic: () => steady,
      sleep: (_ms, signal) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('called off')))),
    };
    const first = await acquire('one', { clock: standing });
    releases.splice(0);
    await store.writeRecord(NAME, (await store.readRecord(NAME))?.revision, {
      driver: 'two',
      termMs: TERM_MS,
      senderMs: 0,
    });
    steady += TERM_MS;
    wall -= 3_600_000;
    expect(await rejection(first.assert())).toMatchObject({ code: 'LEASE_LOST' });
  });

  it('notices that it is old although somebody put the clock back', async () => {
    let back = 0;
    const wall = {
      now: () => clock.now() - back,
      sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
    };
    const lease = await acquire('one', { clock: wall });
    await clock.advance(TERM_MS);
    back = 3_600_000;
    const { revision } = (await store.readRecord(NAME))!;
    await lease.assert();
    expect((await store.readRecord(NAME))?.revision).toBeGreaterThan(revision);
  });

  it('notices that it is old although the machine, and every sleep with it, was asleep', async () => {
    let ahead = 0;
    const wall = {
      now: () => clock.now() + ahead,
      sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
    };
    const lease = await acquire('one', { clock: wall });
    ahead = 3_600_000;
    const { revision } = (await store.readRecord(NAME))!;
    await lease.assert();
    expect((await store.readRecord(NAME))?.revision).toBeGreaterThan(revision);
  });

  it('is kept by renewing it three times a term, until that is ended', async () => {
    const lease = await acquire('one');
    const first = (await store.readRecord(NAME))!.revision;
    const ending = new AbortController();
    const kept = lease.keep(ending.signal);
    await clock.advance(TERM_MS * 2);
    expect((await store.readRecord(NAME))!.revision - first).toBe(6);
    ending.abort();
    await kept;
    expect(clock.sleeping).toBe(0);
  });

  it('tells who keeps it that it was lost', async () => {
    const lease = await acquire('one');
    const kept = lease.keep(new AbortController().signal).catch((error: unknown) => error);
    await store.writeRecord(NAME, (await store.readRecord(NAME))?.revision, {
      driver: 'thief',
      termMs: 1,
      senderMs: 1,
    });
    await clock.advance(TERM_MS / 3);
    expect(await kept).toMatchObject({ code: 'LEASE_LOST' });
    expect(clock.sleeping).toBe(0);
  });

  it('is not given back by somebody who has lost it', async () => {
    const lease = await acquire('one');
    await store.writeRecord(NAME, (await store.readRecord(NAME))?.revision, { driver: 'heir', termMs: 1, senderMs: 1 });
    await lease.release();
    expect(await holder()).toBe('heir');
  });

  it('leaves nothing asleep when the store refuses it', async () => {
    store.writeRecord = () => Promise.reject(new Error('the disk is full'));
    await expect(Lease.acquire(terms('one'))).rejects.toThrow('full');
  });

  it('shows from outside whether anybody drives: a lease that stands still for a term is nobody’s', async () => {
    const watch = new LeaseWatch(store, 'r', clock);
    expect(await watch.isDriven()).toBe(false);
    const lease = await acquire('one');
    expect(await watch.isDriven()).toBe(true);
    await clock.advance(TERM_MS - 1);
    expect(await watch.isDriven()).toBe(true);
    await lease.renew();
    await clock.advance(1);
    expect(await watch.isDriven()).toBe(true);
    await clock.advance(TERM_MS);
    expect(await watch.isDriven()).toBe(false);
    await lease.release();
    expect(await watch.isDriven()).toBe(false);
  });
});
