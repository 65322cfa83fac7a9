import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';
import type { RolloutStore, StoredEntry, StoredRecord } from '../ports/rollout-store.js';

/**
 * A user's store throws whatever its database throws. As `STORE_FAILED` it ends this process's driving; as anything else it
 * would look like a fault of a step, and take the release back.
 */
export class StoreWithOurErrors implements RolloutStore {
  constructor(private readonly store: RolloutStore) {}

  get durable(): boolean {
    return this.store.durable;
  }

  append(rolloutId: string, expectedLength: number, entries: readonly StoredEntry[]): Promise<void> {
    return ours('append', () => this.store.append(rolloutId, expectedLength, entries));
  }

  read(rolloutId: string, from?: number): Promise<readonly StoredEntry[]> {
    return ours('read', () => this.store.read(rolloutId, from));
  }

  list(): Promise<readonly string[]> {
    return ours('list', () => this.store.list());
  }

  readRecord(name: string): Promise<StoredRecord | undefined> {
    return ours('readRecord', () => this.store.readRecord(name));
  }

  writeRecord(name: string, expectedRevision: number | undefined, value: Json): Promise<number | 'conflict'> {
    return ours('writeRecord', () => this.store.writeRecord(name, expectedRevision, value));
  }

  async close(): Promise<void> {
    await ours('close', async () => this.store.close?.());
  }
}

async function ours<T>(method: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (BlueGreenError.is(error)) throw error;
    const words =
      error instanceof Error ? `${error.name}: ${error.message}` : 'it threw something that is not an Error';
    throw new BlueGreenError('STORE_FAILED', `the store failed to ${method}: ${words}`);
  }
}
