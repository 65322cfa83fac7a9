import type { WireServiceName } from './http.js';

/** How often the services may be called; the buckets of EC2, Elastic Load Balancing and CloudWatch are fixed. */
export interface RateLimits {
  /** Spot: calls of one route template and method within 60 s. */
  readonly spotPerMinute: number;
  /** Spot: other limits for single operations, such as `{ listInstances: 20 }`. */
  readonly spotByOperation: Readonly<Record<string, number>>;
  /** CodeDeploy's GetDeployment, a minute. */
  readonly getDeploymentPerMinute: number;
}

export const DEFAULT_RATE_LIMITS: RateLimits = Object.freeze({
  spotPerMinute: 60,
  spotByOperation: Object.freeze({}),
  getDeploymentPerMinute: 41,
});

export interface RateVerdict {
  readonly allowed: boolean;
  /** What the answer says about the limit. */
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds until a call is allowed; undefined where the service does not say. */
  readonly resetSeconds?: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

type BucketSize = readonly [name: string, size: number, refillPerSecond: number];

const WINDOW_MS = 60_000;
const ALLOWED: RateVerdict = { allowed: true, headers: {} };

/** Counts calls: Spot's by a sliding window in which refused calls count too, those of AWS by token buckets. */
export class RateLimiter {
  readonly #now: () => number;
  readonly #limits: RateLimits | undefined;
  readonly #windows = new Map<string, readonly number[]>();
  readonly #buckets = new Map<string, Bucket>();

  /** Without limits every call is allowed. */
  constructor(now: () => number, limits: RateLimits | undefined) {
    this.#now = now;
    this.#limits = limits;
  }

  count(service: WireServiceName, operation: string, body: string): RateVerdict {
    if (this.#limits === undefined) return ALLOWED;
    if (service === 'spot')
      return this.#countInWindow(operation, this.#limits.spotByOperation[operation] ?? this.#limits.spotPerMinute);
    const size = bucketOf(service, operation, body, this.#limits);
    return size === undefined ? ALLOWED : this.#takeToken(...size);
  }

  // A call made while blocked makes the block longer: the window holds refused calls as well.
  #countInWindow(operation: string, limit: number): RateVerdict {
    const now = this.#now();
    const before = (this.#windows.get(operation) ?? []).filter((at) => at > now - WINDOW_MS);
    const calls = [...before, now];
    this.#windows.set(operation, calls);
    const mustLeave = calls[calls.length - limit];
    const resetSeconds = mustLeave === undefined ? 0 : Math.ceil((mustLeave + WINDOW_MS - now) / 1000);
    const headers = {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(Math.max(0, limit - calls.length)),
      'x-ratelimit-reset': String(resetSeconds),
    };
    return { allowed: before.length < limit, headers, resetSeconds };
  }

  #takeToken(name: string, size: number, perSecond: number): RateVerdict {
    const now = this.#now();
    const bucket = this.#buckets.get(name) ?? { tokens: size, filledAt: now };
    const filled = Math.min(size, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond);
    const allowed = filled >= 1;
    this.#buckets.set(name, { tokens: allowed ? filled - 1 : filled, filledAt: now });
    return { allowed, headers: {} };
  }
}

function bucketOf(
  service: Exclude<WireServiceName, 'spot'>,
  operation: string,
  body: string,
  { getDeploymentPerMinute }: RateLimits,
): BucketSize | undefined {
  switch (service) {
    case 'codedeploy':
      if (operation !== 'GetDeployment') return undefined;
      return ['codedeploy GetDeployment', getDeploymentPerMinute, getDeploymentPerMinute / 60];
    case 'ec2':
      if (!operation.startsWith('Describe')) return ['ec2 changes', 50, 5];
      // Neither filtered nor paged: EC2 has a smaller bucket for these.
      return /(^|&)(Filter\.|MaxResults=|InstanceId\.)/.test(body)
        ? ['ec2 reads', 100, 20]
        : ['ec2 unfiltered', 50, 10];
    case 'elbv2':
      return operation.startsWith('Describe') ? ['elbv2 reads', 40, 10] : ['elbv2 registration', 20, 4];
    case 'cloudwatch':
      return operation === 'DescribeAlarms' ? ['cloudwatch DescribeAlarms', 9, 9] : undefined;
    default:
      return service satisfies never;
  }
}
