/**
 * Where the library takes time from.
 *
 * `now()` is epoch milliseconds. `sleep` rejects with the signal's reason as soon as the signal aborts.
 */
export interface Clock {
  now(): number;
  /**
   * Milliseconds since some instant, on a scale that nobody sets. What may go out under a lease is told by this and by
   * `now()`, whichever has come further.
   *
   * @defaultValue `now()`
   */
  monotonic?(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
