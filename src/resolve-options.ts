import type { GivenCheck } from './engine/checks.js';
import type { GivenHook } from './engine/hooks.js';
import { makeEvent, type RolloutEvent } from './events/events.js';
import { givenChecks } from './hooks/given-checks.js';
import { givenHooks } from './hooks/given-hooks.js';
import { systemClock } from './internal/system-clock.js';
import { systemNewId, systemRandom } from './internal/system-random.js';
import { checkOptions } from './option-checks.js';
import type { BlueGreenOptions } from './options.js';
import type { CloudCallEnvironment, FailedAttempt } from './policies/cloud-call.js';
import { exponentialBackoff } from './policies/exponential-backoff.js';
import { fixedPolling } from './policies/fixed-polling.js';
import { fixedTimeouts } from './policies/fixed-timeouts.js';
import type { PollingPolicy } from './policies/polling.js';
import type { RetryPolicy } from './policies/retry.js';
import type { TimeoutPolicy } from './policies/timeout.js';
import type { Clock } from './ports/clock.js';
import type { RolloutStore } from './ports/rollout-store.js';
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
  /** What every call to a cloud is made with. */
  readonly calls: CloudCallEnvironment;
  readonly emit: (event: RolloutEvent) => void;
  readonly hooks: readonly GivenHook[];
  readonly checks: readonly GivenCheck[];
}

const DEFAULTS = Object.freeze({
  polling: Object.freeze({ every: '5s', urgent: '2s' } as const),
});

const KNOWN: ReadonlySet<keyof BlueGreenOptions> = new Set<keyof BlueGreenOptions>([
  'spot',
  'aws',
  'store',
  'timeouts',
  'retry',
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
  const { timeouts, retry: givenRetry, polling: givenPolling } = given;
  const clock = given.clock ?? systemClock;
  const random = given.random ?? systemRandom;
  const timeout = typeof timeouts === 'function' ? timeouts : fixedTimeouts(timeouts);
  const retry = typeof givenRetry === 'function' ? givenRetry : exponentialBackoff(givenRetry);
  const polling = typeof givenPolling === 'function' ? givenPolling : fixedPolling(givenPolling ?? DEFAULTS.polling);
  const emit = emitter(given);
  const calls: CloudCallEnvironment = {
    clock,
    random,
    retry,
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
    polling,
    calls,
    emit,
    hooks: givenHooks(given.hooks),
    checks: givenChecks(given.checks),
  };
}

/** A listener that throws is the listener's fault: it must not stop a release. */
function emitter({ onEvent, logger }: BlueGreenOptions): (event: RolloutEvent) => void {
  return (event) => {
    logger?.[event.level](event.text, {
      event: event.name,
      rolloutId: event.rolloutId,
      ...(event.data as Record<string, unknown>),
    });
    guarded(onEvent, event, logger);
  };
}

export function guarded(
  onEvent: ((event: RolloutEvent) => void) | undefined,
  event: RolloutEvent,
  logger: BlueGreenOptions['logger'],
): void {
  try {
    onEvent?.(event);
  } catch (error) {
    logger?.error('onEvent threw', { error });
  }
}

function failedCall(at: number, { failure, attempt, retryAfterMs, because }: FailedAttempt): RolloutEvent {
  const { service, operation, message } = failure;
  const next = retryAfterMs === undefined ? `not tried again: ${because ?? ''}` : `again in ${retryAfterMs} ms`;
  return makeEvent('cloud:call:failed', at, `${service} ${operation} failed (${message}); ${next}`, {
    service,
    operation,
    attempt,
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(because === undefined ? {} : { because }),
  });
}
