/**
 * What the caller says about one request to a cloud.
 *
 * `signal` ends a read at once. A call that changes something is never cut short by it: it ends with an answer or with
 * its own timeout, so that what the cloud did can be known.
 */
export interface Call {
  readonly signal?: AbortSignal | undefined;
  /**
   * Asked right before a call that changes something goes out, each time that it does, after every wait at a rate limit
   * or between attempts. When it rejects, nothing is sent, and the call rejects with the same error.
   */
  readonly beforeSend?: (() => Promise<void>) | undefined;
}
