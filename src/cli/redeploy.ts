import { BlueGreenError } from '../index.js';
import type { CliContext } from './cli-context.js';
import { commandLine } from './command-line.js';
import { driveRollout, type CommonOptions } from './drive-rollout.js';
import type { Ending } from './exit-codes.js';
import { say } from './output.js';
import { UsageError } from './usage-error.js';

/** `redeploy ID`: releases again what an ended rollout released, as a new rollout: the way back once blue is gone. */
export async function redeploy(
  context: CliContext,
  options: CommonOptions & { readonly id?: string | undefined },
  of: string,
): Promise<Ending> {
  // The same id and spec would attach to what has ended long ago, and call that a success.
  if (options.id === of)
    throw new UsageError(`--id ${of} is the rollout to release again: the new one needs another id`);
  return driveRollout(context, options, async (engine, call) => {
    const { spec, outcome, finishedAt } = await engine.status(of);
    if (finishedAt === undefined) {
      const choice = `${commandLine(['resume', of], options)}, or ${commandLine(['abort', of], options)}`;
      throw new UsageError(`rollout ${of} has not ended: ${choice}`);
    }
    if (outcome !== 'succeeded')
      say(context.stderr, `mind that rollout ${of} ended ${outcome}: its release never proved itself`);
    return engine.start(spec, { ...call, id: options.id }).catch((error: unknown) => {
      // Told of an id that was given here, not of the spec that nobody wrote now.
      if (BlueGreenError.is(error) && error.code === 'ROLLOUT_ID_TAKEN')
        throw new UsageError(`--id ${options.id ?? ''}: a rollout with this id released something else`);
      throw error;
    });
  });
}
