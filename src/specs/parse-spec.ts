import * as v from 'valibot';
import { BlueGreenError } from '../errors/blue-green-error.js';
import { elastigroupSpecSchema, type ElastigroupSpec } from './elastigroup-spec.js';

/** Every spec that this version can run. */
export type RolloutSpec = ElastigroupSpec;

export type Kind = RolloutSpec['kind'];

export const rolloutSpecSchema = v.variant('kind', [elastigroupSpecSchema]);

/**
 * Checks that a value is a spec, and answers it as one.
 *
 * @throws SPEC_INVALID naming every field that is wrong, what was found there, and what is allowed
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseSpec } from 'elastigroup-bluegreen';
 * const load = (file: string) => parseSpec(JSON.parse(readFileSync(file, 'utf8')));
 * console.log(load.name);
 * ```
 */
export function parseSpec(value: unknown): RolloutSpec {
  const parsed = v.safeParse(rolloutSpecSchema, value);
  if (parsed.success) return parsed.output as RolloutSpec;
  const problems = parsed.issues.map(problemOf);
  const message = problems
    .map(({ field, found, allowed }) => `${field}: found ${found}; allowed is ${allowed}`)
    .join('\n');
  throw new BlueGreenError('SPEC_INVALID', message, { details: { problems } });
}

function problemOf(issue: v.BaseIssue<unknown>): { field: string; found: string; allowed: string } {
  const field = v.getDotPath(issue) ?? 'the spec';
  // The library's own messages start with "Invalid": ours say what is allowed.
  const own = issue.message.startsWith('Invalid') ? undefined : issue.message;
  const unknownField = issue.type === 'strict_object' && issue.expected === 'never';
  const allowed = unknownField
    ? 'no field of this name'
    : (own ?? issue.expected?.replaceAll('"', "'") ?? 'another value');
  return { field, found: foundAt(issue), allowed };
}

function foundAt(issue: v.BaseIssue<unknown>): string {
  const { input } = issue;
  if (input === undefined) return 'nothing';
  const text = JSON.stringify(input) ?? issue.received;
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
