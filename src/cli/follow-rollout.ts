import { renderProgress, type Rollout } from '../index.js';
import type { CliContext } from './cli-context.js';
import { commandFor, type SamePlace } from './command-line.js';
import { jsonLine, say } from './output.js';

/** Shows a rollout until its events end: for people as `renderProgress` does, for machines one event a line. */
export async function showRollout(
  rollout: Rollout,
  { stdout, env, clock }: CliContext,
  { json, ...place }: SamePlace & { readonly json?: boolean | undefined },
): Promise<void> {
  if (json !== true) return renderProgress(rollout, { stream: stdout, env, clock, command: commandFor(place) });
  for await (const event of rollout.events()) say(stdout, jsonLine(event));
}
