import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';

/** One reason why a release cannot start. */
export type Finding = {
  /** What was looked at, such as `deployment group` or `colours`. */
  readonly check: string;
  readonly found: string;
  /** What to do about it. */
  readonly fix: string;
  /** The same for machines, where there is more to say. */
  readonly facts?: Json;
};

export function refuse(findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const message = findings.map(({ check, found, fix }) => `${check}: ${found}. ${fix}`).join('\n');
  throw new BlueGreenError('PREFLIGHT_REFUSED', message, { details: { findings } });
}
