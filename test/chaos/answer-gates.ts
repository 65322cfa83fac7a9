import type { BlueGreen } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import type { Answer } from './story.js';

const MINUTE = 60_000;

/** Somebody looks every minute at what is asked, and answers in their own time. */
export function answerGates(
  { clock }: SimulatedCloud,
  person: BlueGreen,
  about: {
    readonly rolloutId: string;
    readonly answers: readonly Answer[];
    readonly isOver: () => boolean;
    /** Hears of everything that is begun; that the rollout says no to it is no fault. */
    readonly quietly: (order: Promise<unknown>) => void;
  },
): void {
  const { rolloutId, answers, isOver, quietly } = about;
  const seen = new Set<string>();
  const look = async (): Promise<void> => {
    const { openGates } = await person.status(rolloutId);
    for (const { gate, answer, afterMs } of answers) {
      if (!openGates.includes(gate) || seen.has(gate) || answer === 'never') continue;
      seen.add(gate);
      clock.schedule(afterMs, () => {
        if (isOver()) return;
        const by = { by: 'Ada', reason: 'looked' };
        quietly(answer === 'yes' ? person.approve(rolloutId, gate, by) : person.reject(rolloutId, gate, by));
      });
    }
  };
  const again = (): void => {
    if (isOver()) return;
    quietly(look());
    clock.schedule(MINUTE, again);
  };
  clock.schedule(MINUTE, again);
}
