import type { Clock } from '../../src/ports/clock.js';
import { QUIET_TURNS } from '../../src/testing/simulated-clock.js';
import { TimerQueue } from '../../src/testing/timer-queue.js';

/** What keeps a process busy without any turn of its event loop; a connection that nobody uses is not among it. */
const BUSY = /^(TCPSocketWrap|TCPConnectWrap|GetAddrInfoReq|FSReq|CloseReq|WriteWrap|ShutdownWrap)/;

/**
 * Simulated time for a process whose cloud is simulated by another one: it jumps when this process has nothing left to do
 * but to sleep, and nobody wakes before the cloud has come to the same instant.
 */
export class LockstepClock implements Clock {
  readonly #queue = new TimerQueue();
  #now: number;
  #driving = false;
  #quietTurns = 0;

  constructor(
    startAt: number,
    /** Resolves once the cloud's clock shows this. */
    private readonly moveCloudTo: (at: number) => Promise<void>,
  ) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        if (this.#queue.remove(timer)) reject(signal?.reason as Error);
      };
      const timer = this.#queue.add(this.#now + Math.max(0, ms), 'sleep', () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#drive();
    });
  }

  #drive(): void {
    if (this.#driving) return;
    this.#driving = true;
    this.#quietTurns = 0;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    if (process.getActiveResourcesInfo().some((name) => BUSY.test(name))) {
      this.#quietTurns = 0;
      // The other process needs this machine more than a look at every turn does.
      setTimeout(this.#turn, 1);
    } else if (++this.#quietTurns < QUIET_TURNS) setImmediate(this.#turn);
    else void this.#jump();
  };

  async #jump(): Promise<void> {
    const timer = this.#queue.takeEarliest();
    if (timer !== undefined) {
      await this.moveCloudTo(timer.at);
      this.#now = timer.at;
      timer.run();
    }
    this.#driving = false;
    if (this.#queue.sleeps > 0) this.#drive();
  }
}
