import { systemClock } from '../internal/system-clock.js';
import type { Clock } from '../ports/clock.js';

/** What Spot says about its rate limit with an answer; it is counted per route template and method over 60 seconds. */
export interface RateAnswer {
  readonly status: number;
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
  /** Until a call is allowed again. */
  readonly resetMs?: number | undefined;
}

/** When the next call may be made, and how far apart the calls after it are kept. */
export interface RateState {
  readonly opensAtMs: number;
  readonly gapMs: number;
}

const WINDOW_MS = 60_000;
const UNKNOWN_LIMIT_GAP_MS = 1_000;
/** Below this share of the limit calls are spread over the window instead of being spent at once. */
const SLOW_BELOW = 0.2;

export const OPEN: RateState = Object.freeze({ opensAtMs: 0, gapMs: 0 });

/** The state of a gate after an answer. A call made while Spot blocks would extend the block: nobody knocks before Reset. */
export function afterAnswer(state: RateState, answer: RateAnswer, nowMs: number): RateState {
  const gapMs = answer.limit !== undefined && answer.limit > 0 ? WINDOW_MS / answer.limit : UNKNOWN_LIMIT_GAP_MS;
  if (answer.status === 429) return closed(state, nowMs + retryAfterMs(answer), gapMs);
  if (answer.remaining === undefined) return state;
  if (answer.remaining <= 0) return closed(state, nowMs + (answer.resetMs ?? gapMs), gapMs);
  if (answer.limit !== undefined && answer.remaining < answer.limit * SLOW_BELOW) return closed(state, nowMs, gapMs);
  // An answer that was on its way while another call was refused does not open the gate early.
  return { opensAtMs: state.opensAtMs, gapMs: state.opensAtMs > nowMs ? state.gapMs : 0 };
}

/** How long Spot asks to be left alone after a 429; the whole window when it does not say. */
export function retryAfterMs(answer: Pick<RateAnswer, 'resetMs'>): number {
  return answer.resetMs ?? WINDOW_MS;
}

function closed(state: RateState, opensAtMs: number, gapMs: number): RateState {
  return { opensAtMs: Math.max(state.opensAtMs, opensAtMs), gapMs };
}

interface Gate {
  state: RateState;
  /** False until the first call has ended: before that nobody knows how many calls there are to spend. */
  heard: boolean;
  /** Calls that may still be made by the latest answer, those under way taken off; undefined when Spot does not say. */
  left: number | undefined;
  underWay: number;
  readonly waiting: Set<() => void>;
}

/**
 * What may be asked of Spot in one organisation: one gate for each route template and method, kept by what Spot says about its
 * limit with every answer. A call that would be too many waits; none is refused.
 *
 * Each `BlueGreen` and each `SpotClient` has one of its own. Give the same one to all that call for the same organisation,
 * whatever their accounts.
 */
export class RateGate {
  readonly #clock: Clock;
  readonly #gates = new Map<string, Gate>();

  /** `clock` is where time comes from; by default the system's. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /**
   * Makes a call, with all its attempts, once the gate is open. Nothing has been sent before that, so the signal ends the
   * waiting of any call.
   */
  async through<T>(route: string, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
    const gate = this.#gate(route);
    for (;;) {
      signal?.throwIfAborted();
      const waitMs = this.waitMs(route);
      if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
      else if (mustHearFirst(gate)) await somethingHeard(gate, signal);
      else break;
    }
    this.knock(route);
    gate.underWay += 1;
    try {
      return await run();
    } finally {
      gate.underWay -= 1;
      hear(gate);
    }
  }

  /** How long until a call may be made; 0 = now. */
  waitMs(route: string): number {
    return Math.max(0, this.#gate(route).state.opensAtMs - this.#clock.now());
  }

  /** A request is about to be sent. */
  knock(route: string): void {
    const gate = this.#gate(route);
    const { gapMs } = gate.state;
    if (gapMs > 0) gate.state = { opensAtMs: this.#clock.now() + gapMs, gapMs };
    if (gate.left !== undefined) gate.left -= 1;
  }

  answered(route: string, answer: RateAnswer): void {
    const gate = this.#gate(route);
    gate.state = afterAnswer(gate.state, answer, this.#clock.now());
    const others = Math.max(0, gate.underWay - 1);
    gate.left = answer.remaining === undefined ? undefined : answer.remaining - others;
    hear(gate);
  }

  /** A request has ended without an answer. */
  unanswered(route: string): void {
    hear(this.#gate(route));
  }

  #gate(route: string): Gate {
    let gate = this.#gates.get(route);
    if (gate === undefined) {
      gate = { state: OPEN, heard: false, left: undefined, underWay: 0, waiting: new Set() };
      this.#gates.set(route, gate);
    }
    return gate;
  }
}

/** Calls made all at once would be refused all at once, each refusal a knock: the first, or the last one left, goes ahead. */
function mustHearFirst({ heard, left, underWay }: Gate): boolean {
  return underWay > 0 && (!heard || (left !== undefined && left <= 0));
}

function hear(gate: Gate): void {
  gate.heard = true;
  for (const wake of [...gate.waiting]) wake();
}

function somethingHeard(gate: Gate, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      gate.waiting.delete(wake);
      signal?.removeEventListener('abort', abort);
    };
    const wake = (): void => {
      end();
      resolve();
    };
    const abort = (): void => {
      end();
      reject(signal?.reason as Error);
    };
    gate.waiting.add(wake);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
