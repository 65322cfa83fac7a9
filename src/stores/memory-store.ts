import type { Json } from '../internal/json.js';
import type { RolloutStore, StoredEntry, StoredRecord } from '../ports/rollout-store.js';
import { conflict } from './conflict.js';

/**
 * Keeps rollouts in this process only: for tests, and for releases that nobody will want to resume.
 *
 * Everything is kept as text, so that what is given back is always a copy.
 *
 * @example
 * ```ts
 * import { BlueGreen, MemoryStore } from 'elastigroup-bluegreen';
 * const blueGreen = new BlueGreen({ store: new MemoryStore() });
 * await blueGreen.close();
 * ```
 */
export class MemoryStore implements RolloutStore {
  readonly durable = false;
  readonly #journals = new Map<string, string[]>();
  readonly #records = new Map<string, { readonly revision: number; readonly text: string }>();

  async append(rolloutId: string, expectedLength: number, entries: readonly StoredEntry[]): Promise<void> {
    const texts = entries.map((entry) => JSON.stringify(entry));
    const journal = this.#journals.get(rolloutId) ?? [];
    if (journal.length !== expectedLength) throw conflict(rolloutId, expectedLength, journal.length);
    if (texts.length === 0) return;
    journal.push(...texts);
    this.#journals.set(rolloutId, journal);
  }

  async read(rolloutId: string, from = 0): Promise<readonly StoredEntry[]> {
    return (this.#journals.get(rolloutId) ?? []).slice(from).map((text) => JSON.parse(text) as StoredEntry);
  }

  async list(): Promise<readonly string[]> {
    return [...this.#journals.keys()];
  }

  async readRecord(name: string): Promise<StoredRecord | undefined> {
    const record = this.#records.get(name);
    return record && { revision: record.revision, value: JSON.parse(record.text) as Json };
  }

  async writeRecord(name: string, expectedRevision: number | undefined, value: Json): Promise<number | 'conflict'> {
    const text = JSON.stringify(value);
    const found = this.#records.get(name);
    const asExpected =
      expectedRevision === undefined
        ? found === undefined || found.text === 'null'
        : found?.revision === expectedRevision;
    if (!asExpected) return 'conflict';
    const revision = (found?.revision ?? 0) + 1;
    this.#records.set(name, { revision, text });
    return revision;
  }
}
