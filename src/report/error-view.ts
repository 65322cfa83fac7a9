import { inspect } from 'node:util';
import { ERROR_CODES, type Blame } from '../errors/error-codes.js';
import type { ReceiptLine } from '../engine/receipt.js';
import { cleanLine, cleanText } from './clean-text.js';
import { factsOf, findingsOf, requestIdsOf, type Fact, type FindingView } from './error-details.js';
import { propertyOf, textOf } from './unknown-values.js';

/** An error as both renderers show it. Every text in it is clean. */
export interface ErrorView {
  /** Absent on what is not an error of this library. */
  readonly code?: string;
  /** What the code means, or the name of a foreign error. */
  readonly title: string;
  /** Who must act, in words. */
  readonly who?: string;
  readonly message: string;
  readonly facts: readonly Fact[];
  readonly findings: readonly FindingView[];
  readonly logTail?: string;
  readonly requestIds: readonly string[];
  readonly causes: readonly string[];
  /** Of an error that nobody expected. */
  readonly stack?: string;
  readonly hint?: string;
  readonly docs?: string;
  readonly outcome?: string;
  readonly lines: readonly ReceiptLine[];
}

const WHO: Readonly<Record<Blame, string>> = {
  release: 'whoever made this version: the release itself is at fault',
  config: 'whoever configures the release: a setting or a permission has to change',
  cloud: 'whoever runs the cloud account: a service did not do its part',
  operator: 'a person: somebody gave an order, or has to give one',
  us: 'the maintainers of this library, if anybody',
};

/** Deep enough for every chain that means something, and finite for one that bites its tail. */
const MOST_CAUSES = 8;

/** Whatever was thrown, as something that can be shown. Never throws. */
export function viewError(error: unknown): ErrorView {
  const code = textOf(error, 'code');
  const message = textOf(error, 'message');
  const blame = textOf(error, 'blame');
  const ours = code !== undefined && message !== undefined && blame !== undefined && blame in WHO;
  const causes = causesOf(error);
  const requestIds = [...new Set([error, ...causes].flatMap((each) => requestIdsOf(each)))];
  const shared = {
    requestIds,
    causes: causes.map((cause) => cleanText(sentenceOf(cause))),
    ...endOf(error),
  };
  if (!ours) return { ...shared, ...viewForeign(error, message) };
  const details = propertyOf(error, 'details');
  const logTail = textOf(details, 'logTail');
  const findings = findingsOf(details);
  const stepId = textOf(error, 'stepId');
  const known: { readonly meaning: string } | undefined = Object.hasOwn(ERROR_CODES, code)
    ? ERROR_CODES[code as keyof typeof ERROR_CODES]
    : undefined;
  const hint = textOf(error, 'hint');
  const said = messageWithout(cleanText(message), logTail);
  const stack = code === 'INTERNAL' ? textOf(error, 'stack') : undefined;
  return {
    ...shared,
    code: cleanLine(code),
    title: known?.meaning ?? '',
    who: WHO[blame as Blame],
    message: findings.length === 0 ? said : '',
    facts: [...factsOf(details, said), ...(stepId === undefined ? [] : [{ label: 'step', value: cleanLine(stepId) }])],
    findings,
    ...(logTail === undefined || logTail === '' ? {} : { logTail: cleanText(logTail).trimEnd() }),
    ...(stack === undefined ? {} : { stack: cleanText(stack) }),
    ...(hint === undefined || hint === '' ? {} : { hint: cleanText(hint) }),
    docs: `docs/errors.md#${cleanLine(code).toLowerCase()}`,
  };
}

function viewForeign(
  error: unknown,
  message: string | undefined,
): Pick<ErrorView, 'title' | 'message' | 'facts' | 'findings' | 'stack'> {
  const name = textOf(error, 'name');
  const code = textOf(error, 'code');
  const stack = textOf(error, 'stack');
  return {
    title: cleanLine(name ?? (message === undefined ? 'Not an error' : 'Error')),
    message: cleanText(message ?? shown(error)),
    facts: code === undefined ? [] : [{ label: 'code', value: cleanLine(code) }],
    findings: [],
    ...(stack === undefined ? {} : { stack: cleanText(stack) }),
  };
}

/** The log has a place of its own; a message that ends with it would say it twice. */
function messageWithout(message: string, logTail: string | undefined): string {
  const tail = cleanText(logTail ?? '').trim();
  const trimmed = message.trimEnd();
  return tail !== '' && trimmed.endsWith(tail) ? trimmed.slice(0, -tail.length).trimEnd() : trimmed;
}

function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  const next = [...innerOf(error)];
  while (next.length > 0 && causes.length < MOST_CAUSES) {
    const cause = next.shift();
    if (cause === error || causes.includes(cause)) continue;
    causes.push(cause);
    next.push(...innerOf(cause));
  }
  return causes;
}

function innerOf(error: unknown): readonly unknown[] {
  const cause = propertyOf(error, 'cause');
  const errors = propertyOf(error, 'errors');
  return [
    ...(cause === undefined || cause === null ? [] : [cause]),
    ...(Array.isArray(errors) ? (errors as readonly unknown[]) : []),
  ];
}

function sentenceOf(error: unknown): string {
  const message = textOf(error, 'message');
  if (message === undefined) return shown(error);
  return `${textOf(error, 'code') ?? textOf(error, 'name') ?? 'Error'}: ${message}`;
}

/** How the rollout ended and what its receipt says, where the error carries that. */
function endOf(error: unknown): Pick<ErrorView, 'outcome' | 'lines'> {
  const result = propertyOf(error, 'result');
  const outcome = textOf(result, 'outcome');
  const ofResult = propertyOf(propertyOf(result, 'receipt'), 'lines');
  const lines = Array.isArray(ofResult) ? ofResult : propertyOf(propertyOf(error, 'details'), 'lines');
  const isLine = (line: unknown): line is ReceiptLine =>
    textOf(line, 'verdict') !== undefined && textOf(line, 'what') !== undefined;
  return {
    ...(outcome === undefined ? {} : { outcome: cleanLine(outcome) }),
    lines: Array.isArray(lines) ? lines.filter(isLine) : [],
  };
}

/** One level only: what lies deeper in a foreign object may be secret. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return inspect(value, { depth: 0, customInspect: false, getters: false, maxStringLength: 2_000 });
  } catch {
    return 'something that cannot be shown';
  }
}
