import { describe, expect, it } from 'vitest';
import type { BlueGreenOptions, OnTimeout } from '../../src/index.js';
import { ROLLOUT_ID } from '../helpers/crash.js';
import { atGate, atGreen, isAsBefore, isReleased, ORDER, pastPivot, timedOut } from '../helpers/timeouts.js';

describe('a process that dies right after it was decided', () => {
  /** The one who resumes has another policy: what was decided stands. */
  const other = { rollback: 'hold', fail: 'rollback', hold: 'fail' } as const;
  const ends = { rollback: 'rolled-back', fail: 'failed', hold: 'succeeded' } as const;

  for (const [where, story] of [
    ['at a step', atGreen],
    ['past the pivot', pastPivot],
  ] as const)
    for (const action of ['rollback', 'fail', 'hold'] as const)
      it(`${action}, ${where}: makes no difference`, async () => {
        await using rollout = await timedOut(story(action, { dies: 'timeout-decided' }));
        expect(rollout.first.outcome).toBe('suspended');
        const timeouts = action === 'hold' ? {} : { timeouts: { steps: { 'await-green': '5s' } } as const };
        const second = await rollout.resumed({ onTimeout: other[action], timeouts: {}, ...timeouts });
        const past = where === 'past the pivot' && action === 'rollback';
        expect(second.outcome).toBe(past ? 'failed' : ends[action]);
        expect(await rollout.decided()).toHaveLength(1);
        expect(rollout.watch.violations).toEqual([]);
        if (second.outcome === 'rolled-back') isAsBefore(rollout);
        if (second.outcome === 'failed')
          expect(await rollout.resumed({ timeouts: {} })).toMatchObject({ outcome: 'succeeded' });
        if (second.outcome !== 'rolled-back') isReleased(rollout);
      });

  for (const action of ['rollback', 'fail', 'hold'] as const)
    it(`${action}, in a gate: makes no difference`, async () => {
      await using rollout = await timedOut(atGate(action, { dies: 'timeout-decided' }));
      expect(rollout.first.outcome).toBe('suspended');
      const going = await rollout.process({ onTimeout: other[action] }).resume(ROLLOUT_ID);
      if (action === 'hold') await going.approve('go', { by: 'Ada' });
      expect((await going.result()).outcome).toBe(ends[action]);
      expect(await rollout.decided()).toHaveLength(1);
      if (action === 'rollback') isAsBefore(rollout);
    });
});

describe('policies that are functions with a name', () => {
  const askOps: OnTimeout = () => 'hold';

  it('are missed at a resume without them, unless that is allowed by name', async () => {
    await using rollout = await timedOut(atGreen(askOps));
    const without = { timeouts: {}, onTimeout: 'rollback' } as const;
    expect(await rollout.resumed(without)).toMatchObject({
      outcome: 'suspended',
      error: { code: 'HOOK_MISSING', details: { policies: ['onTimeout/askOps'] } },
    });
    const going = await rollout.process(without).resume(ROLLOUT_ID, { allowMissing: ['askOps'] });
    expect(await going.result()).toMatchObject({ outcome: 'succeeded' });
    isReleased(rollout);
  });

  it('are missed as timeouts too, and need not be there to take it back', async () => {
    const quick: NonNullable<BlueGreenOptions['timeouts']> = (question) =>
      question.scope === 'step' && question.stepId === 'await-green' ? 5_000 : question.derivedMs;
    await using rollout = await timedOut({ options: { timeouts: quick, onTimeout: 'hold' } });
    expect(await rollout.resumed({ timeouts: {} })).toMatchObject({
      error: { details: { policies: ['timeouts/quick'] } },
    });
    const other = rollout.process({ timeouts: {} });
    await other.abort(ROLLOUT_ID, ORDER);
    expect(await (await other.resume(ROLLOUT_ID)).result()).toMatchObject({ outcome: 'rolled-back' });
    isAsBefore(rollout);
  });
});
