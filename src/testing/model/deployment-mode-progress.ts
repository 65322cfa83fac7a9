import type { DeploymentModeState, TerminalState } from './deployment-mode-states.js';
import { canTimeOut, isTerminal } from './deployment-mode-states.js';
import type { ElastigroupParts } from './elastigroup-parts.js';

interface ProgressHost {
  readonly parts: ElastigroupParts;
  /** In milliseconds. */
  readonly timeoutMs: number;
  say(severity: 'INFO' | 'WARN', what: string): void;
  /** The mode's own timeout fired in a state in which it counts. */
  timedOut(): void;
}

/** Where a mode is and what takes it further: one timer for the next state, one for the mode's own timeout. */
export class ModeProgress {
  readonly #host: ProgressHost;
  readonly #expiry: { cancel(): void };
  #state: DeploymentModeState = 'STARTING';
  #next: { cancel(): void } | undefined;
  #hangsInError = false;
  #expired = false;
  #endedAt: number | undefined;

  constructor(host: ProgressHost) {
    this.#host = host;
    this.#expiry = host.parts.timers.schedule(host.timeoutMs, () => this.#expire());
  }

  get state(): DeploymentModeState {
    return this.#state;
  }

  get expired(): boolean {
    return this.#expired;
  }

  get endedAt(): number | undefined {
    return this.#endedAt;
  }

  /** What GET answers: not always where the mode is. */
  shownState(): string {
    if (this.#hangsInError) return 'ERROR';
    const state = this.#state;
    const unknown = this.#host.parts.faults.find(
      'unknown-state',
      (fault) => (fault.during ?? 'AWAITING_DEPLOYMENT_TO_FINISH') === state,
    );
    return unknown?.state ?? state;
  }

  /** Goes to a state, and on from it after a while. Whatever was to happen in the state before does not. */
  enter(state: DeploymentModeState, then: () => void, afterMs = this.#host.parts.timings.modeStateMs): void {
    if (isTerminal(this.#state)) return;
    this.#next?.cancel();
    this.#hangsInError = false;
    this.#state = state;
    this.#host.say('INFO', state);
    const { faults, timers } = this.#host.parts;
    const early = faults.take('mode-timeout', (fault) => fault.during === state);
    if (early !== undefined) timers.schedule(early.afterMs ?? 0, () => this.#expire());
    faults.reached(state);
    const error = faults.take('mode-error', (fault) => fault.during === state);
    if (error === undefined) this.schedule(afterMs, then);
    else this.#hang(error.forMs, () => this.schedule(afterMs, then));
  }

  /** The next look at EC2 or CodeDeploy, in the same state. */
  lookAgain(look: () => void): void {
    // At least a moment, or time would never get past the look.
    this.schedule(Math.max(1, this.#host.parts.timings.spotPollMs), look);
  }

  schedule(afterMs: number, run: () => void): void {
    this.#next = this.#host.parts.timers.schedule(afterMs, run);
  }

  end(state: TerminalState): void {
    this.#next?.cancel();
    this.#expiry.cancel();
    this.#state = state;
    this.#endedAt = this.#host.parts.timers.now();
    this.#host.say('INFO', state);
    this.#host.parts.faults.reached(state);
  }

  #hang(forMs: number | undefined, goOn: () => void): void {
    this.#hangsInError = true;
    this.#host.say('WARN', 'ERROR');
    if (forMs === undefined) return;
    this.schedule(forMs, () => {
      this.#hangsInError = false;
      if (this.#expired) this.#host.timedOut();
      else goOn();
    });
  }

  #expire(): void {
    if (!canTimeOut(this.#state)) return;
    this.#expired = true;
    // A mode that hangs in ERROR does nothing at all; what it missed is made up for when it goes on.
    if (!this.#hangsInError) this.#host.timedOut();
  }
}
