/** A value that survives `JSON.parse(JSON.stringify(value))` unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** JSON with the keys of every object in order: equal values give equal text. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(',')}]`;
  const object = value as { readonly [key: string]: Json | undefined };
  let members = '';
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** The value as it comes back from a journal: without what is undefined, and without anything that JSON cannot hold. */
export function toJson(value: unknown): Json {
  return copied(value, 0) ?? null;
}

/** Deeper than anything that is kept: what is a member of itself is told by JSON in its own words. */
const DEEPEST = 100;

/** Member by member, which for ids by the thousand takes a fraction of the way through text and back. */
function copied(value: unknown, depth: number): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (depth > DEEPEST) return throughText(value);
  if (Array.isArray(value)) return Array.from(value, (item) => copied(item, depth + 1) ?? null);
  if (!isPlain(value)) return throughText(value);
  const copy: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const member = copied(value[key], depth + 1);
    if (member !== undefined) copy[key] = member;
  }
  return copy;
}

/** Not what says itself how it is written, and not what has a member that would become a prototype. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return !Object.hasOwn(value, 'toJSON') && !Object.hasOwn(value, '__proto__');
}

function throughText(value: unknown): Json | undefined {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : (JSON.parse(text) as Json);
}
