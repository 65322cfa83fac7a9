import type { Timers } from './parts.js';

export const SPOT_PROCESSES = [
  'AUTO_SCALE',
  'AUTO_HEALING',
  'OUT_OF_STRATEGY',
  'PREVENTIVE_REPLACEMENT',
  'REVERT_PREFERRED',
  'SCHEDULING',
  'LB_REGISTRATION',
] as const;

export type SpotProcess = (typeof SPOT_PROCESSES)[number];

export interface SuspensionView {
  readonly name: SpotProcess;
  /** Absent: until somebody lifts it. */
  readonly expiresAt?: number;
}

interface Held {
  readonly expiresAt: number | undefined;
  readonly expiry: { cancel(): void } | undefined;
}

/** The processes of one Elastigroup that stand still. */
export class ElastigroupSuspensions {
  readonly #timers: Timers;
  readonly #held = new Map<SpotProcess, Held>();
  readonly #lifted: () => void;

  /** @param lifted - called whenever a process may go on: what it left undone is done then */
  constructor(timers: Timers, lifted: () => void) {
    this.#timers = timers;
    this.#lifted = lifted;
  }

  isSuspended(process: SpotProcess): boolean {
    return this.#held.has(process);
  }

  list(): readonly SuspensionView[] {
    return [...this.#held].map(([name, { expiresAt }]) => (expiresAt === undefined ? { name } : { name, expiresAt }));
  }

  /** A process that is suspended already gets the new limit. */
  suspend(process: SpotProcess, ttlMinutes: number | undefined): void {
    this.#held.get(process)?.expiry?.cancel();
    const ttlMs = ttlMinutes === undefined ? undefined : ttlMinutes * 60_000;
    this.#held.set(process, {
      expiresAt: ttlMs === undefined ? undefined : this.#timers.now() + ttlMs,
      expiry: ttlMs === undefined ? undefined : this.#timers.schedule(ttlMs, () => this.lift([process])),
    });
  }

  lift(processes: readonly SpotProcess[]): void {
    for (const process of processes) {
      this.#held.get(process)?.expiry?.cancel();
      this.#held.delete(process);
    }
    this.#lifted();
  }

  liftAll(): void {
    this.lift([...this.#held.keys()]);
  }
}
