import * as v from 'valibot';
import { callCloud, type CloudCallEnvironment } from '../policies/cloud-call.js';
import type { Call } from '../ports/call.js';
import { type AwsCall, awsFailure, malformed } from './aws-failure.js';

/** One request to AWS: timeout, retries, the answer checked, and every failure translated. */
export async function awsCall<T>(
  environment: CloudCallEnvironment,
  request: AwsCall,
  call: Call | undefined,
  answer: v.GenericSchema<unknown, T>,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<unknown>,
): Promise<T> {
  return callCloud(environment, { ...request, signal: call?.signal, beforeSend: call?.beforeSend }, async (signal) => {
    let raw: unknown;
    try {
      raw = await send({ abortSignal: signal });
    } catch (error) {
      throw awsFailure(request, error);
    }
    const checked = v.safeParse(answer, raw);
    if (checked.success) return checked.output;
    const [issue] = checked.issues;
    // What was found is left out: it may be anything.
    const field = v.getDotPath(issue) ?? 'answer';
    const wrong = issue.type === 'check' ? issue.message : `${field} is not ${issue.expected ?? 'valid'}`;
    throw malformed(request, raw, `the answer is not what the contract says: ${wrong}`);
  });
}

/** All pages of a list. Each page is a request of its own, with its own timeout and retries. */
export async function allPages<T>(
  page: (token: string | undefined) => Promise<{ readonly items: readonly T[]; readonly next?: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await page(token);
    all.push(...items);
    token = next === '' ? undefined : next;
  } while (token !== undefined);
  return all;
}

export function batchesOf<T>(all: readonly T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let from = 0; from < all.length; from += size) batches.push(all.slice(from, from + size));
  return batches;
}
