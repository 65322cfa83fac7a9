import { cleanLine } from '../report/clean-text.js';
import { canRedraw, coloursOf, wantsColour, type Colours } from '../report/colours.js';
import type { CliContext, CliStream } from './cli-context.js';

export function say(stream: CliStream, text: string): void {
  stream.write(`${text}\n`);
}

/** Says something on standard error while progress is drawn on standard output. */
export function sayBelow({ stdout, stderr, env }: CliContext, text: string): void {
  const redrawn = stdout.isTTY === true && stderr.isTTY === true && canRedraw(stdout, env);
  // A line end would move what is drawn there, and it could not be found again to be drawn over.
  if (redrawn) stderr.write(`\r${text.slice(0, (stdout.columns ?? 80) - 1)}`);
  else say(stderr, text);
}

export function coloursFor(stream: CliStream, { env }: CliContext): Colours {
  return coloursOf(wantsColour(stream, env));
}

const STEERING = /[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu;

/** One line of JSON. What could steer a terminal is escaped: it stays the same JSON. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    STEERING,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Labelled values below one another; one without a value is left out. */
export function rows(labelled: ReadonlyArray<readonly [label: string, value: string | undefined]>): string[] {
  const shown = labelled.filter((row): row is readonly [string, string] => row[1] !== undefined && row[1] !== '');
  const width = Math.max(0, ...shown.map(([label]) => label.length));
  return shown.map(([label, value]) => `  ${label.padEnd(width)}  ${cleanLine(value)}`);
}
