/** What the exit code of every command means: the one table. `docs/cli.md` and `--help` show it. */
export const EXIT_CODES = {
  succeeded: { code: 0, meaning: 'The release is out and proven; or the command did what it was asked to do.' },
  // Node itself ends with 1 when it cannot even start: no outcome of a release may look like that.
  error: { code: 1, meaning: 'The command could not do its work, or came too late; the message says why.' },
  usage: {
    code: 2,
    meaning: 'The command line, the spec or the configuration is wrong. Nothing was touched.',
  },
  'rolled-back': { code: 3, meaning: 'The release was taken back; everything is as it was before.' },
  refused: { code: 4, meaning: 'The checks before the start said no. Nothing was touched.' },
  failed: { code: 5, meaning: 'Neither the release nor the way back could be finished: somebody has to look.' },
  suspended: {
    code: 6,
    meaning: 'This process does not drive it: `resume` goes on with it, or `watch` follows the process that does.',
  },
  interrupted: { code: 130, meaning: 'Ended by a signal before the outcome was known.' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>;

/** How a command ended. */
export type Ending = keyof typeof EXIT_CODES;
