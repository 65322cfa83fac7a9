import { BlueGreenError, formatError, renderSweep, type BlueGreen, type SweepReport } from '../index.js';
import type { CliContext } from './cli-context.js';
import { commandLine } from './command-line.js';
import type { CommonOptions } from './drive-rollout.js';
import { withEngine } from './engine.js';
import { eventTeller } from './event-teller.js';
import { EXIT_CODES, type Ending } from './exit-codes.js';
import { missingFolder } from './store-folder.js';
import { coloursFor, jsonLine, say } from './output.js';

const NAME_THE_FOLDER = {
  blame: 'operator',
  hint: 'Nothing was looked at. Name the folder that the rollouts are kept in: --store.',
} as const;

type SweepOptions = CommonOptions & { readonly apply?: boolean | undefined };

/** `sweep`: what dead rollouts left; with `--apply` they are taken back. An interrupt suspends the one that is driven then. */
export async function sweep(context: CliContext, options: SweepOptions): Promise<Ending> {
  const { stdout, stderr } = context;
  const tell = eventTeller(stderr, coloursFor(stderr, context), options);
  const work = async (engine: BlueGreen, folder: string | undefined): Promise<Ending> => {
    const missing = await missingFolder(folder);
    if (missing !== undefined) throw new BlueGreenError('STORE_FAILED', missing, NAME_THE_FOLDER);
    say(stderr, 'watching the leases of what has not ended, to see whether anybody drives it: up to 90 s by default');
    const { found, interrupted } = await untilInterrupted(engine, context, options);
    if (BlueGreenError.is(found)) tellCutShort(found, context, options);
    else if (options.json === true) say(stdout, jsonLine(found));
    else stdout.write(renderSweep(found));
    const ending = BlueGreenError.is(found) ? cutShort(options) : endingOf(found);
    if (interrupted && ending !== 'succeeded')
      say(stderr, `go on with ${commandLine(['sweep', ...(options.apply === true ? ['--apply'] : [])], options)}`);
    return ending;
  };
  return withEngine(context, options, work, tell);
}

/** The report, or what the sweep broke off with because of the interrupt. */
async function untilInterrupted(
  engine: BlueGreen,
  context: CliContext,
  { apply }: SweepOptions,
): Promise<{ readonly found: SweepReport | BlueGreenError; readonly interrupted: boolean }> {
  let closing: Promise<void> | undefined;
  const forget = context.onInterrupt((signal) => {
    // Every intent is in the store before it is acted upon: nothing is lost with the process.
    if (closing !== undefined) return context.exit(EXIT_CODES.interrupted.code);
    say(context.stderr, `${signal}: the sweep ends, what it drives is suspended; once more ends this process at once`);
    closing = engine.close();
    // Told when it is waited for.
    closing.catch(() => {});
  });
  try {
    return { found: await engine.sweep({ dryRun: apply !== true }), interrupted: closing !== undefined };
  } catch (error) {
    if (closing === undefined || !BlueGreenError.is(error)) throw error;
    return { found: error, interrupted: true };
  } finally {
    await closing;
    forget();
  }
}

function tellCutShort(error: BlueGreenError, context: CliContext, { json }: SweepOptions): void {
  const { stdout, stderr } = context;
  if (json === true) say(stdout, jsonLine({ error: error.toJSON() }));
  // That it was to end is no error.
  if (error.code !== 'SUSPENDED')
    say(stderr, formatError(error, { colour: coloursFor(stderr, context).isColorSupported }));
}

/** What only looked has nothing to go on with. */
const cutShort = ({ apply }: SweepOptions): Ending => (apply === true ? 'suspended' : 'interrupted');

/** That a rollout was taken back is what was asked for; one that could not be is not. */
function endingOf({ swept }: SweepReport): Ending {
  const outcomes = new Set(swept.map(({ outcome }) => outcome));
  return outcomes.has('failed') ? 'failed' : outcomes.has('suspended') ? 'suspended' : 'succeeded';
}
