import type { BlueGreenOptions, Clock } from '../index.js';

/** A stream that somebody may be sitting at. */
export type CliStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Everything that a command has from the process that it runs in. */
export interface CliContext {
  readonly version: string;
  readonly stdin: AsyncIterable<string | Uint8Array>;
  readonly stdout: CliStream;
  readonly stderr: CliStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** The name of whoever runs the command. */
  readonly userName: () => string;
  /** From now on the listener gets interrupts, instead of the process; the answer ends that. */
  readonly onInterrupt: (listener: (signal: string) => void) => () => void;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  /** What the configuration file stands upon: for a process that holds the clouds itself. */
  readonly options?: BlueGreenOptions;
}
