import { CommanderError } from 'commander';
import { BlueGreenError, formatError, type ErrorCode } from '../index.js';
import { cleanText } from '../report/clean-text.js';
import type { CliContext } from './cli-context.js';
import { EXIT_CODES, type Ending } from './exit-codes.js';
import { coloursFor, jsonLine, say } from './output.js';
import { makeProgram } from './program.js';
import { UsageError, wordsOf } from './usage-error.js';

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
  const { stdout, stderr } = context;
  const asked = error instanceof CommanderError && error.exitCode === 0;
  if (argv.includes('--json') && !asked) say(stdout, jsonLine({ error: asJson(error) }));
  // What commander throws it has told already; its help was asked for, or is the answer to a wrong command line.
  if (error instanceof CommanderError) return asked ? 'succeeded' : 'usage';
  if (error instanceof UsageError) {
    say(stderr, `error: ${cleanText(error.message)}`);
    return 'usage';
  }
  say(stderr, formatError(error, { colour: coloursFor(stderr, context).isColorSupported }));
  return BlueGreenError.is(error) && GIVEN_WRONGLY.has(error.code) ? 'usage' : 'error';
}

/** Of one shape, whoever threw it: a script looks for the code. */
function asJson(error: unknown): object {
  if (BlueGreenError.is(error)) return error.toJSON();
  if (error instanceof CommanderError) {
    const hint =
      'Correct the command line; npx elastigroup-bluegreen COMMAND --help tells what it takes; nothing was touched.';
    return new BlueGreenError('OPTIONS_INVALID', error.message.replace(/^error: /, ''), { hint }).toJSON();
  }
  return new BlueGreenError(error instanceof UsageError ? error.code : 'INTERNAL', wordsOf(error)).toJSON();
}
