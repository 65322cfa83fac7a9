import type { Json } from '../internal/json.js';
import { BlueGreenError } from './blue-green-error.js';
import type { ErrorCode } from './error-codes.js';

export const CLOUD_SERVICES = ['spot', 'codedeploy', 'ec2', 'elbv2', 'cloudwatch', 'lambda'] as const;

export type CloudService = (typeof CLOUD_SERVICES)[number];

/** What went wrong with one call to a cloud, without anything secret in it. */
export interface CloudFailure {
  readonly service: CloudService;
  /** The port's name of the call, such as `createDeployment`. */
  readonly operation: string;
  readonly kind:
    | 'refused'
    | 'denied'
    | 'not-found'
    | 'throttled'
    | 'unavailable'
    | 'no-answer'
    | 'timed-out'
    | 'malformed';
  /** The service's own error code, where it gave one. */
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  /** The service's own words, shortened. */
  readonly message: string;
  /** `no`: the service certainly did nothing. `unknown`: it may have acted. */
  readonly acted: 'no' | 'unknown';
  /** How long the service asks us to stay away. */
  readonly retryAfterMs?: number | undefined;
  /** Denied because this machine's clock is ahead of the service's by so much, or behind it when negative. */
  readonly clockOffMs?: number | undefined;
}

const CODE_OF_KIND = {
  refused: 'CLOUD_REFUSED',
  denied: 'CLOUD_DENIED',
  'not-found': 'CLOUD_NOT_FOUND',
  throttled: 'CLOUD_THROTTLED',
  unavailable: 'CLOUD_UNAVAILABLE',
  'no-answer': 'CLOUD_UNAVAILABLE',
  'timed-out': 'CLOUD_TIMED_OUT',
  malformed: 'CLOUD_ANSWER_INVALID',
} as const satisfies Record<CloudFailure['kind'], ErrorCode>;

/** A failed call to a cloud: the only error that leaves a gateway. */
export class CloudError extends BlueGreenError {
  readonly failure: CloudFailure;

  constructor(failure: CloudFailure) {
    const told = [failure.code, failure.status === undefined ? undefined : `HTTP ${failure.status}`]
      .filter(Boolean)
      .join(', ');
    super(
      CODE_OF_KIND[failure.kind],
      `${failure.service} ${failure.operation}: ${failure.message}${told === '' ? '' : ` (${told})`}`,
      {
        details: withoutAbsent(failure),
        ...(failure.clockOffMs === undefined ? {} : { hint: clockHint(failure.clockOffMs) }),
      },
    );
    this.failure = failure;
  }

  static override is(x: unknown): x is CloudError {
    return BlueGreenError.is(x) && 'failure' in x;
  }
}

/** As JSON would have it: what was never told is not there. */
function withoutAbsent(failure: CloudFailure): Json {
  return Object.fromEntries(Object.entries(failure).filter(([, value]) => value !== undefined));
}

function clockHint(offMs: number): string {
  const minutes = Math.round(Math.abs(offMs) / 60_000);
  return `This machine’s clock is ${minutes} minutes ${offMs > 0 ? 'ahead of' : 'behind'} the service’s: set it, by NTP say. Nothing was done.`;
}
