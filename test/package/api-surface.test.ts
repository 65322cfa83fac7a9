import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';
import * as root from '../../src/index.js';
import * as testing from '../../src/testing/index.js';

/** Every name that an entry exports, one a line: a change of the API shows in review as a change of this list. */
function surface(entry: string, values: Readonly<Record<string, unknown>>): string {
  const text = readFileSync(entry, 'utf8');
  const names = ts
    .createSourceFile(entry, text, ts.ScriptTarget.Latest)
    .statements.filter(ts.isExportDeclaration)
    .flatMap(({ isTypeOnly, exportClause }) =>
      exportClause !== undefined && ts.isNamedExports(exportClause)
        ? exportClause.elements.map(({ name, isTypeOnly: alone }) => ({ name: name.text, type: isTypeOnly || alone }))
        : [],
    );
  expect(Object.keys(values).sort()).toEqual(names.flatMap(({ name, type }) => (type ? [] : [name])).sort());
  const lines = names.map(({ name, type }) => (type ? `type ${name}` : describe(name, values[name])));
  return `${lines.sort().join('\n')}\n`;
}

function describe(name: string, value: unknown): string {
  if (typeof value !== 'function') return `const ${name}`;
  if (!/^class\b/.test(String(value))) return `function ${name}`;
  const members = [
    ...namesIn(value).map((member) => `static ${member}`),
    ...namesIn((value as { prototype: object }).prototype),
  ];
  return [`class ${name}`, ...members.sort().map((member) => `  ${member}`)].join('\n');
}

const IMPLIED = ['constructor', 'prototype', 'length', 'name'];

const namesIn = (owner: object): string[] =>
  Object.getOwnPropertyNames(owner).filter((member) => !IMPLIED.includes(member));

it.each([
  ['elastigroup-bluegreen', 'src/index.ts', root],
  ['elastigroup-bluegreen/testing', 'src/testing/index.ts', testing],
])('%s exports what it exported before', async (name, entry, values) => {
  await expect(surface(entry, values)).toMatchFileSnapshot(`./api/${name.replace('/', '-')}.txt`);
});
