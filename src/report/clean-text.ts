import { stripVTControlCharacters } from 'node:util';

/** Everything that could steer a terminal or turn text around, and halves of characters; line ends and tabs stay. */
const STEERING = /(?![\n\t])[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu;

/** Text from outside, safe to show: without escape sequences and control characters. Lines stay lines. */
export function cleanText(text: string): string {
  // First whole sequences, so that their parameters do not stay behind as litter; then whatever is left of them.
  return stripVTControlCharacters(text.replace(/\r\n?/g, '\n')).replace(STEERING, '');
}

/** The same on one line: a line end from outside must not look like a line of ours. */
export function cleanLine(text: string): string {
  return cleanText(text)
    .replace(/\s*\n\s*/g, ' ⏎ ')
    .replaceAll('\t', ' ')
    .trim();
}

/** The first line, without a line end. */
export function firstLine(text: string): string {
  return cleanText(text).split('\n', 1)[0] ?? '';
}
