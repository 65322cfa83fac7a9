import { cleanLine } from './clean-text.js';

/** Nothing in these that a shell would read otherwise. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** The command that opens a gate, word by word; names from outside are quoted. */
export function answerCommand(id: string, gate: string, hash: string | undefined): readonly string[] {
  const evidence = hash === undefined ? [] : [`--evidence ${quoted(hash)}`];
  return ['npx elastigroup-bluegreen approve', quoted(id), quoted(gate), ...evidence];
}

/** A command on lines that fit, which a shell reads as one. A word that is too long for a line stays whole. */
export function commandLines(words: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    // Two more columns for what joins the lines.
    if (last !== undefined && last.length + 1 + word.length + 2 <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line));
}

function quoted(text: string): string {
  const clean = cleanLine(text);
  return PLAIN.test(clean) && !clean.startsWith('-') ? clean : `'${clean.replaceAll("'", "'\\''")}'`;
}
