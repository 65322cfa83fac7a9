import type { ElastigroupParts } from './elastigroup-parts.js';
import { spotId } from './elastigroup-parts.js';
import { Refusal } from './parts.js';

export interface RollOptions {
  readonly batchSizePercentage: number;
  /** Seconds. */
  readonly gracePeriod: number;
  readonly healthCheckType?: string;
}

export interface RollView extends RollOptions {
  readonly rollId: string;
  readonly status: 'STARTING' | 'IN_PROGRESS' | 'FINISHED' | 'STOPPED';
  readonly currentBatch: number;
  readonly numberOfBatches: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Rolls of one Elastigroup. A roll takes its time (one grace period a batch) and blocks what a roll blocks; the
 * instances themselves stay as they are.
 */
export class ElastigroupRolls {
  readonly #parts: ElastigroupParts;
  readonly #rolls: Array<Mutable<RollView>> = [];

  constructor(parts: ElastigroupParts) {
    this.#parts = parts;
  }

  /** Latest first. */
  list(): readonly RollView[] {
    return [...this.#rolls].reverse();
  }

  get(rollId: string): RollView {
    return this.#find(rollId);
  }

  running(): RollView | undefined {
    return this.#rolls.find(isRunning);
  }

  start(options: RollOptions): RollView {
    const running = this.running();
    if (running !== undefined)
      throw new Refusal('ROLL_ALREADY_IN_PROGRESS', `The roll ${running.rollId} is in progress.`);
    const now = this.#parts.timers.now();
    const roll: Mutable<RollView> = {
      ...options,
      rollId: spotId('sbgd', this.#parts.chance),
      status: 'STARTING',
      currentBatch: 1,
      numberOfBatches: Math.ceil(100 / options.batchSizePercentage),
      createdAt: now,
      updatedAt: now,
    };
    this.#rolls.push(roll);
    this.#after(roll, this.#parts.timings.modeStateMs, () => this.#batch(roll));
    return roll;
  }

  stop(rollId: string): void {
    const roll = this.#find(rollId);
    if (!isRunning(roll)) throw new Refusal('CANT_STOP_ROLL', `The roll ${rollId} is ${roll.status}.`);
    roll.status = 'STOPPED';
    roll.updatedAt = this.#parts.timers.now();
  }

  #batch(roll: Mutable<RollView>): void {
    roll.status = 'IN_PROGRESS';
    this.#after(roll, roll.gracePeriod * 1000, () => {
      if (roll.currentBatch >= roll.numberOfBatches) roll.status = 'FINISHED';
      else {
        roll.currentBatch += 1;
        this.#batch(roll);
      }
    });
  }

  #after(roll: Mutable<RollView>, delayMs: number, run: () => void): void {
    this.#parts.timers.schedule(delayMs, () => {
      if (!isRunning(roll)) return;
      roll.updatedAt = this.#parts.timers.now();
      run();
    });
  }

  #find(rollId: string): Mutable<RollView> {
    const roll = this.#rolls.find((candidate) => candidate.rollId === rollId);
    if (roll === undefined) throw new Refusal('ROLL_DOESNT_EXIST', `There is no roll ${rollId}.`, 404);
    return roll;
  }
}

function isRunning(roll: RollView): boolean {
  return roll.status === 'STARTING' || roll.status === 'IN_PROGRESS';
}
