import type { RolloutStatus } from '../index.js';
import type { Answer } from './answer-gate.js';
import type { CliContext } from './cli-context.js';
import { commandLine, type SamePlace } from './command-line.js';
import { withEngine } from './engine.js';
import type { Ending } from './exit-codes.js';
import { jsonLine, say } from './output.js';

/** `abort ID`: takes a release back, unless blue can no longer carry the load. */
export async function abort(context: CliContext, options: Answer, id: string): Promise<Ending> {
  // In a hurry nobody should be asked for words.
  const { by = context.userName(), reason = 'ordered on the command line' } = options;
  const { stdout, stderr } = context;
  return withEngine<Ending>(context, options, async (engine) => {
    const { outcome, direction } = await engine.status(id);
    // The journal does not tell whether the process that drove it last still lives: only its lease does.
    if (outcome === 'running' && direction === 'forward')
      say(stderr, 'waiting for the process that drove it last to obey, up to 90 s by default where it is gone');
    const answer = await engine.abort(id, { by, reason });
    say(stdout, options.json === true ? jsonLine({ id, answer, by, reason }) : answer);
    for (const line of becomesOfIt(await engine.status(id), answer, options)) say(stderr, line);
    return answer === 'unwinding' ? 'succeeded' : 'error';
  });
}

/** What the one word does not tell: who goes back, if anybody, and what has ended already. */
function becomesOfIt(
  { id, outcome, direction, finishedAt, abortOrdered }: RolloutStatus,
  answer: 'unwinding' | 'too-late',
  place: SamePlace,
): readonly string[] {
  const goOn = commandLine(['resume', id], place);
  if (finishedAt !== undefined) {
    const ended = `rollout ${id} has ended: ${outcome}`;
    // Of the failed ones only the one that stopped where it stood takes an order.
    const obeys = outcome === 'failed' && abortOrdered !== undefined && answer === 'unwinding';
    return obeys ? [`${ended}; the order is written, and this obeys it: ${goOn}`] : [ended];
  }
  if (answer === 'too-late') return ['blue can no longer carry the load: the release can only go forward'];
  if (direction === 'forward')
    return [`the order is written, but nobody drives rollout ${id}: nothing goes back until you run ${goOn}`];
  return outcome === 'suspended' ? [`it is on its way back, but nobody drives rollout ${id}; run ${goOn}`] : [];
}
