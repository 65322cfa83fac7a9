import type { Clock } from '../ports/clock.js';
import type { RolloutStore } from '../ports/rollout-store.js';
import { LeaseWatch } from './lease.js';
import { isUnreadable, RolloutJournal } from './rollout-journal.js';

/** Another rollout on one of the same targets, as it is now. */
export interface Rival {
  /** Undefined where this version of the library cannot read it. */
  readonly journal: RolloutJournal | undefined;
  /** `perhaps`: cannot be told yet; it has to be watched for longer. */
  readonly driven: 'somebody' | 'perhaps' | 'nobody';
}

/** How long a rollout that was just written down, or is being taken up again, may be without a lease. */
const STARTING_MS = 5_000;

/** Looks at other rollouts from outside, again and again: what they have done, and whether anybody drives them. */
export class RivalWatch {
  readonly #journals = new Map<string, RolloutJournal>();
  readonly #leases = new Map<string, { readonly lease: LeaseWatch; freeSince: number | undefined }>();

  constructor(
    private readonly store: RolloutStore,
    private readonly clock: Clock,
  ) {}

  async look(rolloutId: string): Promise<Rival> {
    return { journal: await this.#journalOf(rolloutId), driven: await this.#driven(rolloutId) };
  }

  async #journalOf(rolloutId: string): Promise<RolloutJournal | undefined> {
    const known = this.#journals.get(rolloutId);
    try {
      await known?.refresh();
      const journal = known ?? (await RolloutJournal.open(this.store, rolloutId, () => this.clock.now()));
      this.#journals.set(rolloutId, journal);
      return journal;
    } catch (error) {
      if (isUnreadable(error)) return undefined;
      throw error;
    }
  }

  async #driven(rolloutId: string): Promise<Rival['driven']> {
    const watched = this.#leases.get(rolloutId) ?? {
      lease: new LeaseWatch(this.store, rolloutId, this.clock),
      freeSince: undefined,
    };
    this.#leases.set(rolloutId, watched);
    const held = await watched.lease.look();
    const now = this.clock.now();
    watched.freeSince = held === 'nobody' ? (watched.freeSince ?? now) : undefined;
    if (held !== 'nobody') return held;
    return now - (watched.freeSince ?? now) >= STARTING_MS ? 'nobody' : 'perhaps';
  }
}

/** Whether it wants nothing any more. Of one that cannot be read that is told by whether anybody drives it. */
export function isOver({ journal, driven }: Rival): boolean {
  return journal === undefined ? driven === 'nobody' : journal.state.finished !== undefined;
}
