import { renderPlan } from '../index.js';
import type { CliContext } from './cli-context.js';
import type { CommonOptions } from './drive-rollout.js';
import { withEngine } from './engine.js';
import type { Ending } from './exit-codes.js';
import { jsonLine, say } from './output.js';
import { readSpec } from './read-spec.js';

/** `plan SPEC`: what `deploy` would do now. Changes nothing. */
export async function plan(
  context: CliContext,
  options: CommonOptions & { readonly id?: string | undefined },
  file: string,
): Promise<Ending> {
  const { stdout } = context;
  const spec = await readSpec(context, file);
  const made = await withEngine(context, options, (engine) => engine.plan(spec, { id: options.id }));
  if (options.json === true) say(stdout, jsonLine(made));
  else stdout.write(renderPlan(made));
  return made.wouldStart ? 'succeeded' : 'refused';
}
