/** A property of something unknown; undefined where there is none, or reading it throws. */
export function propertyOf(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  try {
    return (value as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

/** A property that is text, or a number, which is shown as one. */
export function textOf(value: unknown, name: string): string | undefined {
  const found = propertyOf(value, name);
  if (typeof found === 'number') return String(found);
  return typeof found === 'string' ? found : undefined;
}

/** Its own properties, by name; nothing of what cannot be listed. */
export function entriesOf(value: unknown): ReadonlyArray<readonly [string, unknown]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  try {
    return Object.keys(value).map((name) => [name, propertyOf(value, name)] as const);
  } catch {
    return [];
  }
}

/** As JSON, shortened; undefined where JSON cannot hold it. */
export function jsonText(value: unknown, most = 300): string {
  if (typeof value === 'string') return value;
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    return 'something that cannot be shown';
  }
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
