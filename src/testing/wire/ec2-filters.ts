import { Refusal } from '../model/parts.js';
import type { Form } from './form.js';

export interface Ec2Filter {
  readonly name: string;
  readonly values: readonly RegExp[];
}

/** The filters of a request; one that the operation does not know is refused, as EC2 does. */
export function readFilters(form: Form, known: readonly string[]): readonly Ec2Filter[] {
  return form.entries('Filter').map((entry) => {
    const name = form.text(`${entry}.Name`) ?? '';
    if (!known.includes(name) && !(name.startsWith('tag:') && known.includes('tag-key')))
      throw new Refusal('InvalidParameterValue', `The filter '${name}' is invalid`);
    return { name, values: form.list(`${entry}.Value`).map(asPattern) };
  });
}

/** All filters must match; of one filter's values any. */
export function matchesFilters(
  filters: readonly Ec2Filter[],
  valuesOf: (filter: string) => readonly string[],
): boolean {
  return filters.every(({ name, values }) => {
    const found = valuesOf(name);
    return values.some((pattern) => found.some((value) => pattern.test(value)));
  });
}

// EC2 reads `*` and `?` in a filter as wildcards, and a backslash before one as the sign itself.
function asPattern(value: string): RegExp {
  const pattern = value.replace(/\\([*?\\])|[*?]|[.+^${}()|[\]\\]/g, (sign, taken: string | undefined) => {
    if (taken !== undefined) return `\\${taken}`;
    if (sign === '*') return '.*';
    return sign === '?' ? '.' : `\\${sign}`;
  });
  return new RegExp(`^${pattern}$`, 's');
}
