import { BlueGreenError } from '../errors/blue-green-error.js';
import type { CloudService } from '../errors/cloud-error.js';

export interface RetryBudgetOptions {
  /**
   * How many retries each service is given to begin with, and at the most; 1 or more.
   * @defaultValue 100
   */
  readonly retries?: number | undefined;
  /**
   * What part of a retry every answer of the service gives back; more than 0, up to 1.
   * @defaultValue 0.2
   */
  readonly perAnswer?: number | undefined;
}

const DEFAULTS = Object.freeze({ retries: 100, perAnswer: 0.2 });

/**
 * Keeps a bad hour of a service from becoming a storm of requests: every retry takes one from the service's budget, every
 * answer gives a part back. Without budget a call is made once: waits look again at their own pace, and steps after a pause.
 */
export class RetryBudget {
  readonly #retries: number;
  readonly #perAnswer: number;
  readonly #left = new Map<CloudService, number>();

  /** @throws OPTIONS_INVALID */
  constructor({ retries = DEFAULTS.retries, perAnswer = DEFAULTS.perAnswer }: RetryBudgetOptions = {}) {
    if (!Number.isFinite(retries) || retries < 1) throw invalid('retries', retries, 'a number from 1 up');
    if (!Number.isFinite(perAnswer) || perAnswer <= 0 || perAnswer > 1)
      throw invalid('perAnswer', perAnswer, 'a number above 0, up to 1');
    this.#retries = retries;
    this.#perAnswer = perAnswer;
  }

  /** Takes one retry; false where none is left. */
  take(service: CloudService): boolean {
    const left = this.#leftOf(service);
    if (left < 1) return false;
    this.#left.set(service, left - 1);
    return true;
  }

  /** The service has answered. */
  giveBack(service: CloudService): void {
    this.#left.set(service, Math.min(this.#retries, this.#leftOf(service) + this.#perAnswer));
  }

  #leftOf(service: CloudService): number {
    return this.#left.get(service) ?? this.#retries;
  }
}

/** @throws OPTIONS_INVALID */
export function retryBudget(given: RetryBudgetOptions | false | undefined): RetryBudget | undefined {
  if (given === false) return undefined;
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given)))
    throw new BlueGreenError('OPTIONS_INVALID', `retryBudget: found ${typeof given}; allowed is an object, or false`);
  const unknown = Object.keys(given ?? {}).filter((name) => !(name in DEFAULTS));
  if (unknown.length > 0) throw invalid(unknown.join(', '), 'there', 'retries and perAnswer');
  return new RetryBudget(given);
}

function invalid(option: string, found: unknown, allowed: string): BlueGreenError {
  const field = `retryBudget.${option}`;
  return new BlueGreenError('OPTIONS_INVALID', `${field} is ${String(found)}; allowed is ${allowed}`, {
    details: { field },
  });
}
