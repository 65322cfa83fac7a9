import { BlueGreenError } from '../errors/blue-green-error.js';
import type { StoredEntry } from '../ports/rollout-store.js';

/**
 * The lines of a journal file, and which of them count.
 *
 * Writers append without a lock, so a file can hold lines of writers that lost, and remains of writers that died:
 *
 * - Every line starts with a tab. JSON text never contains one, so whatever stands before the last tab of a line is the
 *   torn rest of an earlier write onto which this line was appended. What follows the last newline is not written yet.
 * - A line carries its number, the number of the first line of its write, and the mark of its write. A write counts if
 *   its first line has the next free number; the others of the same write, which follow it directly, share its fate.
 *   Judging every line by its number alone would let the end of a late, longer write pass for new entries.
 *
 * So the outcome is decided by the order of the bytes in the file, which is the same for everybody.
 */
interface Line {
  readonly seq: number;
  readonly first: number;
  readonly write: string;
  /** Only in line 0. */
  readonly rollout?: string | undefined;
  readonly entry: StoredEntry;
}

const START = '\t';
const NEWLINE = 10;

/** The text of one write. */
export function linesOfWrite(rolloutId: string, first: number, write: string, entries: readonly StoredEntry[]): string {
  return entries
    .map((entry, index) => {
      const seq = first + index;
      const line: Line = { seq, first, write, rollout: seq === 0 ? rolloutId : undefined, entry };
      return `${START}${JSON.stringify(line)}\n`;
    })
    .join('');
}

/** The id of the rollout to which the first whole line of a file belongs. */
export function rolloutOfLine(text: string): string | undefined {
  try {
    return parseLine(text)?.rollout;
  } catch {
    return undefined;
  }
}

/** The entries that count in a file, fed to it piece by piece. */
export class JournalLines {
  /** As text: what is given to readers must not be what is kept. */
  readonly #entries: { readonly text: string; readonly write: string }[] = [];
  readonly #path: string;
  readonly #rolloutId: string;
  #lineNumber = 0;
  #previous: { readonly seq: number; readonly write: string; readonly counts: boolean } | undefined;

  constructor(path: string, rolloutId: string) {
    this.#path = path;
    this.#rolloutId = rolloutId;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** The mark of the write that an entry came with. */
  writeOf(seq: number): string | undefined {
    return this.#entries[seq]?.write;
  }

  entries(from: number): StoredEntry[] {
    return this.#entries.slice(from).map(({ text }) => JSON.parse(text) as StoredEntry);
  }

  /** Takes the whole lines at the start of `bytes` and answers how many bytes they are. */
  feed(bytes: Buffer): number {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      this.#take(bytes.toString('utf8', start, end));
      start = end + 1;
    }
    return start;
  }

  #take(text: string): void {
    this.#lineNumber += 1;
    const line = parseLine(text);
    if (line === undefined) throw this.#corrupt('is not a line of a journal');
    const { seq, first, write } = line;
    const previous = this.#previous;
    let counts: boolean;
    if (seq === first) {
      if (seq > this.length) throw this.#corrupt(`has number ${seq}, but number ${this.length} is missing`);
      counts = seq === this.length;
    } else {
      if (previous?.write !== write || previous.seq !== seq - 1) {
        throw this.#corrupt(`has number ${seq} of a write whose number ${seq - 1} is missing`);
      }
      counts = previous.counts;
    }
    if (seq === 0 && line.rollout !== this.#rolloutId) {
      throw this.#corrupt(`belongs to ${line.rollout === undefined ? 'no rollout' : `rollout ${line.rollout}`}`);
    }
    this.#previous = { seq, write, counts };
    if (counts) this.#entries.push({ text: JSON.stringify(line.entry), write });
  }

  #corrupt(what: string): BlueGreenError {
    return new BlueGreenError('STORE_CORRUPT', `${this.#path}, line ${this.#lineNumber}: it ${what}`, {
      details: { path: this.#path, line: this.#lineNumber },
    });
  }
}

function parseLine(text: string): Line | undefined {
  const start = text.lastIndexOf(START);
  if (start === -1) return undefined;
  let line: Partial<Line> | null;
  try {
    line = JSON.parse(text.slice(start)) as Partial<Line> | null;
  } catch {
    return undefined;
  }
  if (typeof line !== 'object' || line === null) return undefined;
  const { seq, first, write, rollout, entry } = line;
  if (!isCount(seq) || !isCount(first) || first > seq) return undefined;
  if (typeof write !== 'string' || (rollout !== undefined && typeof rollout !== 'string')) return undefined;
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return undefined;
  return { seq, first, write, rollout, entry };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
