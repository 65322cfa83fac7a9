import type { CloudService } from '../errors/cloud-error.js';
import { systemClock } from '../internal/system-clock.js';
import type { Clock } from '../ports/clock.js';
import { afterCall, afterThrottling, fullBucket, refilled, waitMs, type Rate, type TokenBucket } from './rate.js';

/** A call as far as its limit is concerned. */
export interface LimitedCall {
  readonly service: CloudService;
  readonly operation: string;
  readonly mutates: boolean;
  /** Counted with the service's other calls, whatever is known of the operation. */
  readonly inBatch?: boolean | undefined;
}

/**
 * What AWS documents for an account in a region, less a tenth: requests overtake one another on their way, and the account
 * has other callers. EC2 counts each action by itself, and only one reads and one changes here; Elastic Load Balancing
 * counts all that describe together, and all that register.
 */
const LIMITS: Readonly<Record<string, Rate>> = Object.freeze({
  // Known as about 41 a minute, not how it is counted: no minute holds more than 38 of these.
  'codedeploy readDeployment': { size: 5, perSecond: 0.55 },
  'ec2 reads': { size: 90, perSecond: 18 },
  'ec2 changes': { size: 45, perSecond: 4.5 },
  'elbv2 reads': { size: 36, perSecond: 9 },
  'elbv2 changes': { size: 18, perSecond: 3.6 },
  'cloudwatch reads': { size: 8, perSecond: 8 },
});

/** Nothing is documented about the others. They are held back only once they were throttled, until this is full again. */
const UNKNOWN: Rate = Object.freeze({ size: 10, perSecond: 2 });

interface Waiting {
  readonly mutates: boolean;
  readonly go: () => void;
}

interface Limit {
  readonly rate: Rate;
  bucket: TokenBucket;
  readonly waiting: Waiting[];
  /** Ends the sleep of whoever calls the waiting ones up; absent: nobody waits. */
  caller?: AbortController | undefined;
}

/** Without a reason of its own the abort would make an exception with a stack. */
const NOBODY_WAITS = Object.freeze({ nobodyWaits: true });

/**
 * What may be asked of AWS in one account and region, as token buckets. A call that would be too many waits; none is refused.
 *
 * Each `BlueGreen` has one of its own, which all of its rollouts share. Give the same one to all that call for the same
 * account and region.
 *
 * @example
 * ```ts
 * import { AwsLimits, BlueGreen, SpotLimits } from 'elastigroup-bluegreen';
 *
 * const limits = { aws: new AwsLimits(), spot: new SpotLimits() };
 * const shop = new BlueGreen({ limits, aws: { region: 'eu-west-1' } });
 * const office = new BlueGreen({ limits, aws: { region: 'eu-west-1' } });
 * await Promise.all([shop.close(), office.close()]);
 * ```
 */
export class AwsLimits {
  readonly #clock: Clock;
  readonly #limits = new Map<string, Limit>();

  /** `clock` is where time comes from; by default the system's. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Whether a call would have to wait now. */
  wouldWait(call: LimitedCall): boolean {
    const limit = this.#limitOf(call);
    return limit !== undefined && (limit.waiting.length > 0 || waitMs(limit.bucket, limit.rate, this.#clock.now()) > 0);
  }

  /**
   * Counts the call, at once or when it is its turn; undefined: at once. Calls that change something go before those that
   * read. Rejects with the signal's reason when it aborts before that.
   */
  turn(call: LimitedCall, signal?: AbortSignal): Promise<void> | undefined {
    const limit = this.#limitOf(call);
    if (limit === undefined) return undefined;
    if (limit.waiting.length > 0 || waitMs(limit.bucket, limit.rate, this.#clock.now()) > 0)
      return this.#queue(limit, call.mutates, signal);
    limit.bucket = afterCall(limit.bucket, limit.rate, this.#clock.now());
    return undefined;
  }

  /** The service has refused a call for its rate. */
  throttled(call: LimitedCall, retryAfterMs?: number): void {
    const now = this.#clock.now();
    const limit = this.#limitOf(call) ?? this.#make(`${call.service} other`, UNKNOWN);
    limit.bucket = afterThrottling(limit.bucket, limit.rate, now, retryAfterMs);
  }

  #limitOf(call: LimitedCall): Limit | undefined {
    const { service, operation, mutates, inBatch } = call;
    for (const name of inBatch === true
      ? []
      : [`${service} ${operation}`, `${service} ${mutates ? 'changes' : 'reads'}`]) {
      const rate = LIMITS[name];
      if (rate !== undefined) return this.#limits.get(name) ?? this.#make(name, rate);
    }
    const name = `${service} other`;
    const learned = this.#limits.get(name);
    if (learned === undefined || learned.waiting.length > 0) return learned;
    if (refilled(learned.bucket, UNKNOWN, this.#clock.now()).tokens < UNKNOWN.size) return learned;
    this.#limits.delete(name);
    return undefined;
  }

  #make(name: string, rate: Rate): Limit {
    const limit: Limit = { rate, bucket: fullBucket(rate, this.#clock.now()), waiting: [] };
    this.#limits.set(name, limit);
    return limit;
  }

  #queue(limit: Limit, mutates: boolean, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const abort = (): void => {
        limit.waiting.splice(limit.waiting.indexOf(waiting), 1);
        if (limit.waiting.length === 0) limit.caller?.abort(NOBODY_WAITS);
        reject(signal?.reason as Error);
      };
      const go = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const waiting: Waiting = { mutates, go };
      signal?.addEventListener('abort', abort, { once: true });
      const reads = mutates ? limit.waiting.findIndex((other) => !other.mutates) : -1;
      limit.waiting.splice(reads === -1 ? limit.waiting.length : reads, 0, waiting);
      if (limit.caller === undefined) void this.#callUp(limit);
    });
  }

  /** Lets the waiting ones go, one at a time, until none is left. */
  async #callUp(limit: Limit): Promise<void> {
    while (limit.waiting.length > 0) {
      const now = this.#clock.now();
      const ms = waitMs(limit.bucket, limit.rate, now);
      if (ms === 0) {
        limit.bucket = afterCall(limit.bucket, limit.rate, now);
        limit.waiting.shift()?.go();
        continue;
      }
      const caller = (limit.caller = new AbortController());
      // Called off when the last one has gone away: then the loop ends, or begins anew with one that came meanwhile.
      await this.#clock.sleep(ms, caller.signal).catch(() => {});
    }
    limit.caller = undefined;
  }
}
