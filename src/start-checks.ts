import { BlueGreenError } from './errors/blue-green-error.js';
import type { CallOptions, PlanOptions } from './options.js';
import { invalid, refuseUnknown } from './option-checks.js';
import type { SweepOptions } from './sweep-report.js';

const ROLLOUT_ID = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** An id stands in tag values, in descriptions and in file names. */
export function checkRolloutId(id: string): string {
  if (typeof id === 'string' && ROLLOUT_ID.test(id)) return id;
  const found = JSON.stringify(id) ?? typeof id;
  throw new BlueGreenError(
    'OPTIONS_INVALID',
    `id: found ${found.slice(0, 100)}; allowed are up to 64 letters, digits, dots, dashes and underscores`,
  );
}

export function startRefusal(id: string): BlueGreenError {
  return new BlueGreenError('ROLLOUT_ID_TAKEN', `rollout ${id} exists, and was started with another spec`);
}

const KNOWN = ['id', 'signal', 'onSignal', 'onEvent', 'allowMissing'] as const satisfies readonly (keyof CallOptions)[];

/** @throws OPTIONS_INVALID */
export function checkPlanOptions(call: PlanOptions): void {
  refuseUnknown('plan options', call, ['id'] satisfies readonly (keyof PlanOptions)[]);
}

/** @throws OPTIONS_INVALID */
export function checkSweepOptions(options: SweepOptions): void {
  refuseUnknown('sweep options', options, ['dryRun'] satisfies readonly (keyof SweepOptions)[]);
  const { dryRun } = options;
  if (dryRun !== undefined && typeof dryRun !== 'boolean')
    throw invalid('dryRun', JSON.stringify(dryRun), 'true and false');
}

/** @throws OPTIONS_INVALID */
export function checkCallOptions(call: CallOptions): void {
  refuseUnknown('call options', call, KNOWN);
  const { signal, onSignal, onEvent, allowMissing } = call;
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw invalid('signal', typeof signal, 'an AbortSignal');
  if (onSignal !== undefined && onSignal !== 'suspend' && onSignal !== 'abort')
    throw invalid('onSignal', JSON.stringify(onSignal), "'suspend' and 'abort'");
  if (allowMissing !== undefined && !Array.isArray(allowMissing))
    throw invalid('allowMissing', typeof allowMissing, 'a list of names of hooks');
  if (onEvent !== undefined && typeof onEvent !== 'function') throw invalid('onEvent', typeof onEvent, 'a function');
}
