import pRetry from 'p-retry';

export type LoopVerdict = { readonly retry: false } | { readonly retry: true; readonly afterMs: number };

/**
 * Makes a call again for as long as `judge` says so. The pauses are the caller's, so that they go through its clock:
 * p-retry's own are turned off.
 */
export async function retryLoop<T>(loop: {
  readonly attempt: () => Promise<T>;
  readonly judge: (error: unknown, attempt: number) => LoopVerdict;
  readonly pause: (ms: number) => Promise<void>;
}): Promise<T> {
  return pRetry(
    async () => {
      try {
        return await loop.attempt();
      } catch (error) {
        // p-retry treats a TypeError specially and replaces what is not an Error: carry the original through.
        throw new Carrier(error);
      }
    },
    {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 0,
      maxTimeout: 0,
      shouldRetry: async ({ error, attemptNumber }) => {
        const verdict = loop.judge((error as Carrier).original, attemptNumber);
        if (verdict.retry) await loop.pause(verdict.afterMs);
        return verdict.retry;
      },
    },
  ).catch((error: unknown) => {
    throw error instanceof Carrier ? (error.original as Error) : error;
  });
}

class Carrier extends Error {
  constructor(readonly original: unknown) {
    super('carried');
  }
}
