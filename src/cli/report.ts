import { writeFile } from 'node:fs/promises';
import { renderReport } from '../index.js';
import type { CliContext } from './cli-context.js';
import type { CommonOptions } from './drive-rollout.js';
import { withEngine } from './engine.js';
import type { Ending } from './exit-codes.js';
import { jsonLine, say } from './output.js';
import { UsageError, wordsOf } from './usage-error.js';

/** `report ID`: one HTML file that tells the rollout, as it stands now. */
export async function report(
  context: CliContext,
  options: CommonOptions & { readonly out?: string | undefined },
  id: string,
): Promise<Ending> {
  const { stdout } = context;
  const { out, json } = options;
  const html = await withEngine(context, options, async (engine) => {
    const rollout = await engine.watch(id);
    return renderReport(rollout).finally(() => rollout[Symbol.asyncDispose]());
  });
  if (out === undefined) {
    if (json === true) say(stdout, jsonLine({ id, html }));
    else stdout.write(html);
    return 'succeeded';
  }
  await writeFile(out, html).catch((error: unknown) => {
    throw new UsageError(`--out ${out} could not be written: ${wordsOf(error)}`);
  });
  say(stdout, json === true ? jsonLine({ id, out }) : `the report on ${id} is in ${out}`);
  return 'succeeded';
}
