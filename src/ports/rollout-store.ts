import type { Json } from '../internal/json.js';

/** One line of a rollout's journal as a store sees it: JSON that it must give back unchanged. */
export type StoredEntry = { readonly [key: string]: Json | undefined };

/** A small record that is only ever replaced by compare-and-set: leases, locks on targets, the order of rollouts. */
export interface StoredRecord {
  /** Goes up by at least one with every change of the record; never comes back to an earlier number. */
  readonly revision: number;
  readonly value: Json;
}

/**
 * Where rollouts are kept. `checkRolloutStore` in `elastigroup-bluegreen/testing` says whether an implementation is right.
 *
 * @example
 * ```ts
 * import { BlueGreen, FileStore } from 'elastigroup-bluegreen';
 * const blueGreen = new BlueGreen({ store: new FileStore('.rollouts') });
 * await blueGreen.close();
 * ```
 */
export interface RolloutStore {
  /** False when everything is lost with this process. */
  readonly durable: boolean;
  /**
   * Adds entries to the end of a journal, all of them on disk when the promise resolves.
   *
   * `expectedLength` is how many entries the journal has: another number is refused with `ROLLOUT_CONFLICT`, which is what
   * keeps two writers apart. 0 creates the journal. Of a batch that a crash cut short, a first part may survive.
   */
  append(rolloutId: string, expectedLength: number, entries: readonly StoredEntry[]): Promise<void>;
  /** The journal from entry number `from` (0 = the first) on; an empty list where there is none. */
  read(rolloutId: string, from?: number): Promise<readonly StoredEntry[]>;
  /** Ids of every rollout that has a journal, in no promised order. */
  list(): Promise<readonly string[]>;
  readRecord(name: string): Promise<StoredRecord | undefined>;
  /**
   * Replaces the record if it still has `expectedRevision` (undefined = there is none, or its value is null) and answers
   * the new revision; answers `conflict`, and changes nothing, otherwise. A record is never deleted: null is the value of a
   * record that nobody holds.
   */
  writeRecord(name: string, expectedRevision: number | undefined, value: Json): Promise<number | 'conflict'>;
  /** Ends whatever the store holds open. */
  close?(): Promise<void>;
}
