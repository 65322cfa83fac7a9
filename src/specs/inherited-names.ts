/** Deeper than any spec; what lies below is refused by its shape anyway. */
const DEEPEST = 12;

/** The path of the first own property whose name every object inherits, such as `__proto__` or `constructor`. */
export function inheritedNameIn(value: unknown, path: readonly (string | number)[] = []): string[] | undefined {
  if (typeof value !== 'object' || value === null || path.length > DEEPEST) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const here = [...path, name];
    if (name in Object.prototype || name === 'prototype') return here.map(String);
    const deeper = inheritedNameIn(member, here);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}
