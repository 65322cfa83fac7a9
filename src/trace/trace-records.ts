import type { Json } from '../internal/json.js';
import type { RolloutStore } from '../ports/rollout-store.js';
import type { TraceEntry } from './cloud-trace.js';

/** One part of a trace as it is stored: a growing trace rewrites its last part only. */
export interface TraceChunk {
  readonly v: 1;
  readonly entries: readonly TraceEntry[];
  /** Entries that had no room. */
  readonly dropped?: number;
}

/** What a trace may grow to: stores have limits for one record. */
export const MOST_CHUNKS = 40;
export const MOST_ENTRIES_OF_A_CHUNK = 200;
export const MOST_CHARACTERS_OF_A_CHUNK = 100_000;

export const chunkName = (rolloutId: string, n: number): string => `trace/${rolloutId}/${n}`;

/** Number `MOST_CHUNKS` holds no entries: it says how many had no room. */
export async function readChunks(store: RolloutStore, rolloutId: string): Promise<readonly TraceChunk[]> {
  const chunks: TraceChunk[] = [];
  for (let n = 0; n <= MOST_CHUNKS; n += 1) {
    const record = await store.readRecord(chunkName(rolloutId, n));
    if (record === undefined || record.value === null) break;
    chunks.push(record.value as unknown as TraceChunk);
  }
  return chunks;
}

export async function firstFreeChunk(store: RolloutStore, rolloutId: string): Promise<number> {
  return (await readChunks(store, rolloutId)).length;
}

export const toValue = (chunk: TraceChunk): Json => chunk as unknown as Json;
