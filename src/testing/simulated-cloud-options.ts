import type { Fault } from './faults.js';
import type { SimulatedTimings, Undocumented } from './options.js';
import { DEFAULT_TIMINGS, UNDOCUMENTED } from './options.js';
import type { SimulatedClock } from './simulated-clock.js';
import type { RateLimits } from './wire/rate-limits.js';
import { DEFAULT_RATE_LIMITS } from './wire/rate-limits.js';

/** The Elastigroup of the simulated shop. */
export interface ShopElastigroupOptions {
  readonly minimum?: number | undefined;
  /** @defaultValue the number of blue instances */
  readonly target?: number | undefined;
  /** @defaultValue twice the target */
  readonly maximum?: number | undefined;
  readonly unit?: 'instance' | 'weight' | undefined;
  /** Whether what it launches is registered in the target group at launch. @defaultValue false */
  readonly registerAtLaunch?: boolean | undefined;
}

/** The CodeDeploy deployment group of the simulated shop. */
export interface ShopDeploymentGroupOptions {
  readonly deploymentType?: 'BLUE_GREEN' | 'IN_PLACE' | undefined;
  /** @defaultValue CodeDeployDefault.AllAtOnce */
  readonly deploymentConfigName?: string | undefined;
  /** STOP_DEPLOYMENT after so many minutes in Ready. @defaultValue CONTINUE_DEPLOYMENT */
  readonly readyWaitMinutes?: number | undefined;
  /** TERMINATE blue so many minutes after success; with `terminateBlue` alone: 0. @defaultValue KEEP_ALIVE */
  readonly terminationWaitMinutes?: number | undefined;
  readonly terminateBlue?: boolean | undefined;
  readonly autoScalingGroups?: readonly string[] | undefined;
  readonly trafficControl?: boolean | undefined;
  readonly greenFleetProvisioning?: 'DISCOVER_EXISTING' | 'COPY_AUTO_SCALING_GROUP' | undefined;
  /** Without a last successful deployment there is nothing to roll back to. @defaultValue true */
  readonly hasLastDeployment?: boolean | undefined;
}

export interface SimulatedCloudOptions {
  /** The same seed, the same story. @defaultValue 1 */
  readonly seed?: number | undefined;
  readonly clock?: SimulatedClock | undefined;
  /**
   * By how many milliseconds the cloud's clock is ahead of the process's: every time that a service tells is shifted. A
   * negative number: behind. `clock` is the process's. @defaultValue 0
   */
  readonly clockSkewMs?: number | undefined;
  /**
   * Whether the AWS services refuse a signature that is more than five minutes off their clock, as the real ones do. The AWS
   * clients sign by the machine's clock until an answer has told them the cloud's: each first call is then refused once.
   * @defaultValue false
   */
  readonly refuseOldSignatures?: boolean | undefined;
  /** What no source says about the real services. @defaultValue the first of each in `UNDOCUMENTED` */
  readonly undocumented?: Partial<Undocumented> | undefined;
  readonly timings?: Partial<SimulatedTimings> | undefined;
  /** How many instances serve at the start. @defaultValue 3 */
  readonly blue?: number | undefined;
  /** Requests of users, for each target group. @defaultValue 10 */
  readonly requestsPerSecond?: number | undefined;
  /** False: the services can be called as often as you like. @defaultValue true */
  readonly rateLimits?: boolean | Partial<RateLimits> | undefined;
  /** @defaultValue 60 s */
  readonly deregistrationDelayMs?: number | undefined;
  readonly elastigroup?: ShopElastigroupOptions | undefined;
  readonly deploymentGroup?: ShopDeploymentGroupOptions | undefined;
  readonly faults?: readonly Fault[] | undefined;
}

/** Every question answered by its default, and then by what was given; an explicit `undefined` is no answer. */
export function resolveUndocumented(given: Partial<Undocumented> = {}): Undocumented {
  const answers: Record<string, string> = {};
  for (const [question, allowed] of Object.entries(UNDOCUMENTED)) {
    const answer = given[question as keyof Undocumented] ?? allowed[0];
    if (!(allowed as readonly string[]).includes(answer))
      throw new RangeError(`undocumented.${question} is '${answer}'; allowed: ${allowed.join(', ')}`);
    answers[question] = answer;
  }
  return Object.freeze(answers) as unknown as Undocumented;
}

/** The same answers, and a list that fills with the questions on which the story comes to depend, in that order. */
export function noteQuestions(answers: Undocumented): {
  readonly undocumented: Undocumented;
  readonly asked: ReadonlyArray<keyof Undocumented>;
} {
  const asked: Array<keyof Undocumented> = [];
  const undocumented = new Proxy(answers, {
    get: (target, question: keyof Undocumented) => {
      if (!asked.includes(question)) asked.push(question);
      return target[question];
    },
  });
  return { undocumented, asked };
}

export function resolveTimings(given: Partial<SimulatedTimings> = {}): SimulatedTimings {
  return withDefaults(DEFAULT_TIMINGS, given);
}

export function resolveRateLimits(given: SimulatedCloudOptions['rateLimits']): RateLimits | undefined {
  if (given === false) return undefined;
  return typeof given === 'object' ? withDefaults(DEFAULT_RATE_LIMITS, given) : DEFAULT_RATE_LIMITS;
}

function withDefaults<T extends object>(defaults: T, given: Partial<T>): T {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.freeze({ ...defaults, ...(Object.fromEntries(set) as Partial<T>) });
}
