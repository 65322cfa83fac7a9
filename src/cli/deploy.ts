import type { CliContext } from './cli-context.js';
import { driveRollout, type CommonOptions } from './drive-rollout.js';
import type { Ending } from './exit-codes.js';
import { readSpec } from './read-spec.js';

/** `deploy SPEC`: releases, and ends as the release does. */
export async function deploy(
  context: CliContext,
  options: CommonOptions & { readonly id?: string | undefined },
  file: string,
): Promise<Ending> {
  const spec = await readSpec(context, file);
  return driveRollout(context, options, (engine, call) => engine.start(spec, { ...call, id: options.id }));
}
