import type { Clock } from '../ports/clock.js';
import type { RolloutStore } from '../ports/rollout-store.js';
import type { TraceEntry } from './cloud-trace.js';
import type { Sightings } from './sightings.js';
import {
  chunkName,
  firstFreeChunk,
  MOST_CHARACTERS_OF_A_CHUNK,
  MOST_CHUNKS,
  MOST_ENTRIES_OF_A_CHUNK,
  toValue,
} from './trace-records.js';

const WRITE_EVERY_MS = 5 * 60_000;
/** A store that does not answer must not keep a rollout that has ended from saying so. */
const LAST_WRITE_WITHIN_MS = 10_000;
const TRIES = 3;

export interface TraceGroundRules {
  readonly store: RolloutStore;
  readonly clock: Clock;
  readonly rolloutId: string;
  readonly warn: (message: string) => void;
}

/**
 * Keeps the trace of one driver in the store: every few minutes while there is something new, and at its end. Nothing waits
 * for it but that end, and nothing that goes wrong here counts.
 */
export class TraceKeeper {
  readonly #rules: TraceGroundRules;
  /** Parts of which each fits into a record. */
  readonly #parts: TraceEntry[][] = [];
  #charactersOfLast = 0;
  #dropped = 0;
  /** The part that was written last: its number here and in the store, and the record's revision. */
  #written: { readonly part: number; readonly chunk: number; readonly revision: number | undefined } | undefined;
  #driving = false;
  #stale = false;
  #writtenAt = 0;
  #writing: Promise<void> | undefined;
  #warned = false;

  constructor(rules: TraceGroundRules) {
    this.#rules = rules;
  }

  /** Only what is seen while this process drives is kept: whoever only looks leaves nothing in the store. */
  begin(): void {
    this.#driving = true;
    this.#writtenAt = this.#rules.clock.now();
  }

  note(entry: TraceEntry): void {
    if (!this.#driving) return;
    if (this.#parts.length === 0) this.#add({ ...this.#driver('began'), at: entry.at });
    this.#add(entry);
    const now = this.#rules.clock.now();
    if (this.#writing !== undefined || now - this.#writtenAt < WRITE_EVERY_MS) return;
    this.#writtenAt = now;
    this.#writing = this.#write().finally(() => (this.#writing = undefined));
  }

  /** What was seen to the end, and the last write. Never rejects. */
  async end(sightings: Sightings): Promise<void> {
    if (!this.#driving || this.#parts.length === 0) return;
    for (const entry of sightings.stillSeen()) this.#add(entry);
    this.#add(this.#driver('stopped'));
    this.#driving = false;
    const enough = new AbortController();
    const waited = this.#rules.clock.sleep(LAST_WRITE_WITHIN_MS, enough.signal).catch(() => undefined);
    const written = Promise.resolve(this.#writing).then(() => this.#write());
    await Promise.race([written, waited]);
    enough.abort();
  }

  #driver(now: 'began' | 'stopped'): TraceEntry {
    const { clock, rolloutId } = this.#rules;
    return { at: new Date(clock.now()).toISOString(), cloud: 'us', what: 'driver', subjects: [rolloutId], now };
  }

  #add(entry: TraceEntry): void {
    const characters = JSON.stringify(entry).length;
    const last = this.#parts.at(-1);
    this.#stale = true;
    const fits =
      last !== undefined &&
      last.length < MOST_ENTRIES_OF_A_CHUNK &&
      this.#charactersOfLast + characters <= MOST_CHARACTERS_OF_A_CHUNK;
    if (fits) last.push(entry);
    else if (this.#parts.length < MOST_CHUNKS) this.#parts.push([entry]);
    else this.#dropped += 1;
    this.#charactersOfLast = fits ? this.#charactersOfLast + characters : characters;
  }

  async #write(): Promise<void> {
    if (!this.#stale) return;
    this.#stale = false;
    try {
      for (let tries = 1; !(await this.#writeParts()); tries += 1) {
        // Another driver of the same rollout has taken the number meanwhile.
        if (tries >= TRIES) throw new Error('other processes write to it all the time');
      }
    } catch (error) {
      if (this.#warned) return;
      this.#warned = true;
      const because = error instanceof Error ? error.message : String(error);
      this.#rules.warn(`what the clouds did could not be kept (the rollout goes on without that): ${because}`);
    }
  }

  /** False where the store has something else under the number. */
  async #writeParts(): Promise<boolean> {
    const { store, rolloutId } = this.#rules;
    this.#written ??= { part: 0, chunk: await firstFreeChunk(store, rolloutId), revision: undefined };
    for (let { part, chunk, revision } = this.#written; part < this.#parts.length; ) {
      if (chunk >= MOST_CHUNKS) {
        const dropped = this.#parts.slice(part).reduce((sum, { length }) => sum + length, this.#dropped);
        await store.writeRecord(chunkName(rolloutId, MOST_CHUNKS), revision, toValue({ v: 1, entries: [], dropped }));
        return true;
      }
      const entries = this.#parts[part] ?? [];
      const isLast = part === this.#parts.length - 1;
      const dropped = isLast && this.#dropped > 0 ? { dropped: this.#dropped } : {};
      const answer = await store.writeRecord(
        chunkName(rolloutId, chunk),
        revision,
        toValue({ v: 1, entries: [...entries], ...dropped }),
      );
      if (answer === 'conflict') {
        this.#written = { part, chunk: await firstFreeChunk(store, rolloutId), revision: undefined };
        return false;
      }
      this.#written = { part, chunk, revision: answer };
      if (isLast) break;
      part += 1;
      chunk += 1;
      revision = undefined;
      this.#written = { part, chunk, revision };
    }
    return true;
  }
}
