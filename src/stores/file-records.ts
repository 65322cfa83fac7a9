import { link, open, readFile, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';
import { systemNewId } from '../internal/system-random.js';
import type { StoredRecord } from '../ports/rollout-store.js';
import { errnoOf, ifThere, onDisk, syncDirectory, type Directories } from './file-disk.js';
import { encodeName } from './file-names.js';

/**
 * How many generations of a record stay on the disk.
 *
 * A generation is removed only when this many newer ones exist. So a writer that came late, and made a generation again
 * that was long gone, sees that from the newest one; and a writer that sees fewer newer ones was the first to make its own.
 */
const KEPT = 8;
/** A listing is out of date when this many changes happen before the record is read: seldom once. */
const LISTINGS = 100;

const GENERATION = /^(\d+)\.json$/;
const NUMBERED = /^(\d+)\./;

/** Small records without a lock: each change makes the file of the next generation, which only one writer can. */
export class FileRecords {
  readonly #root: string;
  readonly #directories: Directories;

  constructor(root: string, directories: Directories) {
    this.#root = root;
    this.#directories = directories;
  }

  async read(name: string): Promise<StoredRecord | undefined> {
    const directory = join(this.#root, encodeName(name));
    return onDisk('read', directory, () => readNewest(directory, name));
  }

  async write(name: string, expectedRevision: number | undefined, value: Json): Promise<number | 'conflict'> {
    const directory = join(this.#root, encodeName(name));
    const text = `${JSON.stringify({ name, value })}\n`;
    return onDisk('write', directory, async () => {
      const found = await readNewest(directory, name);
      const asExpected =
        expectedRevision === undefined
          ? found === undefined || found.value === null
          : found?.revision === expectedRevision;
      if (!asExpected) return 'conflict';
      await this.#directories.ensure(directory);
      const revision = (found?.revision ?? 0) + 1;
      return (await makeGeneration(directory, revision, text)) ? revision : 'conflict';
    });
  }
}

async function readNewest(directory: string, name: string): Promise<StoredRecord | undefined> {
  for (let listing = 1; listing <= LISTINGS; listing += 1) {
    const revision = newest((await ifThere(() => readdir(directory))) ?? []);
    if (revision === 0) return undefined;
    const path = join(directory, `${revision}.json`);
    const text = await ifThere(() => readFile(path, 'utf8'));
    if (text !== undefined) return { revision, value: valueIn(path, text, name) };
  }
  throw new BlueGreenError('STORE_FAILED', `Cannot read ${directory}: its newest file is listed, but not there`, {
    details: { path: directory },
  });
}

/** False when somebody else made this generation. */
export async function makeGeneration(directory: string, revision: number, text: string): Promise<boolean> {
  const path = join(directory, `${revision}.json`);
  const draft = join(directory, `${revision}.${systemNewId()}.draft`);
  try {
    await writeDraft(draft, text);
    if (!(await linkFirst(draft, path))) return false;
  } finally {
    await ifThere(() => unlink(draft));
  }
  await syncDirectory(directory);
  const names = await readdir(directory);
  if (newest(names) >= revision + KEPT) {
    await ifThere(() => unlink(path));
    return false;
  }
  for (const name of names) {
    const number = NUMBERED.exec(name)?.[1];
    if (number !== undefined && Number(number) <= revision - KEPT) await ifThere(() => unlink(join(directory, name)));
  }
  return true;
}

async function linkFirst(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    // ENOENT: the draft was cleared away, because the record is many generations further.
    if (errnoOf(error) === 'EEXIST' || errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function writeDraft(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function newest(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => Number(GENERATION.exec(name)?.[1] ?? 0)));
}

function valueIn(path: string, text: string, name: string): Json {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = undefined;
  }
  if (typeof content === 'object' && content !== null && 'name' in content && 'value' in content) {
    if (content.name === name) return content.value as Json;
  }
  throw new BlueGreenError('STORE_CORRUPT', `${path}, line 1: it does not hold the record ${name}`, {
    details: { path, line: 1 },
  });
}
