import type { CliContext } from './cli-context.js';
import { driveRollout, type CommonOptions } from './drive-rollout.js';
import type { Ending } from './exit-codes.js';
import { say } from './output.js';

/** `resume ID`: goes on with a rollout that nobody drives any more. */
export function resume(
  context: CliContext,
  options: CommonOptions & { readonly allowMissing?: readonly string[] | undefined },
  id: string,
): Promise<Ending> {
  const { allowMissing } = options;
  return driveRollout(context, options, async (engine, call) => {
    // Its last process ended without a word, or still drives it.
    if ((await engine.status(id)).outcome === 'running')
      say(context.stderr, 'another process drove it last: waiting to see whether it still does, up to 90 s by default');
    return engine.resume(id, { ...call, allowMissing });
  });
}
