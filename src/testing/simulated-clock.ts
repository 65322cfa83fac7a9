import { afterRealMs, inNextTurn, monotonicMs } from '../internal/system-timers.js';
import type { Clock } from '../ports/clock.js';
import type { Timers } from './model/parts.js';
import { waitsForTheSystem } from './process-activity.js';
import { TimerQueue } from './timer-queue.js';
import { waitsForVitest } from './vitest-loading.js';

export interface SimulatedClockOptions {
  /** Epoch milliseconds or an ISO date. @defaultValue 2026-01-05T09:00:00Z */
  readonly startAt?: number | string | undefined;
  /**
   * How many times faster than real time the clock runs. Without it time jumps: whenever the process has nothing left
   * to do but to sleep, the clock moves to the next timer at once.
   */
  readonly factor?: number | undefined;
  /**
   * After how many turns of the event loop without activity time jumps, 1 or more. Fewer are faster, and right only for code
   * that waits for nothing but this clock.
   * @defaultValue enough for the AWS SDK and axios
   */
  readonly quietTurns?: number | undefined;
}

const DEFAULT_START = Date.UTC(2026, 0, 5, 9);

/**
 * Turns of the event loop without activity after which nothing but time can move the process. The longest gap measured
 * in one request (AWS SDK or axios through msw, library and handler in one process) is far below this; see the clock's
 * own tests, which fail when it comes near.
 */
export const QUIET_TURNS = 40;

/** Time for a simulated cloud and for the code that is tested against it: hours pass in milliseconds, in one fixed order. */
export class SimulatedClock implements Clock, Timers {
  readonly #queue = new TimerQueue();
  readonly #factor: number | undefined;
  readonly #mostQuietTurns: number;
  readonly #realStart = monotonicMs();
  #now: number;
  #driving = false;
  #holds = 0;
  #quietTurns = 0;
  #realTimer: { cancel(): void } | undefined;

  constructor(options: SimulatedClockOptions = {}) {
    const startAt = options.startAt ?? DEFAULT_START;
    this.#now = typeof startAt === 'string' ? Date.parse(startAt) : startAt;
    if (!Number.isFinite(this.#now)) throw new RangeError(`startAt is not a date: ${String(startAt)}`);
    this.#factor = options.factor;
    this.#mostQuietTurns = options.quietTurns ?? QUIET_TURNS;
    if (!Number.isInteger(this.#mostQuietTurns) || this.#mostQuietTurns < 1)
      throw new RangeError(`quietTurns must be a whole number from 1 up, not ${String(options.quietTurns)}`);
    // Looked at once while nothing happens: what is busy later is told by what is there besides.
    waitsForTheSystem();
    if (this.#factor !== undefined && !(this.#factor > 0 && Number.isFinite(this.#factor)))
      throw new RangeError(`factor must be a positive number, not ${String(this.#factor)}`);
  }

  now(): number {
    if (this.#factor === undefined) return this.#now;
    return Math.floor(this.#now + (monotonicMs() - this.#realStart) * this.#factor);
  }

  /** The same as `now()`: nobody sets this clock. */
  monotonic(): number {
    return this.now();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        if (this.#queue.remove(timer)) reject(signal?.reason as Error);
        this.#touch();
      };
      const timer = this.#queue.add(this.now() + (ms > 0 ? ms : 0), 'sleep', () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#touch();
    });
  }

  schedule(delayMs: number, run: () => void): { cancel(): void } {
    const timer = this.#queue.add(this.now() + (delayMs > 0 ? delayMs : 0), 'callback', run);
    if (this.#factor !== undefined) this.#touch();
    return { cancel: () => void this.#queue.remove(timer) };
  }

  /** Time does not jump until the answered function has been called: for work that the event loop does not show. */
  hold(): () => void {
    let held = true;
    this.#holds += 1;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      this.#quietTurns = 0;
    };
  }

  /** Moves time on at once and runs everything that falls due, in order: for tests in which nobody sleeps. */
  advance(ms: number): void {
    const until = this.now() + ms;
    for (let next = this.#queue.earliest(); next !== undefined && next.at <= until; next = this.#queue.earliest())
      this.#runEarliest();
    this.#moveTo(until);
    this.#touch();
  }

  /** How many sleeps have not ended: zero when nothing has been left behind. */
  pending(): number {
    return this.#queue.sleeps;
  }

  #touch(): void {
    if (this.#factor !== undefined) this.#setRealTimer();
    else if (!this.#driving && this.#queue.sleeps > 0) {
      this.#driving = true;
      this.#quietTurns = 0;
      inNextTurn(this.#turn);
    }
  }

  // Runs in every turn of the event loop while somebody sleeps.
  readonly #turn = (): void => {
    if (this.#holds > 0 || waitsForTheSystem()) this.#quietTurns = 0;
    else this.#quietTurns += 1;
    if (this.#quietTurns >= this.#mostQuietTurns) {
      this.#quietTurns = 0;
      if (!waitsForVitest()) this.#jump();
    }
    this.#driving = this.#queue.sleeps > 0 && this.#queue.earliest()?.at !== Number.POSITIVE_INFINITY;
    if (this.#driving) inNextTurn(this.#turn);
  };

  // Callbacks belong to the cloud and need no turn between them; a sleeper must be given the time to do its work.
  #jump(): void {
    while (this.#queue.sleeps > 0 && this.#queue.earliest()?.at !== Number.POSITIVE_INFINITY)
      if (this.#runEarliest() === 'sleep') return;
  }

  #runEarliest(): 'sleep' | 'callback' | undefined {
    const timer = this.#queue.takeEarliest();
    if (timer === undefined) return undefined;
    this.#moveTo(timer.at);
    timer.run();
    return timer.kind;
  }

  #moveTo(at: number): void {
    const ahead = at - this.now();
    if (ahead > 0) this.#now += ahead;
  }

  #setRealTimer(): void {
    this.#realTimer?.cancel();
    this.#realTimer = undefined;
    const next = this.#queue.earliest();
    if (next === undefined || next.at === Number.POSITIVE_INFINITY) return;
    const delayMs = (next.at - this.now()) / (this.#factor ?? 1);
    this.#realTimer = afterRealMs(delayMs, this.#queue.sleeps > 0, () => {
      for (let due = this.#queue.earliest(); due !== undefined && due.at <= this.now(); due = this.#queue.earliest())
        this.#runEarliest();
      this.#setRealTimer();
    });
  }
}
