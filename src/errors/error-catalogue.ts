import { ERROR_CODES, type Blame, type ErrorCode } from './error-codes.js';
import type { ErrorGuide } from './error-guide.js';
import { CALLS_GUIDE } from './guide/calls.js';
import { ENDS_GUIDE } from './guide/ends.js';
import { FLEETS_GUIDE } from './guide/fleets.js';
import { GIVEN_GUIDE } from './guide/given.js';
import { RIVALS_GUIDE } from './guide/rivals.js';
import { STORE_GUIDE } from './guide/store.js';
import { TIMES_GUIDE } from './guide/times.js';
import { VETOES_GUIDE } from './guide/vetoes.js';

/** A code without an entry does not compile. */
const GUIDES: Readonly<Record<ErrorCode, ErrorGuide>> = {
  ...GIVEN_GUIDE,
  ...STORE_GUIDE,
  ...RIVALS_GUIDE,
  ...CALLS_GUIDE,
  ...TIMES_GUIDE,
  ...VETOES_GUIDE,
  ...FLEETS_GUIDE,
  ...ENDS_GUIDE,
};

const WHO: Readonly<Record<Blame, string>> = {
  release: 'whoever wrote the new version',
  config: 'whoever set up the release or the account',
  cloud: 'nobody at first: a service did this; run or resume the release later',
  operator: 'the person who gave the order, or has to give one',
  us: 'the authors of this library',
};

/** Everything that `docs/errors.md` has about one code. Plain JSON. */
export interface ErrorEntry extends Required<ErrorGuide> {
  readonly code: ErrorCode;
  readonly blame: Blame;
  /** What it means, in one sentence. */
  readonly meaning: string;
  /** What to do about it: the hint of an error, unless that one knows better. */
  readonly hint: string;
  /** Where it is explained, from the root of this project. */
  readonly url: string;
}

/** In the order of the page. */
export const ERROR_CATALOGUE: Readonly<Record<ErrorCode, ErrorEntry>> = Object.freeze(
  Object.fromEntries(
    (Object.keys(ERROR_CODES) as ErrorCode[]).map((code): [ErrorCode, ErrorEntry] => [code, entryOf(code)]),
  ) as Record<ErrorCode, ErrorEntry>,
);

function entryOf(code: ErrorCode): ErrorEntry {
  const { blame, meaning, hint } = ERROR_CODES[code];
  const { provokedBy, check, facts, endings, who = WHO[blame], told = 'result' } = GUIDES[code];
  const url = `docs/errors.md#${code.toLowerCase()}`;
  return { code, blame, who, meaning, hint, provokedBy, check, facts, endings, told, url };
}
