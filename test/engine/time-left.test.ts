import { describe, expect, it } from 'vitest';
import type { JournalFact } from '../../src/engine/journal.js';
import { STAGES } from '../../src/engine/stages.js';
import { budgetOf, givesUpAt, undisturbedMs } from '../../src/engine/time-left.js';
import { fixedTimeouts, type FixedTimeoutsOptions } from '../../src/policies/fixed-timeouts.js';
import {
  contextOf,
  doneStep,
  effectStep,
  JumpClock,
  journalOf,
  planOf,
  startedFact,
  startStep,
  waitStep,
} from '../helpers/engine.js';

const plan = planOf([
  effectStep('enter'),
  waitStep('first'),
  waitStep('between', { stage: 'BAKE_TIME' }),
  waitStep('second'),
]);
const started = [startedFact(plan), { type: 'driver-started', driver: 'd1', resumed: false }] as const;

/** Facts with pauses between them, in milliseconds. */
async function after(timeouts: FixedTimeoutsOptions, ...told: ReadonlyArray<JournalFact | number>) {
  const clock = new JumpClock();
  const journal = await journalOf(clock, { facts: started });
  for (const fact of told) {
    if (typeof fact === 'number') clock.pass(fact);
    else await journal.append(fact);
  }
  const ground = { plan, journal, timeout: fixedTimeouts(timeouts) };
  const step = (id: string) => waitStep(id, { stage: plan.steps.find((each) => each.id === id)?.stage ?? 'SCALE_UP' });
  return {
    ground,
    now: () => clock.now(),
    budget: (id: string, direction: 'forward' | 'undo' = 'forward') =>
      budgetOf(ground, step(id), contextOf(journal, clock, { direction })),
    endsAt: (id: string) => givesUpAt(ground, step(id), contextOf(journal, clock)),
  };
}

const SCALE_UP = { stages: { SCALE_UP: 100_000 } } as const;

describe('the budget of a stage', () => {
  it('is shared by its steps, from the start of the first one on', async () => {
    const begun = await after(SCALE_UP, startStep('enter'), 70_000, doneStep('enter'));
    expect(begun.budget('first')).toEqual({ withinMs: 30_000, stageMs: 100_000 });
    const later = await after(SCALE_UP, startStep('enter'), 20_000, doneStep('enter'), startStep('first'), 9_000);
    // Its own limit comes first: a minute.
    expect(later.budget('first')).toEqual({ withinMs: 60_000 });
    expect(later.budget('second')).toEqual({ withinMs: 60_000 });
  });

  it('counts what other stages take in between, and no time before its own first step', async () => {
    const waited = await after(SCALE_UP, startStep('between'), 500_000);
    expect(waited.budget('first')).toEqual({ withinMs: 60_000 });
    const between = await after(SCALE_UP, startStep('enter'), startStep('between'), 80_000);
    expect(between.budget('second')).toEqual({ withinMs: 20_000, stageMs: 100_000 });
    expect(between.budget('between')).toEqual({ withinMs: 60_000 });
  });

  it('is none once it is used up, and never less', async () => {
    const over = await after(SCALE_UP, startStep('enter'), 800_000);
    expect(over.budget('first')).toEqual({ withinMs: 0, stageMs: 100_000 });
  });

  it('stands still while nobody drives', async () => {
    const suspended = await after(
      SCALE_UP,
      startStep('enter'),
      70_000,
      { type: 'driver-stopped', driver: 'd1', because: 'the evening' },
      5_000_000,
      { type: 'driver-started', driver: 'd2', resumed: true },
    );
    expect(suspended.budget('first')).toEqual({ withinMs: 30_000, stageMs: 100_000 });
  });

  it('is nothing to the way back', async () => {
    const over = await after(SCALE_UP, startStep('enter'), 800_000);
    expect(over.budget('first', 'undo')).toEqual({ withinMs: 60_000 });
  });

  it('without a limit leaves every step its own', async () => {
    const calm = await after({}, startStep('enter'), 800_000);
    for (const { id } of plan.steps) expect(calm.budget(id)).toEqual({ withinMs: 60_000 });
    expect(STAGES).toContain('SCALE_UP');
  });
});

describe('when a wait gives up', () => {
  it('is when its own time, its stage’s or the rollout’s is up, whichever comes first', async () => {
    const own = await after({}, startStep('enter'));
    expect(own.endsAt('first')).toBe(own.now() + 60_000);
    const stage = await after({ stages: { SCALE_UP: 30_000 } }, startStep('enter'), 10_000);
    expect(stage.endsAt('first')).toBe(stage.now() + 20_000);
    const rollout = await after({}, plan.withinMs - 5_000);
    expect(rollout.endsAt('first')).toBe(rollout.now() + 5_000);
    expect(undisturbedMs(rollout.ground, 'forward')).toBe(5_001);
  });

  it('is not the rollout’s time any more past the pivot', async () => {
    const past = await after({}, plan.withinMs - 5_000, { type: 'pivot-passed', fact: 'blue is gone' });
    expect(past.endsAt('first')).toBe(past.now() + 60_000);
    expect(undisturbedMs(past.ground, 'forward')).toBe(Infinity);
  });
});
