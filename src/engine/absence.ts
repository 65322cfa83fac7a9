import { steady } from '../internal/steady.js';
import type { Clock } from '../ports/clock.js';
import type { OperationState } from './rollout-state.js';

/** By how much an intent, and what a guard has seen, may be older than the request that goes out for them. */
export const FRESH_MS = 5_000;

interface Ground {
  readonly clock: Clock;
  readonly driver: string;
  /** How long a former driver's request may still be under way. */
  readonly formerSenderMs: number;
  /** Engine time. */
  readonly now: () => number;
}

/**
 * From when on *absent* means that a call was not acted upon: what it made may be listed late, and a former sender may still
 * have had a request under way. What this process has seen of it is counted on a clock that nobody sets.
 */
export class Absence {
  readonly #drivesSince: number;
  readonly #intended = new Map<string, number>();
  readonly #answered = new Map<string, number>();

  constructor(private readonly ground: Ground) {
    this.#drivesSince = steady(ground.clock);
  }

  /** This process is about to write the intent down. */
  intends(key: string): void {
    this.#intended.set(key, steady(this.ground.clock));
  }

  answered(key: string): void {
    this.#answered.set(key, steady(this.ground.clock));
  }

  /** Since this process intended it. */
  ageMs(key: string): number {
    return this.#since(this.#intended.get(key)) ?? Number.POSITIVE_INFINITY;
  }

  /** Tells how long ago it was started. */
  stopwatch(): () => number {
    const at = steady(this.ground.clock);
    return () => steady(this.ground.clock) - at;
  }

  /** Until a call shows what it did, if it did anything: one that was answered too, for answers run ahead of lists. */
  unsettledMs(key: string, operation: OperationState): number {
    const { status, answeredAt, listedAfterMs } = operation;
    if (status === 'intended') return this.restMs(key, operation);
    if (answeredAt === undefined) return 0;
    const ownMs = this.#since(this.#answered.get(key));
    const byEngineMs = answeredAt + listedAfterMs - this.ground.now();
    const restMs =
      ownMs === undefined ? Math.min(byEngineMs, this.#untilDrivenFor(listedAfterMs)) : listedAfterMs - ownMs;
    return Math.max(0, restMs);
  }

  /** Until absence counts. */
  restMs(key: string, { intendedAt, settleMs, driver: sender }: OperationState): number {
    const { driver, formerSenderMs, now } = this.ground;
    const listedMs = FRESH_MS + settleMs;
    const ownMs = sender === driver ? this.#since(this.#intended.get(key)) : undefined;
    if (ownMs !== undefined) return Math.max(0, listedMs - ownMs);
    // The former sender's clock, or this one, may have been set: the time that this process has driven is certain.
    const byEngineMs = intendedAt + listedMs + formerSenderMs - now();
    const certainMs = this.#untilDrivenFor(listedMs + formerSenderMs);
    return Math.max(0, Math.min(certainMs, Math.max(byEngineMs, this.#untilDrivenFor(listedMs))));
  }

  #untilDrivenFor(ms: number): number {
    return ms - (steady(this.ground.clock) - this.#drivesSince);
  }

  #since(at: number | undefined): number | undefined {
    return at === undefined ? undefined : steady(this.ground.clock) - at;
  }
}
