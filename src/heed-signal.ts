import { BlueGreenError } from './errors/blue-green-error.js';
import type { CallOptions } from './options.js';
import type { Rollout } from './rollout.js';

/** What the caller's signal means: to suspend, or to abort. Answers how to stop listening to it. */
export function heedSignal(
  rollout: Rollout,
  stop: AbortController,
  { signal, onSignal }: CallOptions,
  durable: boolean,
): () => void {
  if (signal === undefined) return () => {};
  const means = onSignal ?? (durable ? 'suspend' : 'abort');
  const heed = (): void => {
    const reason = signal.reason instanceof Error ? signal.reason.message : 'the signal was aborted';
    if (means === 'suspend') stop.abort(new BlueGreenError('SUSPENDED', reason));
    // What becomes of the order is told by the rollout's result.
    else void rollout.abort({ by: 'signal', reason }).catch(() => {});
  };
  if (signal.aborted) heed();
  else signal.addEventListener('abort', heed, { once: true });
  return () => signal.removeEventListener('abort', heed);
}
