import type { BlueGreen, CallOptions, Rollout } from '../index.js';
import type { CliContext } from './cli-context.js';
import type { Ending } from './exit-codes.js';
import { EXIT_CODES } from './exit-codes.js';
import { showRollout } from './follow-rollout.js';
import { sayBelow } from './output.js';
import { withEngine } from './engine.js';
import { tellResult } from './tell-result.js';

export interface CommonOptions {
  readonly store?: string | undefined;
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Drives a rollout to its end; an interrupt suspends it, a second one ends the process at once. */
export async function driveRollout(
  context: CliContext,
  options: CommonOptions,
  open: (engine: BlueGreen, call: CallOptions) => Promise<Rollout>,
): Promise<Ending> {
  return withEngine(context, options, async (engine) => {
    const interrupt = new AbortController();
    const forget = context.onInterrupt((signal) => {
      // Every intent is in the store before it is acted upon: nothing is lost with the process.
      if (interrupt.signal.aborted) return context.exit(EXIT_CODES.interrupted.code);
      interrupt.abort(new Error(`${signal} was received`));
      sayBelow(context, `${signal}: the rollout is being suspended; once more ends this process at once`);
    });
    try {
      const rollout = await open(engine, { signal: interrupt.signal, onSignal: 'suspend' });
      await showRollout(rollout, context, options);
      return tellResult(await rollout.result(), context, options);
    } finally {
      forget();
    }
  });
}
