/** One entry of a timer queue. */
export interface QueuedTimer {
  readonly at: number;
  readonly sequence: number;
  /** A sleep drives time; a callback only rides along. */
  readonly kind: 'sleep' | 'callback';
  readonly run: () => void;
}

/** Timers in the order of their time, then in the order in which they were added. */
export class TimerQueue {
  // Latest first, so that taking the earliest is a pop.
  readonly #timers: QueuedTimer[] = [];
  #sequence = 0;
  #sleeps = 0;

  add(at: number, kind: QueuedTimer['kind'], run: () => void): QueuedTimer {
    this.#sequence += 1;
    const timer = { at, sequence: this.#sequence, kind, run };
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle]?.at ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
    if (kind === 'sleep') this.#sleeps += 1;
    return timer;
  }

  /** False if it had run or been removed. */
  remove(timer: QueuedTimer): boolean {
    const index = this.#timers.indexOf(timer);
    if (index < 0) return false;
    this.#timers.splice(index, 1);
    if (timer.kind === 'sleep') this.#sleeps -= 1;
    return true;
  }

  earliest(): QueuedTimer | undefined {
    return this.#timers.at(-1);
  }

  takeEarliest(): QueuedTimer | undefined {
    const timer = this.#timers.pop();
    if (timer?.kind === 'sleep') this.#sleeps -= 1;
    return timer;
  }

  get sleeps(): number {
    return this.#sleeps;
  }

  get callbacks(): number {
    return this.#timers.length - this.#sleeps;
  }
}
