import { BlueGreenError } from '../errors/blue-green-error.js';
import { toJson } from '../internal/json.js';
import type { RolloutStore, StoredEntry } from '../ports/rollout-store.js';
import { isKnownType, isOrder, JOURNAL_VERSION, type JournalEntry, type JournalFact } from './journal.js';
import { applyEntry, foldJournal, type RolloutState } from './rollout-state.js';

/** A rollout's journal in a store, with its fold kept up to date. */
export class RolloutJournal {
  #state: RolloutState;
  #tail: Promise<unknown> = Promise.resolve();
  #brokenBy: { readonly error: unknown } | undefined;
  readonly #listeners = new Set<() => void>();

  private constructor(
    private readonly store: RolloutStore,
    readonly rolloutId: string,
    readonly entries: JournalEntry[],
    private readonly now: () => number,
    private readonly onEntry: (entry: JournalEntry) => void,
  ) {
    this.#state = foldJournal(entries);
  }

  static async open(
    store: RolloutStore,
    rolloutId: string,
    now: () => number,
    onEntry: (entry: JournalEntry) => void = () => {},
  ): Promise<RolloutJournal> {
    const stored = await store.read(rolloutId);
    return new RolloutJournal(store, rolloutId, stored.map(asEntry), now, onEntry);
  }

  /** True once something could not be written: whether it stands there is not known, so nothing more is written. */
  get broken(): boolean {
    return this.#brokenBy !== undefined;
  }

  get state(): RolloutState {
    return this.#state;
  }

  /** Calls back after every entry, whoever wrote it; answers how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Engine time: never earlier than what is already written. */
  engineTime(): number {
    return Math.max(this.now(), this.#state.lastEntryAt);
  }

  /**
   * On disk when it resolves. Orders that others wrote meanwhile are taken in; anything else of theirs means that the lease is lost.
   * `mayStand` throws where the fact must not be added to what stands there by then.
   */
  append(fact: JournalFact, mayStand: (state: RolloutState) => void = () => {}): Promise<void> {
    let refused = false;
    const asked = (): void => {
      refused = true;
      mayStand(this.#state);
      refused = false;
    };
    const write = this.#tail.then(() => this.#write(fact, asked));
    this.#tail = write.catch((error: unknown) => {
      if (!refused) this.#brokenBy ??= { error };
    });
    return write;
  }

  /** Takes in what others have written since. */
  refresh(): Promise<void> {
    const read = this.#tail.then(async () => {
      await this.#takeIn();
    });
    this.#tail = read.catch(() => {});
    return read;
  }

  async #write(fact: JournalFact, mayStand: () => void): Promise<void> {
    if (this.#brokenBy !== undefined) throw this.#brokenBy.error;
    for (;;) {
      mayStand();
      const entry = { ...fact, v: JOURNAL_VERSION, at: this.engineTime() } as JournalEntry;
      try {
        await this.store.append(this.rolloutId, this.entries.length, [toJson(entry) as StoredEntry]);
        this.#add(entry);
        return;
      } catch (error) {
        if (!BlueGreenError.is(error) || error.code !== 'ROLLOUT_CONFLICT') throw error;
        const others = await this.#takeIn();
        if (others.length === 0) throw error;
        const foreign = others.find((other) => !isOrder(other));
        if (foreign !== undefined && !isOrder(fact)) {
          throw new BlueGreenError(
            'LEASE_LOST',
            `another process wrote "${foreign.type}" to the journal of ${this.rolloutId}`,
            { details: { rolloutId: this.rolloutId } },
          );
        }
      }
    }
  }

  async #takeIn(): Promise<readonly JournalEntry[]> {
    const others = (await this.store.read(this.rolloutId, this.entries.length)).map(asEntry);
    for (const entry of others) this.#add(entry);
    return others;
  }

  #add(entry: JournalEntry): void {
    this.entries.push(entry);
    this.#state = applyEntry(this.#state, entry);
    this.onEntry(entry);
    for (const listener of this.#listeners) listener();
  }
}

const UNREADABLE: ReadonlySet<string> = new Set(['PLAN_INCOMPATIBLE', 'STORE_CORRUPT']);

/** That one journal cannot be read by this version, as opposed to a store that cannot be reached. */
export const isUnreadable = (error: unknown): error is BlueGreenError =>
  BlueGreenError.is(error) && UNREADABLE.has(error.code);

function asEntry(stored: StoredEntry): JournalEntry {
  if (typeof stored['v'] !== 'number' || stored['v'] > JOURNAL_VERSION) {
    throw new BlueGreenError(
      'PLAN_INCOMPATIBLE',
      `an entry of version ${JSON.stringify(stored['v'])} is newer than this library, which reads up to ${JOURNAL_VERSION}`,
    );
  }
  if (!isKnownType(stored['type'])) {
    const found = JSON.stringify(stored['type'])?.slice(0, 60) ?? 'nothing';
    throw new BlueGreenError('STORE_CORRUPT', `a journal has an entry whose type is ${found}, which is none`);
  }
  return stored as unknown as JournalEntry;
}
