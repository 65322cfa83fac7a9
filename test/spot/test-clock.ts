import type { CloudCallEnvironment, FailedAttempt } from '../../src/policies/cloud-call.js';
import { exponentialBackoff } from '../../src/policies/exponential-backoff.js';
import type { Clock } from '../../src/ports/clock.js';

/** Longer than any test: a sleep of this length ends only by its signal. */
export const NEVER_MS = 1_000_000_000;

/** A clock that stands still until somebody sleeps on it, and then jumps. */
export class TestClock implements Clock {
  nowMs = Date.parse('2030-01-01T00:00:00Z');
  readonly slept: number[] = [];
  /** Sleeps wait for this before they end; for a timeout that must not fire before a request has arrived. */
  hold: Promise<unknown> | undefined;

  now(): number {
    return this.nowMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (ms < NEVER_MS) {
      if (this.hold !== undefined) await this.hold;
      this.nowMs += ms;
      this.slept.push(ms);
      return;
    }
    await new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }
}

export function testEnvironment(clock = new TestClock(), attempts = 1) {
  const failed: FailedAttempt[] = [];
  const environment: CloudCallEnvironment = {
    clock,
    random: () => 0.5,
    retry: exponentialBackoff({ attempts, jitter: 'none' }),
    timeout: () => NEVER_MS,
    onFailedAttempt: (attempt) => failed.push(attempt),
  };
  return { clock, environment, failed };
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('It did not reject.');
    },
    (error: unknown) => error,
  );
}
