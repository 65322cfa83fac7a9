import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Clock } from '../ports/clock.js';
import type { RolloutStore } from '../ports/rollout-store.js';

export interface LeaseTerms {
  readonly store: RolloutStore;
  readonly rolloutId: string;
  readonly driver: string;
  readonly clock: Clock;
  readonly termMs: number;
  /** What must be left of the term when a call goes out: the longest that the call can take. */
  readonly callTimeoutMs: number;
}

/**
 * The right to drive one rollout. The record's revision is the fencing number: whoever renews moves it, and whoever
 * finds it moved has lost.
 */
export class Lease {
  #renewing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly terms: LeaseTerms,
    private revision: number,
    private expiresAt: number,
  ) {}

  /** Waits for a full term, by this process's own clock, before it takes over a lease that nobody renews. */
  static async acquire(terms: LeaseTerms, signal?: AbortSignal): Promise<Lease> {
    const { store, clock, termMs } = terms;
    const name = leaseName(terms.rolloutId);
    let record = await store.readRecord(name);
    if (record !== undefined && record.value !== null) {
      const seen = record.revision;
      await clock.sleep(termMs, signal);
      record = await store.readRecord(name);
      if (record !== undefined && record.revision !== seen && record.value !== null)
        throw alreadyDriven(terms.rolloutId);
    }
    const startedAt = clock.now();
    const revision = await store.writeRecord(name, record?.revision, { driver: terms.driver, termMs });
    if (revision === 'conflict') throw alreadyDriven(terms.rolloutId);
    return new Lease(terms, revision, startedAt + termMs);
  }

  /** Resolves when a call may go out: enough of the term is left for it to end within. */
  async assert(): Promise<void> {
    const { clock, callTimeoutMs, rolloutId } = this.terms;
    if (this.expiresAt - clock.now() <= callTimeoutMs) await this.renew();
    if (this.expiresAt - clock.now() <= callTimeoutMs) throw lost(rolloutId);
  }

  renew(): Promise<void> {
    const next = this.#renewing.then(() => this.#renewOnce());
    this.#renewing = next.catch(() => {});
    return next;
  }

  /** Renews until the signal ends it; rejects when the lease is lost. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, termMs } = this.terms;
    for (;;) {
      try {
        await clock.sleep(termMs / 3, signal);
      } catch {
        return;
      }
      await this.renew();
    }
  }

  async release(): Promise<void> {
    await this.#renewing;
    await this.terms.store.writeRecord(leaseName(this.terms.rolloutId), this.revision, null);
  }

  async #renewOnce(): Promise<void> {
    const { store, clock, termMs, rolloutId, driver } = this.terms;
    const startedAt = clock.now();
    const revision = await store.writeRecord(leaseName(rolloutId), this.revision, { driver, termMs });
    if (revision === 'conflict') throw lost(rolloutId);
    this.revision = revision;
    this.expiresAt = startedAt + termMs;
  }
}

function leaseName(rolloutId: string): string {
  return `lease/${rolloutId}`;
}

function alreadyDriven(rolloutId: string): BlueGreenError {
  return new BlueGreenError('ALREADY_DRIVEN', `another process drives rollout ${rolloutId}`);
}

function lost(rolloutId: string): BlueGreenError {
  return new BlueGreenError('LEASE_LOST', `another process took over rollout ${rolloutId}, or the lease ran out`);
}
