import { BlueGreenError, formatError, type BlueGreenErrorJson, type Receipt, type ReceiptLine } from '../index.js';
import { isDrivenElsewhere } from '../report/driven-elsewhere.js';
import { receiptWords } from '../report/receipt-words.js';
import { commandLine, type SamePlace } from './command-line.js';

/** How a rollout ended, as its result and its status both have it. */
export interface Ended {
  readonly id: string;
  readonly outcome: string;
  readonly receipt?: Receipt;
  readonly error?: BlueGreenErrorJson;
}

const needsSomebody = ({ verdict }: ReceiptLine): boolean => verdict === 'differs' || verdict === 'not-checked';

/** How much was compared; undefined where nothing was. */
export function receiptCount({ receipt }: Ended): string | undefined {
  const lines = receipt?.lines ?? [];
  if (lines.length === 0) return undefined;
  const open = lines.filter(needsSomebody).length;
  const compared = `${lines.length} things compared with what was there before`;
  return open === 0 ? `${compared}, none needs anybody` : `${compared}; somebody should look at ${open}`;
}

/** What differs or was not checked, each with what mends it. */
export function uncleanLines({ receipt, outcome }: Ended): readonly string[] {
  return receiptWords((receipt?.lines ?? []).filter(needsSomebody), outcome).flatMap(
    ({ verdict, what, subject, expected, found, fix, because }) => [
      `  ${verdict}: ${what} (${subject})`,
      ...(expected === undefined ? [] : [`    expected ${expected}, found ${found}`]),
      ...[fix, because].filter((text) => text !== undefined).map((text) => `    ${text.replaceAll('\n', '\n    ')}`),
    ],
  );
}

/** Why it ended so, with the lines of the receipt that need somebody. */
export function endError({ code, message, ...facts }: BlueGreenErrorJson, ended: Ended, colour: boolean): string {
  const result = ended.receipt === undefined ? undefined : ended;
  return formatError(new BlueGreenError(code, message, { ...facts, result }), { colour });
}

/** What goes on from a failure; nothing after another end, or while another process tries it. */
export function triedAgain({ id, outcome, error }: Ended, place: SamePlace): readonly string[] {
  if (outcome !== 'failed' || isDrivenElsewhere(error?.code)) return [];
  return [`once that is mended, this tries it again: ${commandLine(['resume', id], place)}`];
}
