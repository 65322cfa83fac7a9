import * as v from 'valibot';
import { BlueGreenError } from '../errors/blue-green-error.js';
import { describeSchema, fieldsAt, schemaAt } from './describe-schema.js';
import { elastigroupSpecSchema, type ElastigroupSpec } from './elastigroup-spec.js';
import { inheritedNameIn } from './inherited-names.js';

/** Every spec that this version can run. */
export type RolloutSpec = ElastigroupSpec;

export type Kind = RolloutSpec['kind'];

export const rolloutSpecSchema = v.variant('kind', [elastigroupSpecSchema]);

type Problem = { readonly field: string; readonly found: string; readonly allowed: string };

/** More would bury the first ones. */
const MOST_PROBLEMS = 20;

/**
 * Checks that a value is a spec, and answers it as one.
 *
 * @throws SPEC_INVALID naming every field that is wrong, what was found there, and what is allowed; `details.problems`
 * has the same for machines
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseSpec } from 'elastigroup-bluegreen';
 * const spec = parseSpec(JSON.parse(readFileSync('release.json', 'utf8')));
 * console.log(spec.kind);
 * ```
 */
export function parseSpec(value: unknown): RolloutSpec {
  const { spec, problems } = check(value);
  if (spec !== undefined) return spec;
  const lines = problems.map(({ field, found, allowed }) => `${field}: found ${found}; allowed is ${allowed}`);
  const more = lines.length > MOST_PROBLEMS ? [`and ${lines.length - MOST_PROBLEMS} more`] : [];
  throw new BlueGreenError('SPEC_INVALID', [...lines.slice(0, MOST_PROBLEMS), ...more].join('\n'), {
    details: { problems: problems.slice(0, MOST_PROBLEMS) },
  });
}

function check(value: unknown): { readonly spec?: RolloutSpec; readonly problems: readonly Problem[] } {
  try {
    const inherited = inheritedNameIn(value);
    // valibot takes such a name for one that it knows, and drops it without a word.
    if (inherited !== undefined)
      return problem({ field: fieldName(inherited), found: 'a field of this name', allowed: 'any other name' });
    if (Array.isArray(value))
      return problem({ field: 'the spec', found: 'a list', allowed: describeSchema(rolloutSpecSchema) });
    const parsed = v.safeParse(rolloutSpecSchema, value);
    if (parsed.success) return { spec: parsed.output as RolloutSpec, problems: [] };
    return { problems: parsed.issues.map((issue) => problemOf(issue, value)) };
  } catch {
    // A getter that throws, a proxy: nothing that JSON could have held.
    return problem({ field: 'the spec', found: 'something that cannot be read', allowed: 'plain JSON' });
  }
}

const problem = (only: Problem): { readonly problems: readonly Problem[] } => ({ problems: [only] });

function problemOf(issue: v.BaseIssue<unknown>, spec: unknown): Problem {
  const path = (issue.path ?? []).map(({ key }) => key);
  const field = path.length === 0 ? 'the spec' : fieldName(path);
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const fields = fieldsAt(rolloutSpecSchema, path.slice(0, -1), spec);
    const found = foundText(issue.path?.at(-1)?.value);
    return { field, found, allowed: `no field of this name; there are ${fields.join(', ')}` };
  }
  const missing = issue.input === undefined && path.length > 0;
  return { field, found: missing ? 'nothing: it is missing' : foundText(issue.input), allowed: allowedAt(issue, spec) };
}

function allowedAt(issue: v.BaseIssue<unknown>, spec: unknown): string {
  // The messages of valibot start with "Invalid"; ours say what is allowed.
  if (!issue.message.startsWith('Invalid')) return issue.message;
  return describeSchema(
    schemaAt(
      rolloutSpecSchema,
      (issue.path ?? []).map(({ key }) => key),
      spec,
    ),
  );
}

/** `gates[0].name`; a name that could be mistaken for something else stands in quotes. */
function fieldName(path: readonly unknown[]): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      const name = String(key);
      if (!/^[\w$-]{1,64}$/.test(name)) return `[${quoted(name)}]`;
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

function foundText(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (typeof input === 'number' || typeof input === 'bigint') return String(input);
  if (typeof input === 'function' || typeof input === 'symbol') return `a ${typeof input}`;
  return quoted(input);
}

const LONGEST_TEXT = 120;

/** JSON on one line, shortened, in which nothing can move the cursor or turn the direction of the writing. */
function quoted(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    return Array.isArray(value) ? 'a list that JSON cannot hold' : 'an object that JSON cannot hold';
  }
  const short =
    text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 3).replace(/[\ud800-\udbff]$/, '')}...` : text;
  return short.replaceAll(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
