import { renderProgress, type Rollout } from '../index.js';
import type { CliContext } from './cli-context.js';
import { jsonLine, say } from './output.js';

/** Shows a rollout until its events end: for people as `renderProgress` does, for machines one event a line. */
export async function showRollout(rollout: Rollout, context: CliContext, json: boolean | undefined): Promise<void> {
  const { stdout, env, clock } = context;
  if (json !== true) return renderProgress(rollout, { stream: stdout, env, clock });
  for await (const event of rollout.events()) say(stdout, jsonLine(event));
}
