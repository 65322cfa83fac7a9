import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { EVENTS } from '../../src/events/events.js';
import { errorsJson, errorsPage } from './errors-page.js';

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The payload of each event as it stands in the source: types are gone when the catalogue is there to be read. */
function payloads(): ReadonlyMap<string, string> {
  const file = ts.createSourceFile(
    'events.ts',
    readFileSync('src/events/events.ts', 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found = new Map<string, string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.name) && ts.isCallExpression(node.initializer)) {
      const text = node.initializer.typeArguments?.[0]?.getText(file) ?? '';
      found.set(node.name.text, text.replace(/\s+/g, ' ').replaceAll(/; }$/g, ' }').replaceAll('readonly ', ''));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function eventsPage(): string {
  const data = payloads();
  const rows = Object.entries(EVENTS).map(
    ([name, { level, meaning }]) => `| \`${name}\` | ${level} | ${cell(meaning)} | \`${cell(data.get(name) ?? '')}\` |`,
  );
  return [
    '# Events',
    '',
    'What a rollout does is told as it happens: to `onEvent`, by `rollout.events()`, and again from the journal after a resume. Each',
    'event has `name`, `level`, `at` (ISO time), `text` for people, `data` for machines, and `rolloutId` if it belongs to one. Names',
    'are `noun:verb:outcome`. A name and its payload change only by addition; text and level may change in any version.',
    '',
    '| event | level | when | data |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

it('docs/errors.md has a section for every code', async () => {
  await expect(errorsPage()).toMatchFileSnapshot('../../docs/errors.md');
});

it('docs/errors.json is the same for machines', async () => {
  await expect(errorsJson()).toMatchFileSnapshot('../../docs/errors.json');
});

it('docs/events.md has a line for every event, with its payload', async () => {
  expect([...payloads().keys()]).toEqual(Object.keys(EVENTS));
  expect([...payloads().values()]).not.toContain('');
  await expect(eventsPage()).toMatchFileSnapshot('../../docs/events.md');
});
