/** What an XML element holds: text, elements by name, or nothing. A list becomes one `element` per entry. */
export type XmlValue = string | number | boolean | undefined | readonly XmlChild[];
export type XmlChild = readonly [name: string, value: XmlValue];

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/\r/g, '&#13;');

/** One element; an undefined value leaves it out. */
export function xmlElement(name: string, value: XmlValue, attributes = ''): string {
  if (value === undefined) return '';
  const content =
    typeof value === 'object' ? value.map(([child, held]) => xmlElement(child, held)).join('') : escaped(String(value));
  return `<${name}${attributes}>${content}</${name}>`;
}

/** A list as EC2 and the query protocol write it: the same element again and again. */
export function xmlList<T>(
  element: 'item' | 'member',
  entries: readonly T[],
  write: (entry: T) => XmlValue,
): XmlChild[] {
  return entries.map((entry) => [element, write(entry)] as const);
}

export function xmlDocument(name: string, value: XmlValue, namespace?: string): string {
  const attributes = namespace === undefined ? '' : ` xmlns="${namespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement(name, value, attributes)}`;
}
