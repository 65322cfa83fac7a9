import type { LambdaAnswer } from '../aws/lambda-functions.js';
import type { HookResult } from '../engine/hooks.js';
import type { Json } from '../internal/json.js';
import type { Logger } from '../ports/logger.js';

const LONGEST_REASON = 300;
const DEFAULT_DELAY_S = 30;
/** ECS gives a hook a day in all. */
const LONGEST_DELAY_S = 86_400;
const SECRETS = [
  [
    /\b(x-amz-security-token|authorization|passw(?:or)?d|secret|token|api[-_]?key)(["']?\s*[:=]\s*)\S+/gi,
    '$1$2[redacted]',
  ],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '[redacted]'],
  [/:\/\/[^\s/@]+@/g, '://[redacted]@'],
] as const;

/** What a function answered, as a hook says it. `before` is the `hookDetails` that it was sent. */
export function understandAnswer(
  { functionError, payload }: LambdaAnswer,
  before: Json | undefined,
  logger: Logger | undefined,
): HookResult {
  const answer = parse(payload);
  if (functionError !== undefined) return failed(`it failed (${functionError})${told(answer)}`);
  if (!isObject(answer)) return failed('it did not answer a JSON object with a hookStatus');
  const { hookStatus, callBackDelay, hookDetails, reason } = answer;
  switch (hookStatus) {
    case 'SUCCEEDED':
      return { status: 'SUCCEEDED' };
    case 'FAILED':
      return failed(`it answered FAILED${typeof reason === 'string' && reason !== '' ? `: ${reason}` : ''}`);
    case 'IN_PROGRESS': {
      const details = mergeDetails(before, hookDetails);
      return {
        status: 'IN_PROGRESS',
        callBackDelay: delaySeconds(callBackDelay, logger) * 1000,
        ...(details === undefined ? {} : { details }),
      };
    }
    default:
      return failed(
        hookStatus === undefined
          ? 'its answer has no hookStatus'
          : `its hookStatus is ${JSON.stringify(hookStatus)}, not SUCCEEDED, FAILED or IN_PROGRESS`,
      );
  }
}

/** Of two objects the later one's members win, the others stay, as with ECS. */
export function mergeDetails(before: Json | undefined, later: Json | undefined): Json | undefined {
  if (later === undefined || later === null) return before;
  return isObject(before) && isObject(later) ? { ...before, ...later } : later;
}

/** One line, shortened, without what looks like a secret. */
export function failed(reason: string): HookResult {
  let line = reason.replace(/\s+/g, ' ').trim();
  for (const [pattern, instead] of SECRETS) line = line.replace(pattern, instead);
  return {
    status: 'FAILED',
    reason: line.length > LONGEST_REASON ? `${line.slice(0, LONGEST_REASON - 1)}…` : line,
  };
}

function delaySeconds(asked: Json | undefined, logger: Logger | undefined): number {
  if (asked === undefined || asked === null) return DEFAULT_DELAY_S;
  if (typeof asked === 'number' && asked >= 0 && asked <= LONGEST_DELAY_S) return Math.max(1, asked);
  logger?.warn(`lambdaHook: callBackDelay is no number of seconds up to ${LONGEST_DELAY_S}; ${DEFAULT_DELAY_S} taken`);
  return DEFAULT_DELAY_S;
}

/** Lambda's error object; its stack trace stays behind. */
function told(answer: Json | undefined): string {
  if (!isObject(answer)) return '';
  const words = [answer['errorType'], answer['errorMessage']].flatMap((word) =>
    typeof word === 'string' && word !== '' ? [word] : [],
  );
  return words.length === 0 ? '' : `: ${words.join(': ')}`;
}

function parse(payload: string): Json | undefined {
  try {
    return JSON.parse(payload) as Json;
  } catch {
    return undefined;
  }
}

function isObject(value: Json | undefined): value is Readonly<Record<string, Json | undefined>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
