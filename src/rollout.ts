import { answerGate, type Approval } from './answer-gate.js';
import { BlueGreenError, type BlueGreenErrorJson } from './errors/blue-green-error.js';
import type { RolloutEvent } from './events/events.js';
import { eventOf } from './engine/journal-events.js';
import { orderAbort } from './engine/order-abort.js';
import type { Plan } from './engine/plan.js';
import type { RolloutJournal } from './engine/rollout-journal.js';
import { resultOf, statusOf, type RolloutResult, type RolloutStatus } from './rollout-result.js';
import type { Kind } from './specs/parse-spec.js';

/** A rollout that this process drives or watches. Not a thenable: ask for `result()`. */
export interface Rollout<K extends Kind = Kind> {
  readonly id: string;
  status(): RolloutStatus;
  /** Every event, from the first one on: what is in the journal is replayed. Ends when the rollout ends or is suspended. */
  events(): AsyncIterable<RolloutEvent>;
  /** How it ended. Never rejects for an expected ending; see `outcome`. */
  result(): Promise<RolloutResult<K>>;
  /**
   * Says yes at a gate. With `evidence`, the hash from the gate's entry in the status, the yes is for that alone.
   *
   * @throws GATE_UNKNOWN
   * @throws EVIDENCE_REQUIRED
   * @throws EVIDENCE_STALE
   */
  approve(gate: string, answer: Approval): Promise<void>;
  /** @throws GATE_UNKNOWN */
  reject(gate: string, answer: { readonly by: string; readonly reason: string }): Promise<void>;
  /** Takes the release back, unless blue can no longer carry the load. */
  abort(order: { readonly by: string; readonly reason: string }): Promise<'unwinding' | 'too-late'>;
  /** Stops this process's driving; the rollout is suspended, and another process can resume it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A rollout as seen through its journal, with what keeps that journal moving. */
export class JournalledRollout implements Rollout {
  readonly id: string;
  readonly #stop: AbortController;
  readonly #running: Promise<BlueGreenErrorJson | undefined>;
  #ended = false;

  constructor(
    private readonly plan: Plan,
    private readonly journal: RolloutJournal,
    stop: AbortController,
    /** Resolves when nothing moves it any more, with what stopped it before its end. Never rejects. */
    running: Promise<BlueGreenErrorJson | undefined>,
  ) {
    this.id = journal.rolloutId;
    this.#stop = stop;
    this.#running = running.then((error) => {
      this.#ended = true;
      return error;
    });
  }

  status(): RolloutStatus {
    return statusOf(this.journal.state);
  }

  async *events(): AsyncIterable<RolloutEvent> {
    for (let next = 0; ; ) {
      const entry = this.journal.entries[next];
      if (entry !== undefined) {
        next += 1;
        yield eventOf(this.id, entry);
        continue;
      }
      if (this.#ended) return;
      await this.#newEntryAfter(next);
    }
  }

  async result(): Promise<RolloutResult> {
    const stoppedBy = await this.#running;
    return resultOf(this.plan, this.journal.state, stoppedBy);
  }

  approve(gate: string, answer: Approval): Promise<void> {
    return answerGate(this.journal, this.plan, gate, 'approved', answer);
  }

  reject(gate: string, answer: { readonly by: string; readonly reason: string }): Promise<void> {
    return answerGate(this.journal, this.plan, gate, 'rejected', answer);
  }

  async abort(order: { readonly by: string; readonly reason: string }): Promise<'unwinding' | 'too-late'> {
    await orderAbort(this.journal, order);
    for (;;) {
      const decided = abortDecision(this.journal);
      if (decided !== undefined) return decided;
      if (this.#ended) return this.journal.state.pivot === undefined ? 'unwinding' : 'too-late';
      await this.#newEntryAfter(this.journal.entries.length);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new BlueGreenError('SUSPENDED', 'the rollout was let go'));
    await this.#running;
  }

  #newEntryAfter(length: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        unsubscribe();
        resolve();
      };
      const unsubscribe = this.journal.onChange(done);
      if (this.journal.entries.length > length) done();
      void this.#running.then(done);
    });
  }
}

/** Stops this process's driving; answers those that can be resumed now. */
export async function suspendAll(rollouts: readonly Rollout[]): Promise<readonly Rollout[]> {
  await Promise.all(rollouts.map((rollout) => rollout[Symbol.asyncDispose]()));
  const results = await Promise.all(rollouts.map((rollout) => rollout.result()));
  return rollouts.filter((_rollout, index) => results[index]?.outcome === 'suspended');
}

/** What became of an order to abort; undefined while that is open. */
export function abortDecision({ state }: RolloutJournal): 'unwinding' | 'too-late' | undefined {
  if (state.abortRefused !== undefined) return 'too-late';
  if (state.unwinding !== undefined) return 'unwinding';
  if (state.finished === undefined) return undefined;
  return state.finished.outcome === 'succeeded' || state.pivot !== undefined ? 'too-late' : 'unwinding';
}
