import { CommanderError } from 'commander';
import { BlueGreenError, formatError, type ErrorCode } from '../index.js';
import { cleanText } from '../report/clean-text.js';
import type { CliContext } from './cli-context.js';
import { EXIT_CODES, type Ending } from './exit-codes.js';
import { coloursFor, jsonLine, say } from './output.js';
import { makeProgram } from './program.js';
import { UsageError } from './usage-error.js';

/** Errors about what was given to the command: nothing was touched. */
export const GIVEN_WRONGLY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SPEC_INVALID',
  'OPTIONS_INVALID',
  'ROLLOUT_ID_TAKEN',
  'HOOK_MISSING',
]);

/** Runs one command line, without the name of the program, and answers its exit code. Never rejects. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  let ending: Ending = 'usage';
  const program = makeProgram(context, (told) => (ending = told));
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    ending = tellError(error, argv, context);
  }
  return EXIT_CODES[ending].code;
}

function tellError(error: unknown, argv: readonly string[], context: CliContext): Ending {
  // What commander throws it has told already; its help was asked for, or is the answer to a wrong command line.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 'succeeded' : 'usage';
  const { stdout, stderr } = context;
  if (argv.includes('--json')) say(stdout, jsonLine({ error: asJson(error) }));
  if (error instanceof UsageError) {
    say(stderr, `error: ${cleanText(error.message)}`);
    return 'usage';
  }
  say(stderr, formatError(error, { colour: coloursFor(stderr, context).isColorSupported }));
  return BlueGreenError.is(error) && GIVEN_WRONGLY.has(error.code) ? 'usage' : 'error';
}

function asJson(error: unknown): object {
  if (BlueGreenError.is(error)) return error.toJSON();
  return error instanceof Error ? { name: error.name, message: error.message } : { message: String(error) };
}
