import { describe, expect, it } from 'vitest';
import { gateStep, gateStepId } from '../../src/engine/gates.js';
import { NOTHING_HELD } from '../../src/engine/hold.js';
import type { JournalFact } from '../../src/engine/journal.js';
import { waitUntil } from '../../src/engine/wait-until.js';
import { contextOf, JumpClock, journalOf, startStep } from '../helpers/engine.js';
import { rejection } from '../helpers/release.js';

const gate = gateStep({
  name: 'go',
  before: 'PRE_SCALE_UP',
  withinMs: 60_000,
  onExpiry: 'unwind',
  evidence: 'optional',
  hold: { until: () => undefined, look: async () => NOTHING_HELD, inspect: async () => NOTHING_HELD },
});
const answer = (given: 'approved' | 'rejected', reason?: string): JournalFact => ({
  type: 'gate-answered',
  gate: 'go',
  answer: given,
  by: 'Ada',
  ...(reason === undefined ? {} : { reason }),
});

/** Waits at the gate; what is to be written comes at the second look. */
async function wait(...facts: readonly JournalFact[]): Promise<unknown> {
  const clock = new JumpClock();
  const journal = await journalOf(clock);
  await journal.append(startStep(gate.id));
  const due = [...facts];
  return waitUntil(gate, {
    journal,
    context: contextOf(journal, clock),
    withinMs: 60_000,
    polling: () => 20_000,
    random: () => 0,
    sleep: async (ms, signal) => {
      await clock.sleep(ms, signal);
      const fact = due.shift();
      if (fact !== undefined) await journal.append(fact);
    },
    onPivot: async () => {},
  });
}

describe('a gate', () => {
  it('stands in the journal as a step of its own, before its stage', () => {
    expect(gate).toMatchObject({ id: gateStepId('go'), stage: 'PRE_SCALE_UP', type: 'wait' });
  });

  it('opens when somebody approves, and remembers who and why', async () => {
    expect(await wait(answer('approved', 'looks fine'))).toEqual({ by: 'Ada', reason: 'looks fine' });
    expect(await wait(answer('approved'))).toEqual({ by: 'Ada', reason: null });
  });

  it('takes the release back when somebody says no', async () => {
    const error = await rejection(wait(answer('rejected', 'not today')));
    expect(error).toMatchObject({
      code: 'GATE_REJECTED',
      blame: 'operator',
      details: { by: 'Ada', reason: 'not today' },
    });
    expect(error.message).toContain('not today');
  });

  it('is opened by the first answer alone', async () => {
    expect(await wait(answer('approved'), answer('rejected', 'no'))).toMatchObject({ by: 'Ada' });
  });

  it('never opens by silence', async () => {
    expect(await rejection(wait())).toMatchObject({ code: 'GATE_EXPIRED', details: { gate: 'go', waitedMs: 60_000 } });
  });

  it('is not opened by the answer to another one', async () => {
    expect((await rejection(wait({ ...answer('approved'), gate: 'other' } as JournalFact))).code).toBe('GATE_EXPIRED');
  });
});
