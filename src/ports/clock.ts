/**
 * Where the library takes time from.
 *
 * `now()` is epoch milliseconds. `sleep` rejects with the signal's reason as soon as the signal aborts.
 */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
