import type { RolloutStore } from '../ports/rollout-store.js';
import type { CloudTrace } from './cloud-trace.js';
import { readChunks } from './trace-records.js';

/** The trace of a rollout as far as its drivers have written it, in the order of time. */
export async function readTrace(
  store: RolloutStore,
  { rolloutId, kind, startedAt }: { readonly rolloutId: string; readonly kind: string; readonly startedAt: number },
): Promise<CloudTrace> {
  const chunks = await readChunks(store, rolloutId);
  const dropped = chunks.reduce((sum, chunk) => sum + (chunk.dropped ?? 0), 0);
  return {
    v: 1,
    rolloutId,
    kind,
    startedAt: new Date(startedAt).toISOString(),
    entries: chunks.flatMap(({ entries }) => entries).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
    ...(dropped === 0 ? {} : { droppedEntries: dropped }),
  };
}
