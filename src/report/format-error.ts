import process from 'node:process';
import { coloursOf, wantsColour, type Colours } from './colours.js';
import { isDrivenElsewhere } from './driven-elsewhere.js';
import { viewError, type ErrorView } from './error-view.js';
import { receiptWords, type ReceiptWords } from './receipt-words.js';

export interface FormatErrorOptions {
  /** @defaultValue whether standard error takes colours; NO_COLOR and FORCE_COLOR are obeyed */
  readonly colour?: boolean | undefined;
}

const LABEL_WIDTH = 14;

/**
 * An error for a terminal: who must act, what happened and where, the end of the log, what was put back, what to do.
 *
 * Takes whatever can be thrown, and errors as they stand in results and journals. Escape sequences and control characters
 * in texts that came from outside are removed. Never throws.
 *
 * @example
 * ```ts
 * import { BlueGreenError, formatError } from 'elastigroup-bluegreen';
 * const error = new BlueGreenError('ABORTED', 'Ada said stop');
 * console.error(formatError(error, { colour: false }));
 * ```
 */
export function formatError(error: unknown, options: FormatErrorOptions = {}): string {
  const colours = coloursOf(options.colour ?? wantsColour(process.stderr, process.env));
  const view = viewError(error);
  return [heading(view, colours), ...body(view, colours)].join('\n');
}

function heading({ code, title }: ErrorView, { bold, red }: Colours): string {
  return code === undefined ? bold(red(title)) : `${bold(red(code))}${title === '' ? '' : ` ${bold(title)}`}`;
}

function body(view: ErrorView, colours: Colours): readonly string[] {
  const { bold, dim } = colours;
  const row = (label: string, value: string | undefined): readonly string[] =>
    value === undefined || value === ''
      ? []
      : [`  ${dim(label.padEnd(LABEL_WIDTH))} ${hanging(value, LABEL_WIDTH + 3)}`];
  return [
    ...row('who must act', view.who),
    ...row('what happened', view.message),
    ...view.findings.flatMap(({ check, found, fix }) => [
      `  ${bold(check)}`,
      ...row('  found', found),
      ...row('  what to do', fix),
    ]),
    ...view.facts.flatMap(({ label, value }) => row(label, value)),
    ...view.causes.flatMap((cause) => row('because', cause)),
    ...row(view.requestIds.length > 1 ? 'request ids' : 'request id', view.requestIds.join(', ')),
    ...block('end of the log', view.logTail, colours),
    ...receipt(view, colours),
    ...block('stack', view.stack, colours),
    ...row('what to do', view.hint),
    ...row('see', view.docs),
  ];
}

function block(title: string, text: string | undefined, { dim }: Colours): readonly string[] {
  if (text === undefined || text === '') return [];
  return [`  ${dim(title)}`, ...text.split('\n').map((line) => `  ${dim('│')} ${line}`)];
}

function receipt({ code, lines, outcome }: ErrorView, colours: Colours): readonly string[] {
  const words = receiptWords(lines, outcome);
  if (outcome === undefined && words.length === 0) return [];
  const { bold, dim } = colours;
  const open = words.filter(({ sort }) => sort === 'differs' || sort === 'unknown');
  const settled = words.filter(({ sort }) => sort === 'good' || sort === 'taken');
  return [
    ...(outcome === undefined ? [] : [`  ${dim('outcome'.padEnd(LABEL_WIDTH))} ${bold(outcomeText(outcome, code))}`]),
    ...open.flatMap((line) => openLine(line, colours)),
    ...counted(settled).map((text) => `  ${colours.green('✓')} ${text}`),
  ];
}

const OUTCOMES: Readonly<Record<string, string>> = {
  'rolled-back': 'rolled back: everything is as it was before',
  refused: 'refused: nothing was touched',
  failed: 'failed: neither the release nor the way back could be finished',
  suspended: 'suspended: nobody drives the rollout now; resume it',
  succeeded: 'succeeded',
};

function outcomeText(outcome: string, code: string | undefined): string {
  if (outcome === 'suspended' && isDrivenElsewhere(code)) return 'suspended here: another process drives it; watch it';
  return OUTCOMES[outcome] ?? outcome;
}

function openLine(line: ReceiptWords, { red, yellow, bold, dim }: Colours): readonly string[] {
  const mark = line.sort === 'differs' ? red('✗') : yellow('?');
  const told =
    line.sort === 'differs'
      ? `expected ${line.expected}, found ${line.found}`
      : `${line.verdict}: ${line.because ?? ''}`;
  const fix = line.fix === undefined ? [] : [`      ${dim('fix')} ${hanging(line.fix, 10)}`];
  return [`  ${mark} ${bold(line.what)} of ${line.subject}: ${hanging(told, 4)}`, ...fix];
}

/** Twenty blue instances that stand as before are one line. */
function counted(lines: readonly ReceiptWords[]): readonly string[] {
  const groups = groupBy(lines);
  return [...groups].map(([title, { length, 0: first }]) => `${title} ${length === 1 ? first?.subject : `×${length}`}`);
}

function groupBy(lines: readonly ReceiptWords[]): Map<string, ReceiptWords[]> {
  const groups = new Map<string, ReceiptWords[]>();
  for (const line of lines) {
    const title = `${line.verdict}: ${line.what}`;
    groups.set(title, [...(groups.get(title) ?? []), line]);
  }
  return groups;
}

function hanging(text: string, columns: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(columns)}`);
}
