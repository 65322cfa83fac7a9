import type { GivenCheck } from './engine/checks.js';
import type { TimeoutDecider } from './engine/decide-timeout.js';
import type { GivenHook } from './engine/hooks.js';
import { makeEvent, type RolloutEvent } from './events/events.js';
import { givenChecks } from './hooks/given-checks.js';
import { givenPolling, givenRetry, givenTimeouts } from './given-policies.js';
import { givenDecider, namedPolicies } from './given-timeouts.js';
import { givenHooks } from './hooks/given-hooks.js';
import { systemClock } from './internal/system-clock.js';
import { systemNewId, systemRandom } from './internal/system-random.js';
import { checkOptions } from './option-checks.js';
import type { BlueGreenOptions } from './options.js';
import type { CloudCallEnvironment, FailedAttempt } from './policies/cloud-call.js';
import { AwsLimits } from './policies/aws-limits.js';
import type { PollingPolicy } from './policies/polling.js';
import { retryBudget } from './policies/retry-budget.js';
import type { RetryPolicy } from './policies/retry.js';
import type { TimeoutPolicy } from './policies/timeout.js';
import type { Clock } from './ports/clock.js';
import type { RolloutStore } from './ports/rollout-store.js';
import { RolloutLog } from './rollout-log.js';
import { MemoryStore } from './stores/memory-store.js';
import { StoreWithOurErrors } from './stores/store-errors.js';

/** Options with every default in place. */
export interface ResolvedOptions {
  readonly given: BlueGreenOptions;
  readonly store: RolloutStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly timeout: TimeoutPolicy;
  readonly retry: RetryPolicy;
  readonly polling: PollingPolicy;
  /** Who decides when a time is up. */
  readonly decider: TimeoutDecider;
  /** Policies that are functions with a name. */
  readonly policies: readonly string[];
  /** What every call to a cloud is made with. */
  readonly calls: CloudCallEnvironment;
  readonly emit: (event: RolloutEvent) => void;
  readonly log: RolloutLog;
  readonly hooks: readonly GivenHook[];
  readonly checks: readonly GivenCheck[];
}

const KNOWN: ReadonlySet<keyof BlueGreenOptions> = new Set<keyof BlueGreenOptions>([
  'spot',
  'aws',
  'store',
  'timeouts',
  'onTimeout',
  'retry',
  'retryBudget',
  'limits',
  'polling',
  'hooks',
  'checks',
  'onEvent',
  'logger',
  'clock',
  'random',
  'newId',
]);

/** The one table of defaults. */
export function resolveOptions(given: BlueGreenOptions): ResolvedOptions {
  checkOptions(given, KNOWN);
  const clock = given.clock ?? systemClock;
  const random = given.random ?? systemRandom;
  const timeout = givenTimeouts(given);
  const retry = givenRetry(given);
  const log = new RolloutLog(given);
  const emit = emitter(given, log);
  const calls: CloudCallEnvironment = {
    clock,
    random,
    retry,
    budget: retryBudget(given.retryBudget),
    limits: given.limits?.aws ?? new AwsLimits(clock),
    timeout,
    onFailedAttempt: (failed) => emit(failedCall(clock.now(), failed)),
  };
  const store = new StoreWithOurErrors(given.store ?? new MemoryStore());
  return {
    given,
    store,
    clock,
    random,
    newId: given.newId ?? systemNewId,
    timeout,
    retry,
    polling: givenPolling(given),
    decider: givenDecider(given),
    policies: namedPolicies(given),
    calls,
    emit,
    log,
    hooks: givenHooks(given.hooks),
    checks: givenChecks(given.checks),
  };
}

/** A listener that throws is the listener's fault: it must not stop a release. */
function emitter({ onEvent }: BlueGreenOptions, log: RolloutLog): (event: RolloutEvent) => void {
  return (event) => {
    log.tell(event);
    guarded(onEvent, event, log);
  };
}

export function guarded(
  onEvent: ((event: RolloutEvent) => void) | undefined,
  event: RolloutEvent,
  log: RolloutLog,
): void {
  try {
    onEvent?.(event);
  } catch (error) {
    log.error('onEvent threw', { error });
  }
}

function failedCall(at: number, { failure, attempt, retryAfterMs, because }: FailedAttempt): RolloutEvent {
  const { service, operation, message, code, requestId } = failure;
  const what = retryAfterMs === undefined ? 'not tried again' : `again in ${retryAfterMs} ms`;
  const next = because === undefined ? what : `${what}: ${because}`;
  return makeEvent('cloud:call:failed', at, `${service} ${operation} failed (${message}); ${next}`, {
    service,
    operation,
    attempt,
    message,
    ...(code === undefined ? {} : { code }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(because === undefined ? {} : { because }),
  });
}
