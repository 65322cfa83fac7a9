import * as v from 'valibot';
import type { Json } from '../internal/json.js';
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

  constructor(environment: CloudCallEnvironment, credentials: () => Promise<SpotCredentials>, http: SpotHttp) {
    this.#environment = environment;
    this.#credentials = credentials;
    this.#http = http;
    this.#gate = new RateGate(environment.clock);
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
        const { token, accountId } = await this.#credentials();
        const failed: FailedCall = { operation, mutates, token };
        const path = fill(request);
        const sent = this.#http.send(failed, { method, path, query: { accountId }, body: request.body }, signal);
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
        if (answer.status < 200 || answer.status >= 300) throw answerFailure(failed, answer);
        if (answer.body === undefined) throw malformed(failed, answer, 'the answer is not JSON');
        const read = readItems(answer.body, item, check);
        if ('wrong' in read) throw malformed(failed, answer, read.wrong);
        return read.items;
      },
    );
  }
}

function readItems<T>(
  body: unknown,
  item: v.GenericSchema<unknown, T>,
  check: (items: readonly T[]) => string | undefined,
): { readonly items: readonly T[] } | { readonly wrong: string } {
  const outer = v.safeParse(envelope, body);
  if (!outer.success) return { wrong: shapeOf(outer.issues[0]) };
  const inner = v.safeParse(v.array(item), outer.output.response.items);
  if (!inner.success) return { wrong: shapeOf(inner.issues[0], 'response.items.') };
  const wrong = check(inner.output);
  return wrong === undefined ? { items: inner.output } : { wrong };
}

/** Names the field and what was expected. What was found is left out: it may be anything. */
function shapeOf(issue: v.BaseIssue<unknown>, prefix = ''): string {
  return `the answer is not what Spot’s contract says: ${prefix}${v.getDotPath(issue) ?? 'body'} is not ${issue.expected ?? 'valid'}`;
}

function fill({ operation, route, ids }: SpotRequest): string {
  return route.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const id = ids[name] ?? '';
    // An empty or dotted segment would make it the path of another call.
    if (/^\.{0,2}$/.test(id)) throw unusableId(operation, name, id);
    return encodeURIComponent(id);
  });
}
