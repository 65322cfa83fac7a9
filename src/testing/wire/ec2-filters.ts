import { Refusal } from '../model/parts.js';
import type { Form } from './form.js';

export interface Ec2Filter {
  readonly name: string;
  /** Values without a wildcard. */
  readonly exact: ReadonlySet<string>;
  readonly patterns: readonly RegExp[];
}

/** The filters of a request; one that the operation does not know is refused, as EC2 does. */
export function readFilters(form: Form, known: readonly string[]): readonly Ec2Filter[] {
  return form.entries('Filter').map((entry) => {
    const name = form.text(`${entry}.Name`) ?? '';
    if (!known.includes(name) && !(name.startsWith('tag:') && known.includes('tag-key')))
      throw new Refusal('InvalidParameterValue', `The filter '${name}' is invalid`);
    const values = form.list(`${entry}.Value`);
    return {
      name,
      exact: new Set(values.filter((value) => !SPECIAL.test(value))),
      patterns: values.filter((value) => SPECIAL.test(value)).map(asPattern),
    };
  });
}

/** All filters must match; of one filter's values any. */
export function matchesFilters(
  filters: readonly Ec2Filter[],
  valuesOf: (filter: string) => readonly string[],
): boolean {
  return filters.every(({ name, exact, patterns }) =>
    valuesOf(name).some((value) => exact.has(value) || patterns.some((pattern) => pattern.test(value))),
  );
}

const SPECIAL = /[\\*?]/;

// EC2 reads `*` and `?` in a filter as wildcards, and a backslash before one as the sign itself.
function asPattern(value: string): RegExp {
  const pattern = value.replace(/\\([*?\\])|[*?]|[.+^${}()|[\]\\]/g, (sign, taken: string | undefined) => {
    if (taken !== undefined) return `\\${taken}`;
    if (sign === '*') return '.*';
    return sign === '?' ? '.' : `\\${sign}`;
  });
  return new RegExp(`^${pattern}$`, 's');
}
