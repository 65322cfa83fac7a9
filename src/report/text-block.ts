import { cleanLine } from './clean-text.js';

const INDENT = '  ';

/** A heading with its lines under it; nothing where there are none. */
export function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `${INDENT}${line}`)];
}

/** Labels in one column, texts in the next; a text of several lines stays in its column. Texts come clean. */
export function rows(pairs: ReadonlyArray<readonly [label: string, text: string]>): readonly string[] {
  const width = Math.max(0, ...pairs.map(([label]) => label.length)) + INDENT.length;
  return pairs.map(
    ([label, text]) => `${label.padEnd(width)}${text.replaceAll('\n', `\n${INDENT}${' '.repeat(width)}`)}`,
  );
}

/** Up to `most` of them, then how many more. */
export function listed(items: readonly string[], most = 8): string {
  const shown = items.slice(0, most).map(cleanLine).join(', ');
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}
