import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/errors/error-codes.js';
import { EVENTS } from '../../src/events/events.js';

const WHO = {
  release: 'whoever wrote the new version',
  config: 'whoever set up the release or the account',
  cloud: 'nobody at first: a service did this; run or resume the release later',
  operator: 'the person who gave the order',
  us: 'the authors of this library',
} as const;

const cell = (text: string): string => text.replaceAll('|', '\\|');

function errorsPage(): string {
  const codes = Object.entries(ERROR_CODES);
  return [
    '# Errors',
    '',
    'Every error that the library throws on purpose is a `BlueGreenError`: recognise it with `BlueGreenError.is(error)`, decide by',
    '`error.code`. `blame` says who has to act, `hint` what to do, `stepId` where it happened, `details` holds the facts. When',
    '`deploy()` rejects, `error.result` is how the rollout ended, with the receipt. A code keeps its meaning for ever; messages may',
    'change.',
    '',
    '| code | blame | meaning |',
    '|---|---|---|',
    ...codes.map(([code, { blame, meaning }]) => `| [${code}](#${code.toLowerCase()}) | ${blame} | ${cell(meaning)} |`),
    ...codes.flatMap(([code, { blame, meaning, hint }]) => [
      '',
      `## ${code}`,
      '',
      meaning,
      '',
      `- Who must act: ${WHO[blame]} (\`blame: '${blame}'\`).`,
      `- What to do: ${hint}`,
    ]),
    '',
  ].join('\n');
}

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

it('docs/events.md has a line for every event, with its payload', async () => {
  expect([...payloads().keys()]).toEqual(Object.keys(EVENTS));
  expect([...payloads().values()]).not.toContain('');
  await expect(eventsPage()).toMatchFileSnapshot('../../docs/events.md');
});
