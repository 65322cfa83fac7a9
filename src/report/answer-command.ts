import { shellParts, type WholeCommand } from './shell-command.js';

/** The command that opens a gate, in the parts that it may be broken between. */
export function answerCommand(
  { rolloutId, gate, hash }: { readonly rolloutId: string; readonly gate: string; readonly hash: string | undefined },
  command: WholeCommand,
): readonly string[] {
  return shellParts(command(['approve', rolloutId, gate, ...(hash === undefined ? [] : ['--evidence', hash])]));
}
