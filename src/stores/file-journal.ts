import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BlueGreenError } from '../errors/blue-green-error.js';
import { systemNewId } from '../internal/system-random.js';
import type { StoredEntry } from '../ports/rollout-store.js';
import { conflict } from './conflict.js';
import { ifThere, onDisk, syncDirectory, type Directories } from './file-disk.js';
import { JournalLines, linesOfWrite } from './file-journal-lines.js';

/** What has been read of the file so far. */
interface Progress {
  readonly file: bigint;
  readonly lines: JournalLines;
  offset: number;
}

/** The journal of one rollout in one file, to which other processes may be appending. */
export class FileJournal {
  readonly #path: string;
  readonly #rolloutId: string;
  readonly #directories: Directories;
  #progress: Progress | undefined;
  #nameIsSafe = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string, rolloutId: string, directories: Directories) {
    this.#path = path;
    this.#rolloutId = rolloutId;
    this.#directories = directories;
  }

  read(from: number): Promise<readonly StoredEntry[]> {
    return this.#alone('read', async () => {
      const file = await ifThere(() => open(this.#path, 'r'));
      if (file === undefined) return [];
      return closing(file, async () => (await this.#catchUp(file)).entries(from));
    });
  }

  append(expectedLength: number, entries: readonly StoredEntry[]): Promise<void> {
    const mark = systemNewId();
    // Now, because the caller may change its objects while this waits for its turn.
    const bytes = Buffer.from(linesOfWrite(this.#rolloutId, expectedLength, mark, entries));
    return this.#alone('append to', async () => {
      const file = await this.#open(expectedLength === 0 && bytes.length > 0);
      if (file === undefined) {
        if (expectedLength !== 0) throw conflict(this.#rolloutId, expectedLength, 0);
        return;
      }
      await closing(file, async () => {
        const { length } = await this.#catchUp(file);
        if (length !== expectedLength) throw conflict(this.#rolloutId, expectedLength, length);
        if (bytes.length > 0) await this.#write(file, bytes, expectedLength, mark);
      });
    });
  }

  /** Undefined where there is no such file and none is to be made. */
  async #open(make: boolean): Promise<FileHandle | undefined> {
    const flags = constants.O_RDWR | constants.O_APPEND;
    if (!make) return ifThere(() => open(this.#path, flags));
    await this.#directories.ensure(dirname(this.#path));
    return open(this.#path, flags | constants.O_CREAT, 0o600);
  }

  async #write(file: FileHandle, bytes: Buffer, expectedLength: number, mark: string): Promise<void> {
    const { bytesWritten } = await file.write(bytes);
    if (bytesWritten < bytes.length) {
      // Writing the rest could put it behind the lines of somebody else.
      const told = `Cannot append to ${this.#path}: only ${bytesWritten} of ${bytes.length} bytes were written`;
      throw new BlueGreenError('STORE_FAILED', told, { details: { path: this.#path, bytesWritten } });
    }
    const lines = await this.#catchUp(file);
    if (lines.writeOf(expectedLength) !== mark) throw conflict(this.#rolloutId, expectedLength, lines.length);
    await file.datasync();
    if (this.#nameIsSafe) return;
    // By every process that appends: the one that made the file may have died before it came to this.
    await syncDirectory(dirname(this.#path));
    this.#nameIsSafe = true;
  }

  /** Reads what was appended since the last time. */
  async #catchUp(file: FileHandle): Promise<JournalLines> {
    const { ino, size } = await file.stat({ bigint: true });
    const known = this.#progress;
    // Another file, or a shorter one: somebody put a backup in its place.
    const same = known !== undefined && known.file === ino && known.offset <= Number(size);
    const progress = same ? known : { file: ino, lines: new JournalLines(this.#path, this.#rolloutId), offset: 0 };
    // Forgotten while it is worked on, so that an error leaves nothing half-read behind.
    this.#progress = undefined;
    const rest = Buffer.allocUnsafe(Number(size) - progress.offset);
    let filled = 0;
    while (filled < rest.length) {
      const { bytesRead } = await file.read(rest, filled, rest.length - filled, progress.offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    progress.offset += progress.lines.feed(rest.subarray(0, filled));
    this.#progress = progress;
    return progress.lines;
  }

  /** One thing at a time, in the order of the calls: what was read so far is shared. */
  #alone<T>(what: string, run: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => onDisk(what, this.#path, run));
    this.#last = result.catch(() => undefined);
    return result;
  }
}

async function closing<T>(file: FileHandle, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } finally {
    await file.close();
  }
}

const HEAD_BYTES = 65_536;

/** The first line of a file that ends in a newline: a file without one holds no entry. */
export async function firstLine(path: string): Promise<string | undefined> {
  const file = await ifThere(() => open(path, 'r'));
  if (file === undefined) return undefined;
  return closing(file, async () => {
    const pieces: Buffer[] = [];
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, null);
      if (bytesRead === 0) return undefined;
      const piece = buffer.subarray(0, bytesRead);
      const end = piece.indexOf('\n');
      pieces.push(end === -1 ? piece : piece.subarray(0, end));
      if (end !== -1) return Buffer.concat(pieces).toString('utf8');
    }
  });
}
