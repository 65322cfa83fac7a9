import type { ErrorCode } from '../index.js';

/** The command line, or a file that it names, is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(
    message: string,
    /** What it is called where machines read. */
    readonly code: ErrorCode = 'OPTIONS_INVALID',
  ) {
    super(message);
  }
}

/** The words of whatever was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
