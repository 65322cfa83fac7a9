import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { CliContext } from '../../src/cli/cli-context.js';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { makeProgram } from '../../src/cli/program.js';

const page = readFileSync('docs/cli.md', 'utf8');
const program = makeProgram(
  { version: '1', stdout: process.stdout, stderr: process.stderr } as unknown as CliContext,
  () => {},
);

it('docs/cli.md has the table of exit codes, as the code has it', () => {
  const rows = [...page.matchAll(/^\| (\d+) \| `([a-z-]+)` \| (.+) \|$/gm)].map(([, code, ending, meaning]) => [
    ending,
    { code: Number(code), meaning },
  ]);
  expect(Object.fromEntries(rows)).toEqual(EXIT_CODES);
  expect(new Set(Object.values(EXIT_CODES).map(({ code }) => code)).size).toBe(Object.keys(EXIT_CODES).length);
});

it('docs/cli.md has every command, with its arguments and its own options', () => {
  const rows = [...page.matchAll(/^\| `([a-z]+)([^`]*)` \|[^|]*\|([^|]*)\|$/gm)].map(([, name, args, options]) => [
    name,
    args?.trim() ?? '',
    [...(options ?? '').matchAll(/`(--[a-z-]+)`/g)].map(([, option]) => option).sort(),
  ]);
  const common = new Set(['--json', '--store', '--config']);
  const commands = program.commands.map((command) => [
    command.name(),
    command.registeredArguments
      .map((argument) => (argument.required ? argument.name() : `[${argument.name()}]`).toUpperCase())
      .join(' '),
    command.options.flatMap(({ long }) => (long == null || common.has(long) ? [] : [long])).sort(),
  ]);
  expect(rows).toEqual(commands);
});

it.each(program.commands.map((command) => [command.name(), command] as const))(
  '%s is told apart by --help, with the exit codes',
  (_name, command) => {
    let text = '';
    command.configureOutput({ writeOut: (more) => (text += more) }).outputHelp();
    for (const { meaning } of Object.values(EXIT_CODES)) expect(text).toContain(meaning);
  },
);
