import { BlueGreenError } from '../errors/blue-green-error.js';
import { CloudError, type CloudFailure, type CloudService } from '../errors/cloud-error.js';
import { clockOffMs, isRefusedForTime } from './clock-skew.js';

export interface AwsCall {
  readonly service: Exclude<CloudService, 'spot'>;
  /** The port's name of the call. */
  readonly operation: string;
  readonly mutates: boolean;
  /** Reads several at once, where the limit is one of reading a single one. */
  readonly inBatch?: boolean | undefined;
}

/** Names without a trailing `Exception`, `Error` or `Fault`: the wire and the SDK do not agree on those. */
const THROTTLED: ReadonlySet<string> = new Set([
  'Throttling',
  'Throttled',
  'ThrottledRequest',
  'RequestThrottled',
  'RequestLimitExceeded',
  'TooManyRequests',
  'SlowDown',
  'BandwidthLimitExceeded',
  'EC2Throttled',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceeded',
]);
const DENIED: ReadonlySet<string> = new Set([
  'Unauthorized',
  'UnauthorizedOperation',
  'NotAuthorized',
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'InvalidSecurity',
  'InvalidSignature',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'OptInRequired',
  'Blocked',
]);
const DENIED_FAMILY = /^(AccessDenied|ExpiredToken|UnrecognizedClient|AuthFailure|AuthorizationHeader)/;
/** The SDK could not get at credentials: nothing was sent. */
const NO_CREDENTIALS = /Provider$/;
const NOT_FOUND = /(DoesNotExist|NotFound)$/;
const BEFORE_SENDING: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'CERT_HAS_EXPIRED']);
const LONGEST_MESSAGE = 300;

interface SdkError {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly syscall: string | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
}

/**
 * Whatever the SDK threw, as an error that may leave the gateway. It is classified by name: the model of a service names
 * few of the errors that the service can answer with. `now` is this machine's time, for what was refused for its time.
 */
export function awsFailure(call: AwsCall, thrown: unknown, now?: number): BlueGreenError {
  if (BlueGreenError.is(thrown)) return thrown;
  const error = readError(thrown);
  const { status, requestId } = error;
  if (error.message === 'Region is missing') return regionMissing();

  const unclear = call.mutates ? 'unknown' : 'no';
  const named = status !== undefined && /^[A-Z][\w.:-]*$/.test(error.name) && !NOT_THE_SERVICES.has(error.name);
  const fail = (kind: CloudFailure['kind'], acted: CloudFailure['acted'], more: Partial<CloudFailure> = {}) =>
    new CloudError({
      service: call.service,
      operation: call.operation,
      code: named ? error.name : error.code,
      status,
      requestId,
      message: clean(error.message),
      kind,
      acted,
      ...more,
    });

  const name = error.name.replace(/(Exception|Error|Fault)$/, '');
  if (THROTTLED.has(name)) return fail('throttled', 'no', { retryAfterMs: error.retryAfterMs });
  if (error.code === 'ANSWER_TOO_LARGE') return fail('malformed', unclear, { message: TOO_LARGE, code: undefined });
  if (status === undefined) {
    if (NO_CREDENTIALS.test(name)) return fail('denied', 'no', { code: error.name });
    return connectionFailure(error, unclear, fail);
  }
  if (DENIED.has(name) || DENIED_FAMILY.test(name)) {
    const late = now !== undefined && isRefusedForTime(thrown);
    return fail('denied', 'no', late ? { clockOffMs: clockOffMs(thrown, now) } : {});
  }
  if (status >= 500) return fail('unavailable', unclear, { message: named ? clean(error.message) : `HTTP ${status}` });
  if (status === 429) return fail('throttled', 'no', { retryAfterMs: error.retryAfterMs });
  // It broke off in the middle: a code of the socket's, behind a status that had arrived.
  if (status < 400 && error.code !== undefined) return connectionFailure(error, unclear, fail);
  if (status >= 200 && status < 400) return fail('malformed', unclear, { message: UNREADABLE });
  if (named && NOT_FOUND.test(name)) return fail('not-found', 'no');
  // Not the service's words, so not the service: a proxy, or a wrong endpoint. It says nothing about what was asked for.
  if (!named)
    return fail(status === 403 ? 'denied' : 'malformed', unclear, { message: `HTTP ${status}: ${UNREADABLE}` });
  return fail('refused', 'no');
}

/** An answer that could be parsed but does not hold what the contract says. */
export function malformed(call: AwsCall, answer: unknown, what: string): CloudError {
  const { status, requestId } = readMetadata(answer);
  return new CloudError({
    service: call.service,
    operation: call.operation,
    kind: 'malformed',
    status,
    requestId,
    message: what,
    acted: call.mutates ? 'unknown' : 'no',
  });
}

export function regionMissing(): BlueGreenError {
  return new BlueGreenError(
    'OPTIONS_INVALID',
    'No AWS region was found: it is neither in aws.region nor in AWS_REGION.',
    {
      hint: 'Set aws.region, AWS_REGION, or the region of the profile; nothing was sent.',
      details: { field: 'aws.region' },
    },
  );
}

const TOO_LARGE = 'the answer is too large to be one of the service’s';
const UNREADABLE = 'the answer is not one that the service gives';
/** What the SDK calls an answer that it could not parse, or one without a name of the service in it. */
const NOT_THE_SERVICES: ReadonlySet<string> = new Set([
  'Error',
  'SyntaxError',
  'TypeError',
  'RangeError',
  'TimeoutError',
  'AbortError',
  'Unknown',
  'UnknownError',
]);

function connectionFailure(
  { name, code, syscall, message }: SdkError,
  unclear: CloudFailure['acted'],
  fail: (kind: CloudFailure['kind'], acted: CloudFailure['acted'], more: Partial<CloudFailure>) => CloudError,
): CloudError {
  const told = code === undefined ? '' : ` (${code})`;
  if (syscall === 'connect' || syscall === 'getaddrinfo' || (code !== undefined && BEFORE_SENDING.has(code))) {
    return fail('unavailable', 'no', { message: `no connection could be made${told}` });
  }
  if (name === 'AbortError')
    return fail('no-answer', unclear, { message: 'the call was ended before it was answered' });
  if (code !== undefined || name === 'TimeoutError') {
    return fail('no-answer', unclear, { message: `the connection was lost${told}` });
  }
  return fail('no-answer', unclear, { message: `no answer: ${clean(message)}` });
}

function readError(thrown: unknown): SdkError {
  const error = record(thrown);
  const inner = record(Array.isArray(error['errors']) ? error['errors'][0] : undefined);
  const headers = record(record(error['$response'])['headers']);
  const seconds = Number(text(headers['retry-after']) ?? Number.NaN);
  const code = text(error['code']) ?? text(inner['code']);
  return {
    // A code may come with its namespace: `com.amazonaws.codedeploy#ThrottlingException`.
    name: (text(error['name']) ?? '').replace(/^.*#/, ''),
    message: text(error['message']) ?? '',
    code: code !== undefined && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : undefined,
    syscall: text(error['syscall']) ?? text(inner['syscall']),
    ...readMetadata(thrown),
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1000) : undefined,
  };
}

function readMetadata(of: unknown): Pick<SdkError, 'status' | 'requestId'> {
  const metadata = record(record(of)['$metadata']);
  const status = metadata['httpStatusCode'];
  return {
    status: typeof status === 'number' ? status : undefined,
    requestId: text(metadata['requestId'])?.slice(0, 100),
  };
}

/** Shortened, on one line. A signature mismatch quotes the canonical request, session token included: that goes. */
function clean(message: string): string {
  const line = message
    .replace(/The Canonical String for this request.*$/is, '')
    .replace(/(x-amz-security-token|authorization)\s*[:=]\s*\S+/gi, '$1:[redacted]')
    .replace(/Deserialization error: to see the raw response.*$/is, '')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 1)}…` : line;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
