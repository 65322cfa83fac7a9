import type { ElastigroupSimulation } from '../model/elastigroup.js';
import { Refusal } from '../model/parts.js';
import type { WireRequest, WireResponse, WireService } from './http.js';
import type { JsonObject } from './spot-body.js';
import { SPOT_ANSWERS } from './spot-calls.js';
import { spotCall } from './spot-routes.js';

export interface SpotWireOptions {
  readonly token: string;
  /** The account that owns every Elastigroup; also the organisation's oldest. */
  readonly accountId: string;
  readonly now: () => number;
}

const MESSAGES: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Without a time from Spot itself, when a call that was refused for being one too many may come again. */
const DEFAULT_RESET_SECONDS = 5;

/** Spot's API over HTTP: authentication, routes, the envelope of every answer. Whoever receives requests counts them. */
export function spotWire(model: ElastigroupSimulation, options: SpotWireOptions): WireService {
  let answered = 0;

  const operationOf = (request: WireRequest) => spotCall(request)?.operation ?? 'unknown';

  const answer = (
    request: WireRequest,
    status: number,
    response: JsonObject,
    headers: Readonly<Record<string, string>> = {},
  ): WireResponse => {
    answered += 1;
    const url = new URL(request.url);
    const id = `5f0700d0-0000-4000-8000-${answered.toString(16).padStart(12, '0')}`;
    const body = {
      request: {
        id,
        url: `${url.pathname}${url.search}`,
        method: request.method.toUpperCase(),
        timestamp: new Date(options.now()).toISOString(),
      },
      response: { status: { code: status, message: MESSAGES[status] ?? 'Error' }, ...response },
    };
    return {
      status,
      headers: {
        'content-type': 'application/json',
        'x-request-id': id,
        ...headers,
      },
      body: JSON.stringify(body),
    };
  };

  const authorise = (request: WireRequest): void => {
    if (request.headers['authorization'] !== `Bearer ${options.token}`)
      throw new Refusal('UNAUTHORIZED', 'Request Authentication Failed', 401);
    const accountId = new URL(request.url).searchParams.get('accountId');
    if (accountId !== null && accountId !== options.accountId)
      throw new Refusal('FORBIDDEN', `The account ${accountId} is not accessible with this token.`, 403);
  };

  const throttled = (request: WireRequest, resetSeconds?: number): WireResponse =>
    answer(
      request,
      429,
      { data: 'Rate limit exceeded' },
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(resetSeconds ?? DEFAULT_RESET_SECONDS) },
    );

  return {
    name: 'spot',
    operationOf,
    throttled,
    handle(request, operation) {
      authorise(request);
      const call = spotCall(request);
      const act = SPOT_ANSWERS[operation];
      if (call === undefined || act === undefined)
        throw new Refusal('NOT_FOUND', `There is no ${request.method} ${new URL(request.url).pathname}.`, 404);
      const { kind, items } = act(model, call, request.body);
      return answer(request, 200, items === undefined ? { kind } : { kind, items, count: items.length });
    },
    refuse: ({ code, message, status, field }, request) =>
      answer(request, status, { errors: [field === undefined ? { code, message } : { code, message, field }] }),
  };
}
