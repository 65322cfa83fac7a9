import type { RolloutEvent } from '../events/events.js';
import type { Rollout } from '../rollout.js';

/** More turns than any replay from memory needs between two events. */
const PATIENCE_TURNS = 64;

/** The events that have happened so far. Does not wait for more. */
export async function recordedEvents(rollout: Pick<Rollout, 'events' | 'status'>): Promise<readonly RolloutEvent[]> {
  const { lastEntryAt } = rollout.status();
  const events: RolloutEvent[] = [];
  const iterator = rollout.events()[Symbol.asyncIterator]();
  for (;;) {
    const next = iterator.next();
    // Up to the last entry it is known that more will come; behind it, several may bear the same time.
    const isBehind = (events.at(-1)?.at ?? '') < lastEntryAt;
    const step = isBehind ? await next : await Promise.race([next, outOfPatience()]);
    if (step === 'out of patience') {
      // It ends with the next event, if there ever is one.
      next.catch(() => {});
      void iterator.return?.().catch(() => {});
      return events;
    }
    if (step.done === true) return events;
    events.push(step.value);
  }
}

async function outOfPatience(): Promise<'out of patience'> {
  for (let turn = 0; turn < PATIENCE_TURNS; turn += 1) await Promise.resolve();
  return 'out of patience';
}
