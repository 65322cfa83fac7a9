import process from 'node:process';
import type { BlueGreen } from './blue-green.js';
import { invalid, refuseUnknown } from './option-checks.js';
import { suspendAll, type Rollout } from './rollout.js';
import type { RolloutResult } from './rollout-result.js';

/** What tells of signals: a process, or something that stands in for one. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

export interface SuspendOnSignalsOptions {
  /**
   * Which signals are heard.
   * @defaultValue `['SIGINT', 'SIGTERM']`
   */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /** Told once nothing is driven any more: the ids of what `resume` continues. */
  readonly onSuspended?: ((ids: readonly string[], signal: NodeJS.Signals) => void) | undefined;
  /** Told once the second signal has been obeyed: how each rollout that it took back has ended. */
  readonly onAborted?: ((results: readonly RolloutResult[], signal: NodeJS.Signals) => void) | undefined;
  /**
   * Where the signals come from.
   * @defaultValue this process
   */
  readonly source?: SignalSource | undefined;
}

const KNOWN = [
  'signals',
  'onSuspended',
  'onAborted',
  'source',
] as const satisfies readonly (keyof SuspendOnSignalsOptions)[];

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * From now on a signal suspends what is driven, so that the process can end and another one can `resume`.
 *
 * A second signal aborts: the order stands in the journal, and a `BlueGreen` drives the release back at once, or forward where
 * the pivot is passed. A single `Rollout` is only given the order: whoever resumes it obeys. A third signal is not heard any
 * more, and does what it does to any process.
 *
 * It never ends the process and never keeps it alive: once nothing is driven, nothing of the library does either. Disposing
 * ends the listening; `await using` also waits for what a signal has begun. A store that is not durable has nothing to resume
 * from: give the rollout a `signal` with `onSignal: 'abort'` there.
 *
 * @throws OPTIONS_INVALID
 * @example
 * ```ts
 * import { BlueGreen, FileStore, suspendOnSignals, type ElastigroupSpec } from 'elastigroup-bluegreen';
 *
 * export async function release(spec: ElastigroupSpec): Promise<void> {
 *   const blueGreen = new BlueGreen({ store: new FileStore('.rollouts') });
 *   {
 *     await using _listening = suspendOnSignals(blueGreen, {
 *       onSuspended: (ids, signal) => console.error(`${signal}: go on with ${ids.join(', ')}`),
 *     });
 *     const rollout = await blueGreen.start(spec);
 *     console.log((await rollout.result()).outcome);
 *   }
 *   await blueGreen.close();
 * }
 * ```
 */
export function suspendOnSignals(
  target: BlueGreen | Rollout,
  options: SuspendOnSignalsOptions = {},
): Disposable & AsyncDisposable {
  refuseUnknown('suspendOnSignals', options, KNOWN);
  const { signals = SIGNALS, source = process, onSuspended, onAborted } = options;
  if (signals.length === 0)
    throw invalid('signals', JSON.stringify(signals), 'a list with at least one name of a signal');

  let suspended: Promise<readonly Rollout[]> | undefined;
  /** What the signals have begun so far. Never rejects: nobody need wait for it. */
  let begun: Promise<unknown> = Promise.resolve();

  const hear = (signal: NodeJS.Signals): void => {
    if (suspended === undefined) {
      suspended = 'suspend' in target ? target.suspend() : suspendAll([target]);
      begun = settled(
        suspended.then((rollouts) =>
          onSuspended?.(
            rollouts.map(({ id }) => id),
            signal,
          ),
        ),
      );
      return;
    }
    deafen();
    const rollouts = Promise.all([suspended, begun]).then(([found]) => found);
    begun = settled(
      rollouts.then((found) => takeBack(target, found, signal)).then((ends) => onAborted?.(ends, signal)),
    );
  };
  const deafen = (): void => {
    for (const signal of signals) source.off(signal, hear);
  };
  for (const signal of signals) source.on(signal, hear);
  return {
    [Symbol.dispose]: deafen,
    [Symbol.asyncDispose]: async () => {
      deafen();
      await begun;
    },
  };
}

async function takeBack(
  target: BlueGreen | Rollout,
  rollouts: readonly Rollout[],
  signal: NodeJS.Signals,
): Promise<readonly RolloutResult[]> {
  const order = { by: 'signal', reason: `${signal} was received again` };
  return Promise.all(
    rollouts.map(async (rollout) => {
      await rollout.abort(order);
      const driven = 'resume' in target ? await target.resume(rollout.id) : rollout;
      return driven.result();
    }),
  );
}

/** A listener has nobody to reject to: what fails is told as Node tells warnings. */
async function settled(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
