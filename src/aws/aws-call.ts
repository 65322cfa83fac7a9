import * as v from 'valibot';
import { CloudError } from '../errors/cloud-error.js';
import { callCloud, type CloudCallEnvironment } from '../policies/cloud-call.js';
import type { Call } from '../ports/call.js';
import { type AwsCall, awsFailure, malformed } from './aws-failure.js';
import { isRefusedForTime } from './clock-skew.js';

/** One request to AWS: timeout, retries, the answer checked, and every failure translated. */
export async function awsCall<T>(
  environment: CloudCallEnvironment,
  request: AwsCall,
  call: Call | undefined,
  answer: v.GenericSchema<unknown, T>,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<unknown>,
): Promise<T> {
  let attempt = 0;
  return callCloud(environment, { ...request, signal: call?.signal, beforeSend: call?.beforeSend }, async (signal) => {
    attempt += 1;
    const raw = await sendByTheirClock(environment, request, attempt, signal, send);
    const checked = v.safeParse(answer, raw);
    if (checked.success) return checked.output;
    const [issue] = checked.issues;
    // What was found is left out: it may be anything.
    const field = v.getDotPath(issue) ?? 'answer';
    const wrong = issue.type === 'check' ? issue.message : `${field} is not ${issue.expected ?? 'valid'}`;
    throw malformed(request, raw, `the answer is not what the contract says: ${wrong}`);
  });
}

/** Sends, and once more when the signature was refused for its time: within the same attempt, so within its time. */
async function sendByTheirClock(
  environment: CloudCallEnvironment,
  request: AwsCall,
  attempt: number,
  signal: AbortSignal,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<unknown>,
): Promise<unknown> {
  const failureOf = (error: unknown) => awsFailure(request, error, environment.clock.now());
  try {
    return await send({ abortSignal: signal });
  } catch (error) {
    const failure = failureOf(error);
    if (!isRefusedForTime(error) || !CloudError.is(failure) || signal.aborted) throw failure;
    const because =
      'the signature was refused for its time: nothing was done, and it is signed again by the service’s clock';
    environment.onFailedAttempt?.({ failure: failure.failure, attempt, retryAfterMs: 0, because });
  }
  try {
    return await send({ abortSignal: signal });
  } catch (error) {
    throw failureOf(error);
  }
}

/** Where no service says how long its pages are, ten items on each are still enough for a hundred thousand. */
const MOST_PAGES = 10_000;

/** All pages of a list. Each page is a request of its own, with its own timeout and retries; a list without end is refused. */
export async function allPages<T>(
  request: AwsCall,
  page: (token: string | undefined) => Promise<{ readonly items: readonly T[]; readonly next?: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const { items, next } = await page(token);
    for (const item of items) all.push(item);
    token = next === '' ? undefined : next;
    if (token === undefined) break;
    if (seen.has(token))
      throw malformed(request, undefined, 'the list has no end: a page leads back to an earlier one');
    seen.add(token);
  } while (seen.size < MOST_PAGES);
  if (token !== undefined) throw malformed(request, undefined, `the list has no end: ${MOST_PAGES} pages were read`);
  return all;
}

export function batchesOf<T>(all: readonly T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let from = 0; from < all.length; from += size) batches.push(all.slice(from, from + size));
  return batches;
}
