import { BlueGreenError } from '../errors/blue-green-error.js';
import { steady } from '../internal/steady.js';
import type { Clock } from '../ports/clock.js';
import type { RolloutStore, StoredRecord } from '../ports/rollout-store.js';

export interface LeaseTerms {
  readonly store: RolloutStore;
  readonly rolloutId: string;
  readonly driver: string;
  readonly clock: Clock;
  readonly termMs: number;
  /** What must be left of the term when a call goes out: the longest that the call can take. */
  readonly callTimeoutMs: number;
}

/** What stands in the record: the terms of whoever holds the lease, which need not be those of whoever reads it. */
type Held = {
  readonly driver: string;
  readonly termMs: number;
  /** How long after its last sign of life a request of the holder, or of one before it, may still be under way. */
  readonly senderMs: number;
};

const LOOK_EVERY_MS = 5_000;

/**
 * The right to drive one rollout. The record's revision is the fencing number: whoever renews moves it, and whoever
 * finds it moved has lost.
 */
export class Lease {
  #renewing: Promise<void> = Promise.resolve();
  #isLost = false;

  private constructor(
    private readonly terms: LeaseTerms,
    /** How long a former driver's request may still be under way: its lease's term and its call's timeout. */
    readonly formerSenderMs: number,
    private revision: number,
    private term: Term,
  ) {}

  /**
   * Waits for a full term, by this process's own clock, before it takes over a lease that nobody renews.
   *
   * @throws ALREADY_DRIVEN as soon as somebody is seen to renew it
   */
  static async acquire(terms: LeaseTerms, signal?: AbortSignal): Promise<Lease> {
    const { termMs, callTimeoutMs } = terms;
    const { record, former } = await awaitUnheld(terms, signal);
    const senderMs = Math.max(termMs + callTimeoutMs, former?.senderMs ?? 0);
    const taken = await write(terms, record?.revision, senderMs);
    if (taken === 'conflict') throw alreadyDriven(terms.rolloutId);
    return new Lease(terms, senderMs, taken.revision, taken.term);
  }

  /** Resolves when a call may go out: enough of the term is left for it to end within. */
  async assert(): Promise<void> {
    if (!this.#isLost && this.term.isRunningOut()) await this.renew();
    if (this.#isLost || this.term.isRunningOut()) throw leaseLost(this.terms.rolloutId);
  }

  renew(): Promise<void> {
    const next = this.#renewing.then(() => this.#renewOnce());
    this.#renewing = next.catch(() => {});
    return next;
  }

  /** Renews until the signal ends it; rejects when the lease is lost. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, termMs } = this.terms;
    try {
      for (;;) {
        try {
          await clock.sleep(termMs / 3, signal);
        } catch {
          return;
        }
        await this.renew();
      }
    } finally {
      this.term.end();
    }
  }

  async release(): Promise<void> {
    await this.#renewing;
    this.term.end();
    await this.terms.store.writeRecord(leaseName(this.terms.rolloutId), this.revision, null);
  }

  async #renewOnce(): Promise<void> {
    const renewed = await write(this.terms, this.revision, this.formerSenderMs);
    // However much of the term is left: the record has another holder.
    this.#isLost ||= renewed === 'conflict';
    if (renewed === 'conflict') throw leaseLost(this.terms.rolloutId);
    this.term.end();
    this.revision = renewed.revision;
    this.term = renewed.term;
  }
}

/**
 * Tells from outside whether anybody drives a rollout: a lease that is not renewed for a whole term, by the observer's own
 * clock, is nobody's.
 */
export class LeaseWatch {
  #seen: { readonly revision: number; readonly at: number; readonly moved: boolean } | undefined;

  constructor(
    private readonly store: RolloutStore,
    private readonly rolloutId: string,
    private readonly clock: Clock,
  ) {}

  async isDriven(): Promise<boolean> {
    return (await this.look()) !== 'nobody';
  }

  /** `somebody`: seen to renew it, within a term. `perhaps`: held, and not yet watched for a whole term. */
  async look(): Promise<'somebody' | 'perhaps' | 'nobody'> {
    const record = await this.store.readRecord(leaseName(this.rolloutId));
    const held = heldIn(record);
    if (record === undefined || held === undefined) {
      this.#seen = undefined;
      return 'nobody';
    }
    const now = steady(this.clock);
    if (this.#seen?.revision !== record.revision)
      this.#seen = { revision: record.revision, at: now, moved: this.#seen !== undefined };
    if (now - this.#seen.at >= held.termMs) return 'nobody';
    return this.#seen.moved ? 'somebody' : 'perhaps';
  }
}

/**
 * How much of a term is left, taken three times: by what the clock shows, which jumps ahead when the machine was asleep; by
 * what nobody sets, for somebody may put the clock back while the process stands still; and by a sleep, where the clock has
 * nothing of that kind.
 */
class Term {
  readonly #startedAt: number;
  readonly #steadyAt: number;
  readonly #ended = new AbortController();
  #sleptThrough = false;

  constructor(private readonly terms: LeaseTerms) {
    const { clock } = terms;
    this.#startedAt = clock.now();
    this.#steadyAt = steady(clock);
    void clock.sleep(this.#usableMs(), this.#ended.signal).then(
      () => (this.#sleptThrough = true),
      () => {},
    );
  }

  isRunningOut(): boolean {
    const { clock } = this.terms;
    const elapsedMs = Math.max(clock.now() - this.#startedAt, steady(clock) - this.#steadyAt);
    return this.#sleptThrough || elapsedMs >= this.#usableMs();
  }

  end(): void {
    this.#ended.abort();
  }

  #usableMs(): number {
    return this.terms.termMs - this.terms.callTimeoutMs;
  }
}

/** The term counts from before the writing: nobody else may think it older than its holder does. */
async function write(
  terms: LeaseTerms,
  expectedRevision: number | undefined,
  senderMs: number,
): Promise<{ readonly revision: number; readonly term: Term } | 'conflict'> {
  const { store, rolloutId, driver, termMs } = terms;
  const term = new Term(terms);
  let revision: number | 'conflict' = 'conflict';
  try {
    revision = await store.writeRecord(leaseName(rolloutId), expectedRevision, { driver, termMs, senderMs });
  } finally {
    if (revision === 'conflict') term.end();
  }
  return revision === 'conflict' ? 'conflict' : { revision, term };
}

/**
 * Whether somebody drives the rollout: its lease is seen to be renewed within a whole term of its holder, by this
 * process's own clock. Takes as long as that when nobody does; no time where nobody holds the lease.
 */
export async function isRenewed(
  ground: Pick<LeaseTerms, 'store' | 'rolloutId' | 'clock'>,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    await awaitUnheld({ ...ground, termMs: 0 }, signal);
    return false;
  } catch (error) {
    if (BlueGreenError.is(error) && error.code === 'ALREADY_DRIVEN') return true;
    throw error;
  }
}

/**
 * The fencing number of a lease that somebody holds and nobody renews; undefined where nobody holds it, or somebody is seen to
 * renew it. Takes a whole term of its holder, like `isRenewed`.
 */
export async function abandonedLease(
  ground: Pick<LeaseTerms, 'store' | 'rolloutId' | 'clock'>,
  signal?: AbortSignal,
): Promise<number | undefined> {
  try {
    const { record, former } = await awaitUnheld({ ...ground, termMs: 0 }, signal);
    return former === undefined ? undefined : record?.revision;
  } catch (error) {
    if (BlueGreenError.is(error) && error.code === 'ALREADY_DRIVEN') return undefined;
    throw error;
  }
}

/** Takes back an abandoned lease; answers whether it was still as it had been watched. */
export async function freeLease(store: RolloutStore, rolloutId: string, revision: number): Promise<boolean> {
  return (await store.writeRecord(leaseName(rolloutId), revision, null)) !== 'conflict';
}

/** Who holds the lease now, by the id of the driver; whether that one still lives is another question. */
export async function holderOfLease(store: RolloutStore, rolloutId: string): Promise<string | undefined> {
  return heldIn(await store.readRecord(leaseName(rolloutId)))?.driver;
}

/** The record as it was when nobody held the lease any more, and who had held it without giving it back. */
async function awaitUnheld(
  { store, clock, rolloutId, termMs }: Pick<LeaseTerms, 'store' | 'clock' | 'rolloutId' | 'termMs'>,
  signal: AbortSignal | undefined,
): Promise<{ readonly record: StoredRecord | undefined; readonly former?: Held }> {
  const name = leaseName(rolloutId);
  const first = await store.readRecord(name);
  const former = heldIn(first);
  if (former === undefined) return { record: first };
  // The holder's own term: it may renew more rarely than this process would.
  let restMs = Math.max(termMs, former.termMs);
  while (restMs > 0) {
    const pauseMs = Math.min(LOOK_EVERY_MS, restMs);
    await clock.sleep(pauseMs, signal);
    restMs -= pauseMs;
    const record = await store.readRecord(name);
    if (heldIn(record) === undefined) return { record };
    if (record?.revision !== first?.revision) throw alreadyDriven(rolloutId);
  }
  return { record: first, former };
}

function heldIn(record: StoredRecord | undefined): Held | undefined {
  return (record?.value ?? undefined) as Held | undefined;
}

function leaseName(rolloutId: string): string {
  return `lease/${rolloutId}`;
}

function alreadyDriven(rolloutId: string): BlueGreenError {
  return new BlueGreenError('ALREADY_DRIVEN', `another process drives rollout ${rolloutId}`, {
    details: { rolloutId },
  });
}

/** Why a process that has found another driver sends nothing more. */
export function leaseLost(rolloutId: string): BlueGreenError {
  return new BlueGreenError('LEASE_LOST', `another process took over rollout ${rolloutId}, or the lease ran out`, {
    details: { rolloutId },
  });
}
