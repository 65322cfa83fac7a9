import { cleanLine } from '../report/clean-text.js';
import type { CliContext } from './cli-context.js';
import type { CommonOptions } from './drive-rollout.js';
import { withEngine } from './engine.js';
import type { Ending } from './exit-codes.js';
import { jsonLine, say } from './output.js';

export interface Answer extends CommonOptions {
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
  readonly evidence?: string | undefined;
}

/** `approve ID GATE`. */
export async function approve(context: CliContext, options: Answer, id: string, gate: string): Promise<Ending> {
  const { reason, evidence } = options;
  const by = options.by ?? context.userName();
  await withEngine(context, options, (engine) => engine.approve(id, gate, { by, reason, evidence }));
  return told(context, options, { id, gate, answer: 'approved', by, reason, evidence });
}

/** `reject ID GATE --reason WHY`. */
export async function reject(
  context: CliContext,
  options: Answer & { readonly reason: string },
  id: string,
  gate: string,
): Promise<Ending> {
  const { reason } = options;
  const by = options.by ?? context.userName();
  await withEngine(context, options, (engine) => engine.reject(id, gate, { by, reason }));
  return told(context, options, { id, gate, answer: 'rejected', by, reason });
}

interface Told {
  readonly id: string;
  readonly gate: string;
  readonly answer: 'approved' | 'rejected';
  readonly by: string;
  readonly reason?: string | undefined;
  readonly evidence?: string | undefined;
}

function told({ stdout }: CliContext, { json }: CommonOptions, answer: Told): Ending {
  const { id, gate, by } = answer;
  say(stdout, json === true ? jsonLine(answer) : cleanLine(`${answer.answer} the gate ${gate} of ${id}, as ${by}`));
  return 'succeeded';
}
