import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';
import type { RolloutStore, StoredEntry, StoredRecord } from '../ports/rollout-store.js';
import { Directories, ifThere, onDisk } from './file-disk.js';
import { FileJournal, firstLine } from './file-journal.js';
import { rolloutOfLine } from './file-journal-lines.js';
import { decodeName, encodeName, isDigestName } from './file-names.js';
import { FileRecords } from './file-records.js';

const ENDING = '.jsonl';
/** A process that drives many rollouts keeps this many journals in memory; the rest is read again when it is needed. */
const KEPT_JOURNALS = 64;

/**
 * Keeps rollouts in a directory of this machine, for any number of processes at once.
 *
 * The directory is made on first use, readable for this user alone. Everything is on the disk, and not in a buffer, when
 * a promise resolves. A journal is `rollouts/<id>.jsonl`, one entry a line. The directory must be on a local file system:
 * network drives do not append as one act.
 *
 * After `STORE_FAILED` a first part of what was to be appended may be there: read again before going on.
 *
 * @throws OPTIONS_INVALID when the directory has no name.
 * @throws STORE_FAILED when the disk refuses something; `details.code` is its own code, such as `ENOSPC`.
 * @throws STORE_CORRUPT when a file holds what this library did not write; the message names file and line.
 * @example
 * ```ts
 * import { BlueGreen, FileStore } from 'elastigroup-bluegreen';
 * const blueGreen = new BlueGreen({ store: new FileStore('.rollouts') });
 * await blueGreen.close();
 * ```
 */
export class FileStore implements RolloutStore {
  readonly durable = true;
  readonly #rollouts: string;
  readonly #directories: Directories;
  readonly #records: FileRecords;
  readonly #journals = new Map<string, FileJournal>();

  constructor(directory: string) {
    if (typeof directory !== 'string' || directory === '') {
      throw new BlueGreenError('OPTIONS_INVALID', 'FileStore needs the path of a directory', {
        details: { field: 'directory' },
      });
    }
    // Once, so that a later change of the working directory does not split the store in two.
    const root = resolve(directory);
    this.#directories = new Directories(root);
    this.#rollouts = join(root, 'rollouts');
    this.#records = new FileRecords(join(root, 'records'), this.#directories);
  }

  async append(rolloutId: string, expectedLength: number, entries: readonly StoredEntry[]): Promise<void> {
    await this.#journal(rolloutId).append(expectedLength, entries);
  }

  async read(rolloutId: string, from = 0): Promise<readonly StoredEntry[]> {
    return this.#journal(rolloutId).read(from);
  }

  async list(): Promise<readonly string[]> {
    return onDisk('list', this.#rollouts, async () => {
      const names = (await ifThere(() => readdir(this.#rollouts))) ?? [];
      const ids: string[] = [];
      for (const name of names) {
        if (!name.endsWith(ENDING)) continue;
        const id = await rolloutIn(this.#rollouts, name.slice(0, -ENDING.length));
        if (id !== undefined) ids.push(id);
      }
      return ids;
    });
  }

  async readRecord(name: string): Promise<StoredRecord | undefined> {
    return this.#records.read(name);
  }

  async writeRecord(name: string, expectedRevision: number | undefined, value: Json): Promise<number | 'conflict'> {
    return this.#records.write(name, expectedRevision, value);
  }

  #journal(rolloutId: string): FileJournal {
    const path = join(this.#rollouts, encodeName(rolloutId) + ENDING);
    const journal = this.#journals.get(rolloutId) ?? new FileJournal(path, rolloutId, this.#directories);
    // Put in again at the end: the first one is then the one that was not used for longest.
    this.#journals.delete(rolloutId);
    this.#journals.set(rolloutId, journal);
    const [oldest] = this.#journals.keys();
    if (this.#journals.size > KEPT_JOURNALS && oldest !== undefined) this.#journals.delete(oldest);
    return journal;
  }
}

/** The id whose journal a file is; undefined when it holds no entry or is none of ours. */
async function rolloutIn(directory: string, name: string): Promise<string | undefined> {
  const id = decodeName(name);
  if (id === undefined && !isDigestName(name)) return undefined;
  const line = await firstLine(join(directory, name + ENDING));
  return line === undefined ? undefined : (id ?? rolloutOfLine(line));
}
