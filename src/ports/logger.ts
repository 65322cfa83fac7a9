/**
 * What the library needs of a logger: `console`, pino, winston and bunyan fit as they are.
 *
 * The facts are the second argument, as `console` has it; pino and bunyan, which take them first, are recognised and get
 * them first.
 */
export interface Logger {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void;
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
  /** Where there is one, each rollout gets a logger of its own, with its `rolloutId`. */
  child?(facts: Readonly<Record<string, unknown>>): Logger;
}
