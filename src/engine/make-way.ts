import type { Clock } from '../ports/clock.js';
import { orderAbort, type AbortOrder } from './order-abort.js';
import type { Rival } from './rival-watch.js';
import type { RolloutJournal } from './rollout-journal.js';

/** Drives a rollout that nobody drives to its end: back where that is still possible, else forward. */
export type TakeBack = (
  rolloutId: string,
  order: AbortOrder,
) => Promise<{ readonly error?: { readonly message: string } }>;

/** How long after it could not be driven from here another try is made. */
const AGAIN_AFTER_MS = 60_000;

/**
 * Has earlier rollouts make way for a later one, each by its own rules: the order to abort stands in its journal, whoever
 * drives it obeys. One that nobody drives is driven from here.
 */
export class MakeWay {
  readonly #taken = new Map<string, { at: number; because: string | undefined; ended: boolean }>();

  constructor(
    private readonly rolloutId: string,
    private readonly clock: Clock,
    private readonly takeBack: TakeBack,
  ) {}

  /** Sees to it that it makes way; answers what it is doing about that, in words. */
  async ask(journal: RolloutJournal, driven: Rival['driven']): Promise<string> {
    const order = { by: `rollout ${this.rolloutId}`, reason: `superseded by rollout ${this.rolloutId}` };
    if (journal.state.pivot === undefined && journal.state.abortRefused === undefined) await orderAbort(journal, order);
    const { pivot, abortRefused, unwinding } = journal.state;
    const going =
      pivot !== undefined || abortRefused !== undefined
        ? 'is past the point of no return, and goes on to its end'
        : unwinding === undefined
          ? 'was given the order to abort'
          : 'is going back';
    if (driven === 'somebody') return going;
    if (driven === 'perhaps') return `${going}, if anybody drives it`;
    const because = this.#drive(journal.rolloutId, order);
    return because === undefined
      ? `${going}, driven from here`
      : `${going}, and cannot be driven from here: ${because}`;
  }

  /** Why it could not be driven the last time; undefined while it is tried. */
  #drive(rolloutId: string, order: AbortOrder): string | undefined {
    const before = this.#taken.get(rolloutId);
    const now = this.clock.now();
    if (before !== undefined && (!before.ended || now - before.at < AGAIN_AFTER_MS)) return before.because;
    const attempt = { at: now, because: before?.because, ended: false };
    this.#taken.set(rolloutId, attempt);
    const end = (because: string | undefined): void => {
      Object.assign(attempt, { at: this.clock.now(), because, ended: true });
    };
    // Its end is seen in its journal, as if another process drove it.
    void this.takeBack(rolloutId, order).then(
      ({ error }) => end(error?.message),
      (error: unknown) => end(error instanceof Error ? error.message : String(error)),
    );
    return attempt.because;
  }
}
