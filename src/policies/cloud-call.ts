import { CloudError, type CloudFailure, type CloudService } from '../errors/cloud-error.js';
import { retryLoop } from '../internal/retry-loop.js';
import type { Clock } from '../ports/clock.js';
import type { AwsLimits } from './aws-limits.js';
import type { RetryBudget } from './retry-budget.js';
import type { RetryPolicy, RetryVerdict } from './retry.js';
import type { TimeoutPolicy } from './timeout.js';

/** What every call to a cloud is made with. */
export interface CloudCallEnvironment {
  readonly clock: Clock;
  readonly random: () => number;
  readonly retry: RetryPolicy;
  /** What all calls to a service together may spend on retries. @defaultValue no limit */
  readonly budget?: RetryBudget | undefined;
  /** What AWS allows, shared by all calls. @defaultValue no limit */
  readonly limits?: AwsLimits | undefined;
  readonly timeout: TimeoutPolicy;
  /** Told of every failed attempt, with the reason why it is, or is not, made again. */
  readonly onFailedAttempt?: ((attempt: FailedAttempt) => void) | undefined;
}

export interface FailedAttempt {
  readonly failure: CloudFailure;
  readonly attempt: number;
  /** When it is made again; absent: it is not. */
  readonly retryAfterMs?: number | undefined;
  /** Why it is, or is not, made again. */
  readonly because?: string | undefined;
}

export interface CloudCall {
  readonly service: CloudService;
  readonly operation: string;
  /** A call that changes something is made again only when the service certainly did not act on it. */
  readonly mutates: boolean;
  /** Reads several at once, where the limit is one of reading a single one. */
  readonly inBatch?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly beforeSend?: (() => Promise<void>) | undefined;
}

const CALL_TIMEOUT_MS = 30_000;
/** Without a reason of its own every abort would make an exception with a stack, several hundred times a rollout. */
const CALLED_OFF = Object.freeze({ calledOff: true });

/**
 * Makes one call to a cloud: a timeout for each attempt, and the retry policy between them.
 *
 * `attempt` gets a signal that ends when its time is up, and throws nothing but `CloudError`. The caller's signal cuts a
 * read short with the signal's reason; a call that changes something always runs to its answer or its timeout.
 */
export async function callCloud<T>(
  environment: CloudCallEnvironment,
  call: CloudCall,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, budget, limits } = environment;
  const interruption = call.mutates ? undefined : call.signal;
  return retryLoop({
    attempt: async () => {
      const turn = limits?.turn(call, call.signal);
      if (turn !== undefined) await turn;
      // Before every attempt: a signal that aborts between the pause and the request would not be heard any more.
      call.signal?.throwIfAborted();
      if (call.mutates) await call.beforeSend?.();
      const answer = await withinTime(environment, call, interruption, attempt);
      budget?.giveBack(call.service);
      return answer;
    },
    judge: (error, number) => {
      if (!CloudError.is(error)) return { retry: false };
      const { failure } = error;
      if (failure.kind === 'throttled') limits?.throttled(call, failure.retryAfterMs);
      const verdict = judge(environment, call, failure, number);
      environment.onFailedAttempt?.({
        failure,
        attempt: number,
        ...(verdict.retry ? { retryAfterMs: verdict.afterMs } : {}),
        ...(verdict.because === undefined ? {} : { because: verdict.because }),
      });
      return verdict;
    },
    pause: (ms) => clock.sleep(ms, call.signal),
  });
}

/** The policy's verdict, and what stands above every policy. */
function judge(
  { retry, random, budget }: CloudCallEnvironment,
  { mutates, service }: CloudCall,
  failure: CloudFailure,
  attempt: number,
): RetryVerdict {
  if (mutates && failure.acted === 'unknown') return { retry: false, because: 'the service may have acted on it' };
  const verdict = retry(failure, attempt, random);
  if (!verdict.retry || budget === undefined || budget.take(service)) return verdict;
  return { retry: false, because: `the budget for retries of ${service} is used up` };
}

async function withinTime<T>(
  { clock, timeout }: CloudCallEnvironment,
  call: CloudCall,
  interruption: AbortSignal | undefined,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { service, operation } = call;
  const limitMs = timeout({ scope: 'call', service, operation, derivedMs: CALL_TIMEOUT_MS });
  const request = new AbortController();
  const timer = new AbortController();
  const interrupt = (): void => request.abort(interruption?.reason);
  interruption?.addEventListener('abort', interrupt, { once: true });
  const timedOut = clock.sleep(limitMs, timer.signal).then(
    () => {
      const error = new CloudError({
        service,
        operation,
        kind: 'timed-out',
        message: `no answer within ${limitMs} ms`,
        acted: call.mutates ? 'unknown' : 'no',
      });
      request.abort(error);
      throw error;
    },
    // The timer was called off because the attempt ended first: leave the race to it.
    () => new Promise<never>(() => {}),
  );
  const interrupted = new Promise<never>((_resolve, reject) => {
    request.signal.addEventListener('abort', () => reject(request.signal.reason as Error), { once: true });
  });
  try {
    return await Promise.race([attempt(request.signal), timedOut, interrupted]);
  } finally {
    timer.abort(CALLED_OFF);
    interruption?.removeEventListener('abort', interrupt);
  }
}
