/** The console, for what somebody should know who did not say where to tell it: warnings and errors, one line each. */
export const systemConsole = Object.freeze({
  debug: (): void => {},
  info: (): void => {},
  warn: (message: string, facts?: Readonly<Record<string, unknown>>): void =>
    globalThis.console.warn(lineOf(message, facts)),
  error: (message: string, facts?: Readonly<Record<string, unknown>>): void =>
    globalThis.console.error(lineOf(message, facts)),
});

function lineOf(message: string, facts: Readonly<Record<string, unknown>> = {}): string {
  const { rolloutId } = facts;
  return typeof rolloutId === 'string'
    ? `elastigroup-bluegreen ${rolloutId}: ${message}`
    : `elastigroup-bluegreen: ${message}`;
}
