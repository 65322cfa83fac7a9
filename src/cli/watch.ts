import type { CliContext } from './cli-context.js';
import type { CommonOptions } from './drive-rollout.js';
import { withEngine } from './engine.js';
import type { Ending } from './exit-codes.js';
import { showRollout } from './follow-rollout.js';
import { say } from './output.js';
import { tellResult } from './tell-result.js';

/** `watch ID`: follows a rollout that another process drives. An interrupt ends the watching and nothing else. */
export async function watch(context: CliContext, options: CommonOptions, id: string): Promise<Ending> {
  return withEngine(context, options, async (engine) => {
    const rollout = await engine.watch(id);
    let interrupted = false;
    const forget = context.onInterrupt(() => {
      interrupted = true;
      void rollout[Symbol.asyncDispose]();
    });
    try {
      await showRollout(rollout, context, options);
      const result = await rollout.result();
      if (!interrupted || result.finishedAt !== undefined) return tellResult(result, context, options);
      say(context.stderr, 'no longer watched; the rollout goes on');
      return 'interrupted';
    } finally {
      forget();
    }
  });
}
