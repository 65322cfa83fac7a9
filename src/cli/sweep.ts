import { renderSweep } from '../index.js';
import type { CliContext } from './cli-context.js';
import type { CommonOptions } from './drive-rollout.js';
import { withEngine } from './engine.js';
import type { Ending } from './exit-codes.js';
import { jsonLine, say } from './output.js';

/** `sweep`: what dead rollouts left; with `--apply` they are taken back. */
export async function sweep(
  context: CliContext,
  options: CommonOptions & { readonly apply?: boolean | undefined },
): Promise<Ending> {
  const { stdout } = context;
  const report = await withEngine(context, options, (engine) => engine.sweep({ dryRun: options.apply !== true }));
  if (options.json === true) say(stdout, jsonLine(report));
  else stdout.write(renderSweep(report));
  // That a rollout was taken back is what was asked for; one that could not be is not.
  const outcomes = new Set(report.swept.map(({ outcome }) => outcome));
  return outcomes.has('failed') ? 'failed' : outcomes.has('suspended') ? 'suspended' : 'succeeded';
}
