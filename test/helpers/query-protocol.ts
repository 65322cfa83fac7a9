/** What an XML element holds: text, elements by name, or a list of `item` or `member` elements. */
export type Tree = string | readonly Tree[] | { readonly [name: string]: Tree };

/** A form as the AWS SDK writes it for the query protocols; EC2's lists are flat, and their names in the singular. */
export function toForm(input: Readonly<Record<string, unknown>>, lists: 'member' | 'flat'): string {
  const form = new URLSearchParams();
  const write = (name: string, value: unknown): void => {
    if (value === undefined) return;
    if (Array.isArray(value)) {
      const entry = lists === 'member' ? `${name}.member` : singular(name);
      value.forEach((each, index) => write(`${entry}.${index + 1}`, each));
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, held] of Object.entries(value)) write(`${name}.${key}`, held);
    } else form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  };
  for (const [name, value] of Object.entries(input)) write(name, value);
  return form.toString();
}

function singular(name: string): string {
  const [, before = '', last = name] = /^(.*\.)?([^.]+)$/.exec(name) ?? [];
  return `${before}${last === 'Resources' ? 'ResourceId' : last.replace(/s$/, '')}`;
}

const TOKEN = /<(\/?)([A-Za-z][\w.]*)(?: [^>]*)?>([^<]*)/g;

/** The content of a document's one element, of the kind that a simulated service writes: no attributes that matter, no comments. */
export function readDocument(xml: string): Tree {
  const open: Array<{ readonly name: string; text: string; children: Array<readonly [string, Tree]> }> = [];
  for (const [, closing, name = '', text = ''] of xml.matchAll(TOKEN)) {
    if (closing === '') {
      open.push({ name, text, children: [] });
      continue;
    }
    const ended = open.pop();
    if (ended?.name !== name) throw new SyntaxError(`</${name}> closes nothing`);
    const content = ended.children.length > 0 ? gathered(ended.children) : unescaped(ended.text);
    const around = open.at(-1);
    if (around === undefined) return content;
    around.children.push([name, content]);
  }
  throw new SyntaxError('the document does not end');
}

function gathered(children: ReadonlyArray<readonly [string, Tree]>): Tree {
  const [first] = children;
  if (first?.[0] === 'item' || first?.[0] === 'member') return children.map(([, held]) => held);
  return Object.fromEntries(children);
}

function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_sign, code: string) => String.fromCharCode(Number(code)));
}
