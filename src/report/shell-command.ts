import { cleanLine } from './clean-text.js';

/** Makes the words of a whole command line of those that stand after the name of the program. */
export type WholeCommand = (words: readonly string[]) => readonly string[];

export const npxCommand: WholeCommand = (words) => ['npx', 'elastigroup-bluegreen', ...words];

/** As a shell reads it back. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A command line for a shell, in the parts that it may be broken between: an option stays with its value. Words from outside are cleaned. */
export function shellParts(words: readonly string[]): readonly string[] {
  const parts: string[] = [];
  let open = false;
  for (const word of words.map((each) => shellWord(cleanLine(each)))) {
    if (open) parts[parts.length - 1] += ` ${word}`;
    else parts.push(word);
    open = !open && word.startsWith('--');
  }
  return parts;
}

/** A command on lines that fit, which a shell reads as one. A part that is too long for a line stays whole. */
export function commandLines(parts: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    // Two more columns for what joins the lines.
    if (last !== undefined && last.length + 1 + part.length + 2 <= columns) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(lines.length === 0 ? part : `  ${part}`);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line));
}
