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
  /** The mode called its deployment unstable for so long that it gives up. */
  gaveUp(): void;
}

const UNSTABLE_FOR_MS = 60_000;

/** Where a mode is and what takes it further: one timer for the next state, one for the mode's own timeout. */
export class ModeProgress {
  readonly #host: ProgressHost;
  readonly #expiry: { cancel(): void };
  #state: DeploymentModeState = 'STARTING';
  #next: { cancel(): void } | undefined;
  #hangsInError = false;
  #unstable: { cancel(): void } | undefined;
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
    if (this.#unstable !== undefined) return 'UNSTABLE_DEPLOYMENT';
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
    this.#calmDown();
    this.#state = state;
    this.#host.say('INFO', state);
    const { faults, timers } = this.#host.parts;
    const early = faults.take('mode-timeout', (fault) => fault.during === state);
    if (early !== undefined) timers.schedule(early.afterMs ?? 0, () => this.#expire());
    faults.reached(state);
    const error = faults.take('mode-error', (fault) => fault.during === state);
    const goOn = (): void => this.schedule(afterMs, then);
    if (error !== undefined) this.#hang(error.forMs, goOn);
    else if (this.#becomesUnstable() !== 'goes-back') goOn();
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
    this.#calmDown();
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

  #becomesUnstable(): 'goes-on' | 'goes-back' {
    const { faults, timers } = this.#host.parts;
    const fault = faults.take('unstable-deployment', ({ during }) => during === this.#state);
    if (fault === undefined) return 'goes-on';
    this.#host.say('WARN', 'UNSTABLE_DEPLOYMENT');
    const goesBack = fault.goesBack === true;
    const forMs = fault.forMs ?? (goesBack ? UNSTABLE_FOR_MS : undefined);
    const over = (): void => {
      this.#unstable = undefined;
      if (goesBack) this.#host.gaveUp();
    };
    this.#unstable = forMs === undefined ? { cancel: () => undefined } : timers.schedule(forMs, over);
    return goesBack ? 'goes-back' : 'goes-on';
  }

  #calmDown(): void {
    this.#unstable?.cancel();
    this.#unstable = undefined;
  }

  #expire(): void {
    if (!canTimeOut(this.#state)) return;
    this.#expired = true;
    // A mode that hangs in ERROR does nothing at all; what it missed is made up for when it goes on.
    if (!this.#hangsInError) this.#host.timedOut();
  }
}
