import { CloudError, type CloudFailure } from '../errors/cloud-error.js';
import { retryAfterMs } from './rate-gate.js';

/** The call that failed. */
export interface FailedCall {
  readonly operation: string;
  readonly mutates: boolean;
  /** Never shown: taken out of whatever a server echoes. */
  readonly token: string;
}

export interface SpotAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined when the body is something else. */
  readonly body: unknown;
}

interface SpotErrorWords {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

const LONGEST_MESSAGE = 300;
/** AWS throttling reaches us as HTTP 400: known codes that stand for it, then the wording of the others. */
const THROTTLED_CODES: ReadonlySet<string> = new Set(['CANT_CREATE_GROUP']);
const THROTTLED =
  /throttl|request.?limit.?exceeded|rate.?limit.?exceeded|rate exceeded|too.?many.?requests|requests.?rate/i;
const NOT_FOUND = /(^|_)(NOT_FOUND|NOT_EXISTS?|DOESNT_EXIST|DOES_NOT_EXIST)(_|$)/i;
const BEFORE_SENDING: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_INVALID_URL',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** What an answer that is not a success means: Spot's own code first, the status second. */
export function answerFailure(call: FailedCall, answer: SpotAnswer): CloudError {
  const { status } = answer;
  const unclear = call.mutates ? 'unknown' : 'no';
  const envelope = readEnvelope(answer.body);
  const words = envelope.errors[0] ?? {};
  const facts = {
    status,
    code: words.code === undefined ? undefined : clean(words.code, call.token),
    requestId: requestId(answer),
    message: clean(words.message ?? envelope.told ?? `HTTP ${status} without an explanation`, call.token),
  };
  const fail = (kind: CloudFailure['kind'], acted: CloudFailure['acted'], more: Partial<CloudFailure> = {}) =>
    cloudError(call, { ...facts, kind, acted, ...more });

  if (status >= 300 && status < 400) {
    // The token must not follow to wherever the redirect points.
    const message = `it answered with a redirect to ${host(answer.headers['location'])}, which is not followed`;
    return fail('malformed', unclear, { message });
  }
  if (status === 429) return fail('throttled', 'no', { retryAfterMs: retryAfterMs({ resetMs: resetMs(answer) }) });
  const acted = status >= 500 ? unclear : 'no';
  const code = words.code ?? '';
  if (status < 500 && (THROTTLED_CODES.has(code) || THROTTLED.test(code) || THROTTLED.test(words.message ?? ''))) {
    return fail('throttled', acted);
  }
  if (status >= 500 || status === 408) return fail('unavailable', acted);
  if (status === 401 || status === 403) return fail('denied', acted);
  if (NOT_FOUND.test(code)) return fail('not-found', acted);
  if (status === 404) {
    // A 404 that does not come from Spot (a proxy, a wrong base URL) is no evidence that anything is gone.
    if (envelope.isSpots) return fail('not-found', acted);
    return fail('malformed', unclear, { message: 'the 404 does not come from Spot: check spot.baseUrl and proxies' });
  }
  return fail('refused', acted);
}

/** A 2xx whose body is not what the contract says. */
export function malformed(call: FailedCall, answer: SpotAnswer, what: string): CloudError {
  return cloudError(call, {
    kind: 'malformed',
    status: answer.status,
    requestId: requestId(answer),
    message: clean(what, call.token),
    acted: call.mutates ? 'unknown' : 'no',
  });
}

/** What a request without an answer means. Keeps a code and nothing else: the error itself holds the request's headers. */
export function connectionFailure(call: FailedCall, error: unknown): CloudError {
  const unclear = call.mutates ? 'unknown' : 'no';
  const { code, syscall, message } = connectionFacts(error);
  if (message.includes('maxContentLength')) {
    return cloudError(call, {
      kind: 'malformed',
      message: 'the answer is too large to be one of Spot’s',
      acted: unclear,
    });
  }
  const told = code === undefined ? '' : ` (${code})`;
  if (syscall === 'connect' || syscall === 'getaddrinfo' || (code !== undefined && BEFORE_SENDING.has(code))) {
    return cloudError(call, { kind: 'unavailable', code, message: `no connection could be made${told}`, acted: 'no' });
  }
  return cloudError(call, { kind: 'no-answer', code, message: `the connection was lost${told}`, acted: unclear });
}

/** Refused by our own gate: Spot has asked us to stay away, and a call now would extend that. */
export function gateClosed(call: Pick<FailedCall, 'operation'>, waitMs: number): CloudError {
  const message = 'Spot’s rate limit is used up; nothing was sent';
  return cloudError(call, { kind: 'throttled', message, acted: 'no', retryAfterMs: waitMs });
}

/** An id that cannot be part of a path. */
export function unusableId(operation: string, name: string, id: string): CloudError {
  const message = `${JSON.stringify(id)} cannot be the ${name}; nothing was sent`;
  return cloudError({ operation }, { kind: 'refused', message, acted: 'no' });
}

export function resetMs(answer: Pick<SpotAnswer, 'headers'>): number | undefined {
  const seconds = numberOf(answer.headers['x-ratelimit-reset']) ?? numberOf(answer.headers['retry-after']);
  return seconds === undefined ? undefined : Math.ceil(seconds * 1000);
}

export function numberOf(header: string | undefined): number | undefined {
  const number = header === undefined || header.trim() === '' ? Number.NaN : Number(header);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}

function cloudError(
  call: Pick<FailedCall, 'operation'>,
  failure: Omit<CloudFailure, 'service' | 'operation'>,
): CloudError {
  return new CloudError({ service: 'spot', operation: call.operation, ...failure });
}

function readEnvelope(body: unknown): {
  isSpots: boolean;
  errors: readonly SpotErrorWords[];
  told?: string | undefined;
} {
  const response = record(record(body)?.['response']);
  if (response === undefined) return { isSpots: false, errors: [] };
  const errors = Array.isArray(response['errors']) ? (response['errors'] as unknown[]) : [];
  return {
    isSpots: true,
    errors: errors.map((error) => ({ code: text(record(error)?.['code']), message: text(record(error)?.['message']) })),
    told: text(response['data']) ?? text(record(response['status'])?.['message']),
  };
}

function requestId(answer: SpotAnswer): string | undefined {
  const id = text(record(record(answer.body)?.['request'])?.['id']) ?? answer.headers['x-request-id'];
  return id?.slice(0, 100);
}

function connectionFacts(error: unknown): { code?: string | undefined; syscall?: string | undefined; message: string } {
  let code: string | undefined;
  let syscall: string | undefined;
  // The socket's own error is the cause of axios's; for a name with several addresses it is a list of errors.
  for (let layer = record(error), depth = 0; layer !== undefined && depth < 4; depth += 1) {
    const value = text(layer['code']);
    if (value !== undefined && /^[A-Z][A-Z0-9_]*$/.test(value)) code = value;
    syscall ??= text(layer['syscall']);
    layer = record(layer['cause']) ?? record(Array.isArray(layer['errors']) ? layer['errors'][0] : undefined);
  }
  return { code, syscall, message: error instanceof Error ? error.message : '' };
}

function host(location: string | undefined): string {
  if (location === undefined || !URL.canParse(location)) return 'another address';
  return new URL(location).host;
}

/** Shortened, on one line, and without the token. */
function clean(words: string, token: string): string {
  const line = words.replaceAll(token, '[redacted]').replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 1)}…` : line;
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
