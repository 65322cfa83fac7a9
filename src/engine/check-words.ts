import { BlueGreenError } from '../errors/blue-green-error.js';

const LONGEST = { by: 1_000, reason: 10_000, evidence: 1_000 } as const;

/**
 * What a person says of an order or an answer stands in the journal for ever: text, and of a length that somebody may read.
 *
 * @throws OPTIONS_INVALID
 */
export function checkWords(words: {
  readonly by: string;
  readonly reason?: unknown;
  readonly evidence?: unknown;
}): void {
  for (const [name, longest] of Object.entries(LONGEST)) {
    const found: unknown = words[name as keyof typeof LONGEST];
    if (found === undefined && name !== 'by') continue;
    const told = typeof found === 'string' ? `${found.length} characters` : typeof found;
    if (typeof found === 'string' && found.length <= longest) continue;
    throw new BlueGreenError(
      'OPTIONS_INVALID',
      `${name}: found ${told}; allowed is text of up to ${longest} characters`,
      {
        details: { field: name },
      },
    );
  }
}
