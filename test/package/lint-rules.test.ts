import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, it } from 'vitest';

// Without types, so that it takes no time; the rules at stake need none.
const eslint = new ESLint({
  overrideConfig: [tseslint.configs.disableTypeChecked as ESLint.Options['overrideConfig']].flat() as never,
});

async function messages(code: string, filePath: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath });
  return (result?.messages ?? []).filter(({ severity }) => severity === 2).map(({ message }) => message);
}

const TIME_AND_CHANCE = /Time, chance and ids are arguments/;

const FORBIDDEN = [
  'export const at = Date.now();',
  'export const at = new Date();',
  'export const at = Date();',
  'export const { now } = Date;',
  'export const at = new globalThis.Date();',
  'export const at = performance.now();',
  'export const at = process.hrtime();',
  'export const at = process.uptime();',
  'setTimeout(() => undefined, 1);',
  'globalThis.setTimeout(() => undefined, 1);',
  'setInterval(() => undefined, 1);',
  'setImmediate(() => undefined);',
  'export const signal = AbortSignal.timeout(1);',
  "export { setTimeout } from 'node:timers/promises';",
  "import { setTimeout as sleep } from 'timers/promises';\nawait sleep(1);",
  'export const chance = Math.random();',
  'export const { random } = Math;',
  'export const id = crypto.randomUUID();',
  "import { randomUUID } from 'node:crypto';\nexport const id = randomUUID();",
  "import { randomBytes } from 'node:crypto';\nexport const id = randomBytes(8);",
];

it.each(FORBIDDEN)('src may not say %j', async (code) => {
  const found = await messages(code, 'src/engine/anything.ts');
  expect(found.filter((message) => TIME_AND_CHANCE.test(message))).not.toEqual([]);
});

it.each(FORBIDDEN)('the system clock may say %j', async (code) => {
  const found = await messages(code, 'src/internal/system-anything.ts');
  expect(found.filter((message) => TIME_AND_CHANCE.test(message))).toEqual([]);
});

it('a date that is given is not asked of the clock', async () => {
  expect(
    await messages('export const text = (at: number) => new Date(at).toISOString();', 'src/engine/anything.ts'),
  ).toEqual([]);
});

it('what the API is stands in names, and files stay readable', async () => {
  expect(await messages("export * from './step.js';", 'src/engine/anything.ts')).toHaveLength(1);
  expect(await messages('export enum Colour { Blue }', 'src/engine/anything.ts')).toHaveLength(1);
  expect(await messages('export {};\n'.repeat(301), 'src/engine/anything.ts')).toContainEqual(
    expect.stringMatching(/too many lines/),
  );
});
