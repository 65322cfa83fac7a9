import type { Answer } from './answer-gate.js';
import type { CliContext } from './cli-context.js';
import { withEngine } from './engine.js';
import type { Ending } from './exit-codes.js';
import { jsonLine, say } from './output.js';

/** `abort ID`: takes a release back, unless blue can no longer carry the load. */
export async function abort(context: CliContext, options: Answer, id: string): Promise<Ending> {
  // In a hurry nobody should be asked for words.
  const { by = context.userName(), reason = 'ordered on the command line' } = options;
  const answer = await withEngine(context, options, (engine) => engine.abort(id, { by, reason }));
  say(context.stdout, options.json === true ? jsonLine({ id, answer, by, reason }) : answer);
  return answer === 'unwinding' ? 'succeeded' : 'error';
}
