import { describe, expect, it } from 'vitest';
import { gateStep } from '../../src/engine/gates.js';
import { shown } from '../../src/engine/gate-evidence.js';
import type { InspectedView } from '../../src/engine/hold.js';
import type { JournalEntry } from '../../src/engine/journal.js';
import { waitUntil } from '../../src/engine/wait-until.js';
import { contextOf, JumpClock, journalOf, startStep } from '../helpers/engine.js';
import { rejection } from '../helpers/release.js';

const HOUR_MS = 3_600_000;
const LOOK_MS = 30_000;

interface Stood {
  readonly entries: readonly JournalEntry[];
  readonly code: string;
}

/** Nobody answers for so long; at every look the gate sees what is given for its number. */
async function stand(hours: number, seen: (look: number) => InspectedView): Promise<Stood> {
  const clock = new JumpClock();
  let look = 0;
  const gate = gateStep({
    name: 'go',
    before: 'BAKE_TIME',
    withinMs: hours * HOUR_MS,
    onExpiry: 'unwind',
    evidence: 'required',
    hold: { until: () => undefined, look: async () => ({}), inspect: async () => seen((look += 1)) },
  });
  const journal = await journalOf(clock);
  await journal.append(startStep(gate.id));
  const { code } = await rejection(
    waitUntil(gate, {
      journal,
      context: contextOf(journal, clock),
      withinMs: hours * HOUR_MS,
      polling: ({ remainingMs }) => Math.min(LOOK_MS, remainingMs),
      random: () => 0,
      sleep: (ms, signal) => clock.sleep(ms, signal),
      onPivot: async () => {},
    }),
  );
  return { entries: journal.entries, code };
}

const factsIn = ({ entries }: Stood): readonly unknown[] =>
  entries.flatMap((entry) => (entry.type === 'step-observed' ? [entry.facts] : []));

describe('the evidence of a gate', () => {
  it('has a hash that tells situations apart, and not the order in which they are told', () => {
    expect(shown({ a: 1, b: [1, 2] }).hash).toBe(shown({ b: [1, 2], a: 1 }).hash);
    expect(shown({ a: 1 }).hash).not.toBe(shown({ a: 2 }).hash);
  });

  it('is written down once while nothing changes', async () => {
    const stood = await stand(48, () => ({ evidence: { healthy: 3 } }));
    expect(stood.code).toBe('GATE_EXPIRED');
    expect(factsIn(stood)).toEqual([shown({ healthy: 3 })]);
  });

  it('does not fill the journal of a gate of two days when it flaps at every look', async () => {
    const stood = await stand(48, (look) => ({ evidence: { healthy: look % 2 } }));
    expect(stood.entries.length).toBeLessThan(100);
    // The first changes stand there as they come, and later ones still.
    expect(stood.entries.length).toBeGreaterThan(40);
  });

  it('is written down at once when it changes after a long time', async () => {
    const stood = await stand(12, (look) => ({ evidence: { healthy: look < 600 ? 3 : 2 } }));
    const [, changed] = stood.entries.filter(({ type }) => type === 'step-observed');
    const started = stood.entries.find(({ type }) => type === 'step-started');
    expect((changed?.at ?? 0) - (started?.at ?? 0)).toBe(599 * LOOK_MS);
  });

  it('is kept as it was shown last when it cannot be looked at for once', async () => {
    const stood = await stand(1, (look) => (look % 2 === 0 ? {} : { evidence: { healthy: 3 } }));
    expect(factsIn(stood)).toHaveLength(1);
  });
});
