import type { Json } from '../../src/internal/json.js';
import type { Clock } from '../../src/ports/clock.js';
import type { RolloutStore, StoredEntry, StoredRecord } from '../../src/ports/rollout-store.js';
import { Dice } from './dice.js';

/** A store far away: what is asked of it arrives a little later, and so does what it says. Others come in between. */
export class LaggingStore implements RolloutStore {
  readonly #dice: Dice;

  constructor(
    private readonly under: RolloutStore,
    private readonly clock: Clock,
    private readonly lag: { readonly mostMs: number; readonly seed: number },
  ) {
    this.#dice = new Dice(lag.seed);
  }

  get durable(): boolean {
    return this.under.durable;
  }

  append(rolloutId: string, expectedLength: number, entries: readonly StoredEntry[]): Promise<void> {
    return this.#far(() => this.under.append(rolloutId, expectedLength, entries));
  }

  read(rolloutId: string, from?: number): Promise<readonly StoredEntry[]> {
    return this.#far(() => this.under.read(rolloutId, from));
  }

  list(): Promise<readonly string[]> {
    return this.#far(() => this.under.list());
  }

  readRecord(name: string): Promise<StoredRecord | undefined> {
    return isTrace(name) ? this.under.readRecord(name) : this.#far(() => this.under.readRecord(name));
  }

  writeRecord(name: string, expectedRevision: number | undefined, value: Json): Promise<number | 'conflict'> {
    const write = () => this.under.writeRecord(name, expectedRevision, value);
    return isTrace(name) ? write() : this.#far(write);
  }

  async #far<T>(ask: () => Promise<T>): Promise<T> {
    const { mostMs } = this.lag;
    await this.clock.sleep(this.#dice.between(0, mostMs));
    // A refusal takes its time as well.
    try {
      return await ask();
    } finally {
      await this.clock.sleep(this.#dice.between(0, mostMs));
    }
  }
}

/** Nobody waits for the trace: the end of a story would come before that of its last write. */
const isTrace = (name: string): boolean => name.startsWith('trace/');
