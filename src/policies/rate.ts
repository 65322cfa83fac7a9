/** How often a service may be called: so many calls at once, and so many a second after that. */
export interface Rate {
  readonly size: number;
  readonly perSecond: number;
}

/** Calls that may still be made, as it was at an instant in epoch milliseconds. Below 0: none for longer than usual. */
export interface TokenBucket {
  readonly tokens: number;
  readonly at: number;
}

/** Sums of fractions do not come out even: what is so little short of a whole call is a whole call. */
const EVEN = 1e-6;

export function fullBucket({ size }: Rate, now: number): TokenBucket {
  return { tokens: size, at: now };
}

/** The bucket with what has run in since. A clock that is set back fills nothing, and takes nothing. */
export function refilled(bucket: TokenBucket, { size, perSecond }: Rate, now: number): TokenBucket {
  const seconds = Math.max(0, now - bucket.at) / 1000;
  return { tokens: Math.min(size, bucket.tokens + seconds * perSecond), at: now };
}

/** How many milliseconds until a call may be made; 0 = now. */
export function waitMs(bucket: TokenBucket, rate: Rate, now: number): number {
  const missing = 1 - refilled(bucket, rate, now).tokens;
  return missing <= EVEN ? 0 : Math.ceil((missing / rate.perSecond) * 1000);
}

/** The bucket after a call. */
export function afterCall(bucket: TokenBucket, rate: Rate, now: number): TokenBucket {
  const { tokens } = refilled(bucket, rate, now);
  return { tokens: tokens - 1, at: now };
}

/** The bucket after the service refused a call for its rate: somebody else has spent what we believed to be there. */
export function afterThrottling(
  bucket: TokenBucket,
  rate: Rate,
  now: number,
  /** How long the service asks to be left alone. */
  retryAfterMs = 0,
): TokenBucket {
  const left = Math.min(0, 1 - (retryAfterMs / 1000) * rate.perSecond);
  return { tokens: Math.min(refilled(bucket, rate, now).tokens, left), at: now };
}
