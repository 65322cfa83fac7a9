/** What AWS calls a request whose signature is too old, or from the future. */
const ABOUT_TIME: ReadonlySet<string> = new Set(['RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed']);
/** What it calls such a request too, and any other whose signature is wrong. */
const ABOUT_SIGNATURES: ReadonlySet<string> = new Set([
  'InvalidSignature',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'AuthFailure',
]);
const SAYS_TIME = /signature (has )?expired|signature not yet current|request has expired/i;

/** AWS takes a signature that is up to five minutes off; from here on the SDK holds the clock to be the reason. */
const SKEWED_MS = 240_000;

/**
 * Whether AWS refused a request because of the time in its signature. It refuses before it looks at what is asked for, so
 * nothing was done, whatever the call. The SDK has set its own clock by the `Date` of that answer: the same call, signed
 * again, is taken.
 */
export function isRefusedForTime(thrown: unknown): boolean {
  const { name, message, $metadata } = record(thrown);
  const code = typeof name === 'string' ? name.replace(/^.*#/, '') : '';
  if (ABOUT_TIME.has(code)) return true;
  if (!ABOUT_SIGNATURES.has(code)) return false;
  return SAYS_TIME.test(String(message)) || record($metadata)['clockSkewCorrected'] === true;
}

/** By how much this machine's clock is ahead of the service's, behind it when negative; undefined where it is not off. */
export function clockOffMs(thrown: unknown, now: number): number | undefined {
  const date = record(record(record(thrown)['$response'])['headers'])['date'];
  const theirs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  const off = now - theirs;
  return Math.abs(off) >= SKEWED_MS ? off : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
