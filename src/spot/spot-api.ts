import * as v from 'valibot';
import type { Json } from '../internal/json.js';
import { inNextTurn } from '../internal/system-timers.js';
import { callCloud, type CloudCallEnvironment } from '../policies/cloud-call.js';
import type { Call } from '../ports/call.js';
import type { SpotCredentials } from './credentials.js';
import { RateGate } from './rate-gate.js';
import {
  answerFailure,
  type FailedCall,
  gateClosed,
  malformed,
  numberOf,
  resetMs,
  type SpotAnswer,
  unusableId,
} from './spot-failure.js';
import type { SpotHttp, SpotHttpRequest } from './spot-http.js';

export interface SpotRequest {
  /** The port's name of the call. */
  readonly operation: string;
  readonly method: SpotHttpRequest['method'];
  /** Such as `/aws/ec2/group/{elastigroupId}/status`: Spot counts calls by it. */
  readonly route: string;
  readonly ids: Readonly<Record<string, string>>;
  readonly body?: Json | undefined;
}

/** Spot's envelope around whatever it answers with. */
const envelope = v.object({ response: v.object({ items: v.nullish(v.array(v.unknown()), []) }) });

/** Calls to Spot with everything that each of them needs: credentials, rate gate, timeout, retries, a checked answer. */
export class SpotApi {
  readonly #environment: CloudCallEnvironment;
  readonly #credentials: () => Promise<SpotCredentials>;
  readonly #http: SpotHttp;
  readonly #gate: RateGate;

  constructor(
    environment: CloudCallEnvironment,
    credentials: () => Promise<SpotCredentials>,
    http: SpotHttp,
    gate: RateGate = new RateGate(environment.clock),
  ) {
    this.#environment = environment;
    this.#credentials = credentials;
    this.#http = http;
    this.#gate = gate;
  }

  /** The items of the answer, each as `item` has it; `check` says what else is wrong with them, if anything. */
  async request<T>(
    request: SpotRequest,
    item: v.GenericSchema<unknown, T>,
    call: Call | undefined,
    check: (items: readonly T[]) => string | undefined = () => undefined,
  ): Promise<readonly T[]> {
    const gate = `${request.method} ${request.route}`;
    // The wait at the gate may be longer than a call may take, so the first one is outside the call's timeout and later
    // ones are part of the pause before the next attempt.
    return this.#gate.through(gate, call?.signal, () => this.#attempts(request, gate, item, call, check));
  }

  async #attempts<T>(
    request: SpotRequest,
    gate: string,
    item: v.GenericSchema<unknown, T>,
    call: Call | undefined,
    check: (items: readonly T[]) => string | undefined,
  ): Promise<readonly T[]> {
    const { operation, method } = request;
    const mutates = method !== 'GET';
    let first = true;
    const { retry } = this.#environment;
    const environment: CloudCallEnvironment = {
      ...this.#environment,
      retry: (failure, attempt, random) => {
        const verdict = retry(failure, attempt, random);
        return verdict.retry ? { ...verdict, afterMs: Math.max(verdict.afterMs, this.#gate.waitMs(gate)) } : verdict;
      },
    };
    return callCloud(
      environment,
      { service: 'spot', operation, mutates, signal: call?.signal, beforeSend: call?.beforeSend },
      async (signal) => {
        // The first attempt has come through the gate.
        if (!first) {
          const waitMs = this.#gate.waitMs(gate);
          if (waitMs > 0) throw gateClosed(request, waitMs);
          this.#gate.knock(gate);
        }
        first = false;
        const credentials = await this.#credentials();
        const failedWith = ({ token }: SpotCredentials): FailedCall => ({ operation, mutates, token });
        let failed = failedWith(credentials);
        let answer = await this.#send(request, gate, failed, credentials, signal);
        if (answer.status === 401 && this.#gate.waitMs(gate) === 0) {
          // A token that ended between being asked for and being read: nothing was done, and there may be another by now.
          const renewed = await this.#credentials();
          if (renewed.token !== credentials.token) {
            this.#gate.knock(gate);
            failed = failedWith(renewed);
            answer = await this.#send(request, gate, failed, renewed, signal);
          }
        }
        if (answer.status < 200 || answer.status >= 300) throw answerFailure(failed, answer);
        if (answer.body === undefined) throw malformed(failed, answer, 'the answer is not JSON');
        const read = await readItems(answer.body, item, check);
        if ('wrong' in read) throw malformed(failed, answer, read.wrong);
        return read.items;
      },
    );
  }

  async #send(
    request: SpotRequest,
    gate: string,
    failed: FailedCall,
    { accountId }: SpotCredentials,
    signal: AbortSignal,
  ): Promise<SpotAnswer> {
    const { method, body } = request;
    const path = fill(request);
    const sent = this.#http.send(failed, { method, path, query: { accountId }, body }, signal);
    const answer = await sent.catch((error: unknown) => {
      this.#gate.unanswered(gate);
      throw error;
    });
    this.#gate.answered(gate, {
      status: answer.status,
      limit: numberOf(answer.headers['x-ratelimit-limit']),
      remaining: numberOf(answer.headers['x-ratelimit-remaining']),
      resetMs: resetMs(answer),
    });
    return answer;
  }
}

/** Of what an answer lists, so much is checked at once: thousands in one go would hold up everything else. */
const CHECKED_AT_ONCE = 500;

async function readItems<T>(
  body: unknown,
  item: v.GenericSchema<unknown, T>,
  check: (items: readonly T[]) => string | undefined,
): Promise<{ readonly items: readonly T[] } | { readonly wrong: string }> {
  const outer = v.safeParse(envelope, body);
  if (!outer.success) return { wrong: shapeOf(outer.issues[0]) };
  const items: T[] = [];
  for (const [index, each] of outer.output.response.items.entries()) {
    if (index > 0 && index % CHECKED_AT_ONCE === 0) await nextTurn();
    const read = v.safeParse(item, each);
    if (!read.success) return { wrong: shapeOf(read.issues[0], `response.items.${index}`) };
    items.push(read.output);
  }
  const wrong = check(items);
  return wrong === undefined ? { items } : { wrong };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => inNextTurn(resolve));

/** Names the field and what was expected. What was found is left out: it may be anything. */
function shapeOf(issue: v.BaseIssue<unknown>, within?: string): string {
  const field = [within, v.getDotPath(issue)].filter(Boolean).join('.') || 'body';
  return `the answer is not what Spot’s contract says: ${field} is not ${issue.expected ?? 'valid'}`;
}

function fill({ operation, route, ids }: SpotRequest): string {
  return route.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const id = ids[name] ?? '';
    // An empty or dotted segment would make it the path of another call.
    if (/^\.{0,2}$/.test(id)) throw unusableId(operation, name, id);
    return encodeURIComponent(id);
  });
}
