import { errorCatalogue, type ErrorCatalogue, type ErrorCode, type ErrorEntry } from '../index.js';
import type { CliContext } from './cli-context.js';
import type { CommonOptions } from './drive-rollout.js';
import { EXIT_CODES, type Ending } from './exit-codes.js';
import { coloursFor, jsonLine, rows, say } from './output.js';
import { UsageError } from './usage-error.js';

/** `errors [CODE]`: the page about errors, or its section about one. */
export async function errors(
  context: CliContext,
  { json }: Pick<CommonOptions, 'json'>,
  code: string | undefined,
): Promise<Ending> {
  const { stdout } = context;
  const catalogue = await errorCatalogue();
  const entries = code === undefined ? Object.values(catalogue) : [entryOf(catalogue, code)];
  if (json === true) {
    const explained = entries.map(withExitCodes);
    say(
      stdout,
      jsonLine(code === undefined ? Object.fromEntries(explained.map((one) => [one.code, one])) : explained[0]),
    );
    return 'succeeded';
  }
  const { bold } = coloursFor(stdout, context);
  if (code === undefined) {
    for (const line of rows(entries.map((one) => [one.code, one.meaning] as const))) say(stdout, line);
    return 'succeeded';
  }
  for (const entry of entries)
    for (const line of [`${bold(entry.code)} ${entry.meaning}`, ...section(entry)]) say(stdout, line);
  return 'succeeded';
}

/** Small letters are as good: a link to the page has them. */
function entryOf(catalogue: ErrorCatalogue, code: string): ErrorEntry {
  const name = code.toUpperCase();
  if (Object.hasOwn(catalogue, name)) return catalogue[name as ErrorCode];
  throw new UsageError(`there is no error code ${code}; "npx elastigroup-bluegreen errors" lists all of them`);
}

function withExitCodes(entry: ErrorEntry): ErrorEntry & { readonly exitCodes: readonly number[] } {
  return { ...entry, exitCodes: [...new Set(entry.endings.map((ending) => EXIT_CODES[ending].code))] };
}

function section(entry: ErrorEntry): string[] {
  const { blame, who, hint, provokedBy, check, facts, endings, told, url } = entry;
  return rows([
    ['who must act', `${who} (${blame})`],
    ['what to do', hint],
    ['provoked by', provokedBy],
    ['ends', endings.map((ending) => `${ending} (exit code ${EXIT_CODES[ending].code})`).join(', ')],
    ['told', told === 'way-back' ? 'by the event step:run:failed, and by report' : undefined],
    ...check.map((line, index) => [index === 0 ? 'what to check' : '', `${index + 1}. ${plain(line)}`] as const),
    ...Object.entries(facts).map(
      ([field, words], index) => [index === 0 ? 'details' : '', `${field}: ${words}`] as const,
    ),
    ['see', url],
  ]);
}

/** A link stands in the page; here its target is named. */
function plain(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]+)\]\(([^)]+)\)/g, (_, text: string, target: string) =>
    text === target || text.endsWith('.md') ? `docs/${target}` : `${text} (docs/${target})`,
  );
}
