import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BlueGreenError } from '../errors/blue-green-error.js';

/** Runs file operations; what the disk refuses becomes `STORE_FAILED` with the disk's own code. */
export async function onDisk<T>(what: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined) throw error;
    throw new BlueGreenError('STORE_FAILED', `Cannot ${what} ${path}: ${(error as Error).message}`, {
      details: { path, code },
      cause: error,
    });
  }
}

/** The code of an error of the operating system, such as `ENOSPC`. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Undefined instead of an error when what is asked for does not exist. */
export async function ifThere<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes directories, private to this user, whose names outlast a loss of power; each is looked after once. */
export class Directories {
  readonly #root: string;
  readonly #made = new Map<string, Promise<void>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes what lies on the way from the root to `path`, both included. */
  async ensure(path: string): Promise<void> {
    if (path !== this.#root && path !== dirname(path)) await this.ensure(dirname(path));
    let made = this.#made.get(path);
    if (made === undefined) {
      made = makeDirectory(path);
      this.#made.set(path, made);
    }
    try {
      await made;
    } catch (error) {
      this.#made.delete(path);
      throw error;
    }
  }
}

async function makeDirectory(path: string): Promise<void> {
  const firstMade = await mkdir(path, { recursive: true, mode: 0o700 });
  const top = dirname(firstMade ?? path);
  // The nearest parent in any case: whoever made the directory may have died before it came to this.
  for (let parent = dirname(path); ; parent = dirname(parent)) {
    await syncDirectory(parent);
    if (parent === top || parent === dirname(parent)) return;
  }
}

/** What systems that cannot sync a directory (Windows, some network drives) answer; their files are safe without. */
const NO_DIRECTORY_SYNC: readonly unknown[] = ['EPERM', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EBADF'];

/** Makes the names in a directory outlast a loss of power. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!NO_DIRECTORY_SYNC.includes(errnoOf(error))) throw error;
  } finally {
    await handle.close();
  }
}
