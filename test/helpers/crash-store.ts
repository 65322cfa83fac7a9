import type { Json } from '../../src/internal/json.js';
import { BlueGreenError } from '../../src/errors/blue-green-error.js';
import type { RolloutStore, StoredEntry, StoredRecord } from '../../src/ports/rollout-store.js';

/** One driver's way to a store that others share: it can break for ever, for this driver alone. */
export class CrashStore implements RolloutStore {
  /** Everything written through this way, records of leases and locks included, in order. */
  readonly writes: string[] = [];
  #broken = false;

  constructor(
    private readonly under: RolloutStore,
    /** Called with the number of a write (1 = the first) right before and right after it; may break the store. */
    private readonly onWrite: (n: number, when: 'before' | 'after') => void = () => {},
  ) {}

  get durable(): boolean {
    return this.under.durable;
  }

  break(): void {
    this.#broken = true;
  }

  append(rolloutId: string, expectedLength: number, entries: readonly StoredEntry[]): Promise<void> {
    const what = entries.map(({ type }) => (typeof type === 'string' ? type : '?')).join(', ');
    return this.#write(what, () => this.under.append(rolloutId, expectedLength, entries));
  }

  async read(rolloutId: string, from?: number): Promise<readonly StoredEntry[]> {
    this.#check();
    return this.under.read(rolloutId, from);
  }

  async list(): Promise<readonly string[]> {
    this.#check();
    return this.under.list();
  }

  async readRecord(name: string): Promise<StoredRecord | undefined> {
    this.#check();
    return this.under.readRecord(name);
  }

  writeRecord(name: string, expectedRevision: number | undefined, value: Json): Promise<number | 'conflict'> {
    return this.#write(`record ${name}`, () => this.under.writeRecord(name, expectedRevision, value));
  }

  async #write<T>(what: string, write: () => Promise<T>): Promise<T> {
    this.#check();
    const n = this.writes.push(what);
    this.onWrite(n, 'before');
    this.#check();
    const written = await write();
    this.onWrite(n, 'after');
    this.#check();
    return written;
  }

  #check(): void {
    if (this.#broken) throw new BlueGreenError('STORE_FAILED', 'the process is dead: its store answers nothing');
  }
}
