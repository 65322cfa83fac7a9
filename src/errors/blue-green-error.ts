import type { Json } from '../internal/json.js';
import { ERROR_CODES, type Blame, type ErrorCode } from './error-codes.js';

const BRAND = Symbol.for('elastigroup-bluegreen/error');

/** An error as it stands in a journal, a result or a log: plain JSON. */
export interface BlueGreenErrorJson {
  readonly code: ErrorCode;
  readonly message: string;
  readonly blame: Blame;
  readonly hint: string;
  readonly stepId?: string;
  /** Facts for machines: instance, event, script, log tail, request id … whatever the code has. */
  readonly details?: Json;
}

export interface BlueGreenErrorFacts {
  readonly blame?: Blame | undefined;
  readonly hint?: string | undefined;
  readonly stepId?: string | undefined;
  readonly details?: Json | undefined;
  readonly cause?: unknown;
}

/**
 * Every error that this library throws on purpose.
 *
 * Recognise it with `BlueGreenError.is(error)`, which also works when two copies of the package are loaded, and decide by
 * `code`. `R` is what `result` holds when `deploy()` rejects.
 *
 * @example
 * ```ts
 * import { BlueGreenError } from 'elastigroup-bluegreen';
 * try { throw new BlueGreenError('ABORTED', 'Ada said stop'); }
 * catch (error) { if (BlueGreenError.is(error)) console.error(error.code, error.hint); }
 * ```
 */
export class BlueGreenError<R = unknown> extends Error {
  readonly [BRAND] = true;
  override readonly name: string = 'BlueGreenError';
  readonly code: ErrorCode;
  readonly blame: Blame;
  /** What to do about it. */
  readonly hint: string;
  readonly stepId?: string;
  readonly details?: Json;
  /** How the rollout ended; set on what `deploy()` rejects with. */
  readonly result?: R;

  constructor(code: ErrorCode, message: string, facts: BlueGreenErrorFacts & { readonly result?: R | undefined } = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.blame = facts.blame ?? ERROR_CODES[code].blame;
    this.hint = facts.hint ?? ERROR_CODES[code].hint;
    if (facts.stepId !== undefined) this.stepId = facts.stepId;
    if (facts.details !== undefined) this.details = facts.details;
    if (facts.result !== undefined) this.result = facts.result;
  }

  /** True for an error of this library, whichever copy of the package made it. */
  static is(x: unknown): x is BlueGreenError {
    return typeof x === 'object' && x !== null && BRAND in x;
  }

  toJSON(): BlueGreenErrorJson {
    return {
      code: this.code,
      message: this.message,
      blame: this.blame,
      hint: this.hint,
      ...(this.stepId === undefined ? {} : { stepId: this.stepId }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}
