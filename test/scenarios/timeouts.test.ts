import { describe, expect, it } from 'vitest';
import { BlueGreen, type BlueGreenOptions, type OnTimeout, type TimedOut } from '../../src/index.js';
import { ROLLOUT_ID, latch } from '../helpers/crash.js';
import {
  atGate,
  atGreen,
  begins,
  isAsBefore,
  isReleased,
  ORDER,
  pastPivot,
  timedOut,
  type TimedOutStory,
} from '../helpers/timeouts.js';

type OnTimeoutOption = NonNullable<BlueGreenOptions['onTimeout']>;

const differing = (lines: ReadonlyArray<{ readonly what: string; readonly verdict: string }>): readonly string[] =>
  lines.filter(({ verdict }) => verdict === 'differs').map(({ what }) => what);

describe('a step whose time is up before the pivot', () => {
  it('rollback: is taken back', async () => {
    await using rollout = await timedOut(atGreen('rollback'));
    expect(rollout.first).toMatchObject({ outcome: 'rolled-back', error: { code: 'STEP_TIMED_OUT' } });
    expect(await rollout.decided()).toMatchObject([{ action: 'rollback', scope: 'step', by: 'onTimeout' }]);
    isAsBefore(rollout);
  });

  it('fail: stops, touches nothing, and the receipt says what stands; resume goes on', async () => {
    await using rollout = await timedOut(atGreen('fail'));
    const { first, cloud } = rollout;
    expect(first).toMatchObject({ outcome: 'failed', error: { code: 'STEP_TIMED_OUT', stepId: 'await-green' } });
    expect(first.receipt.pivotPassedAt).toBeUndefined();
    expect(differing(first.receipt.lines)).toContain('deployment mode');
    expect(rollout.sent()).toEqual(['spot enterDeploymentMode']);
    expect(cloud.snapshot().serving).toMatchObject({ blue: 2 });
    expect(await rollout.resumed({ timeouts: {} })).toMatchObject({ outcome: 'succeeded' });
    isReleased(rollout);
  });

  it('fail: an order to abort has whoever resumes take it back', async () => {
    await using rollout = await timedOut(atGreen('fail'));
    expect(await rollout.process().abort(ROLLOUT_ID, ORDER)).toBe('unwinding');
    expect(await rollout.resumed()).toMatchObject({ outcome: 'rolled-back', error: { code: 'ABORTED' } });
    isAsBefore(rollout);
  });

  it('fail: fails again where its time is up again, and loses nothing by that', async () => {
    await using rollout = await timedOut(atGreen('fail', { tale: { timings: { launchMs: 600_000 } } }));
    expect(await rollout.resumed()).toMatchObject({ outcome: 'failed', error: { code: 'STEP_TIMED_OUT' } });
    expect(await rollout.decided()).toHaveLength(2);
    expect(await rollout.resumed({ onTimeout: 'rollback' })).toMatchObject({ outcome: 'rolled-back' });
    isAsBefore(rollout);
  });

  it('hold: is suspended, says so, and goes on with a new budget', async () => {
    await using rollout = await timedOut(atGreen('hold'));
    const { first, events } = rollout;
    expect(first).toMatchObject({ outcome: 'suspended', error: { code: 'STEP_TIMED_OUT' } });
    expect(first.error?.hint).toContain('resume goes on with a new budget');
    expect(events.find(({ name }) => name === 'rollout:timeout:decided')).toMatchObject({ level: 'warn' });
    const other = rollout.process({ timeouts: {} });
    expect(await other.status(ROLLOUT_ID)).toMatchObject({ outcome: 'suspended', error: { code: 'STEP_TIMED_OUT' } });
    expect(rollout.sent()).toEqual(['spot enterDeploymentMode']);
    const going = await other.resume(ROLLOUT_ID);
    expect(await going.result()).toMatchObject({ outcome: 'succeeded' });
    expect((await going.result()).error).toBeUndefined();
    expect(rollout.events.filter((event) => begins(event, 'await-green'))).toHaveLength(2);
    isReleased(rollout);
  });

  it('hold: an order to abort takes it back', async () => {
    await using rollout = await timedOut(atGreen('hold'));
    expect(await rollout.process().abort(ROLLOUT_ID, ORDER)).toBe('unwinding');
    expect(await rollout.resumed()).toMatchObject({ outcome: 'rolled-back' });
    isAsBefore(rollout);
  });

  it('hold: ends as it was before where nothing had been sent yet', async () => {
    const story = atGate('hold', {
      spec: { gates: [{ name: 'early', before: 'PRE_SCALE_UP', expiresIn: '5h' }] },
    });
    await using rollout = await timedOut(story);
    expect(rollout.first).toMatchObject({ outcome: 'suspended', error: { code: 'ROLLOUT_TIMED_OUT' } });
    await rollout.process().abort(ROLLOUT_ID, ORDER);
    expect(await rollout.resumed()).toMatchObject({ outcome: 'rolled-back' });
    expect(rollout.sent()).toEqual([]);
  });
});

describe('a rollout whose time is up while a gate is open', () => {
  it('rollback: is taken back', async () => {
    await using rollout = await timedOut(atGate('rollback'));
    expect(rollout.first).toMatchObject({ outcome: 'rolled-back', error: { code: 'ROLLOUT_TIMED_OUT' } });
    isAsBefore(rollout);
  });

  for (const action of ['fail', 'hold'] as const)
    it(`${action}: leaves the gate open, and resume waits for its answer with a new budget`, async () => {
      await using rollout = await timedOut(atGate(action));
      const outcome = action === 'fail' ? 'failed' : 'suspended';
      expect(rollout.first).toMatchObject({ outcome, error: { code: 'ROLLOUT_TIMED_OUT' } });
      expect(await rollout.decided()).toMatchObject([{ action, scope: 'rollout' }]);
      expect(rollout.cloud.snapshot().serving).toEqual({ blue: 2, green: 0, other: 0 });
      const other = rollout.process();
      const going = await other.resume(ROLLOUT_ID);
      const isGoing = action === 'fail' ? 'rollout:retry:started' : 'rollout:drive:started';
      for await (const { name, data } of going.events())
        if (name === isGoing && (data as { resumed?: boolean }).resumed !== false) break;
      expect(going.status()).toMatchObject({ outcome: 'running', openGates: ['go'] });
      await going.approve('go', { by: 'Ada' });
      expect(await going.result()).toMatchObject({ outcome: 'succeeded' });
      isReleased(rollout);
    });
});

describe('a step whose time is up past the pivot', () => {
  for (const action of ['rollback', 'fail'] as const)
    it(`${action}: stops, with green serving; resume goes on`, async () => {
      await using rollout = await timedOut(pastPivot(action));
      expect(rollout.first).toMatchObject({ outcome: 'failed', error: { code: 'STEP_TIMED_OUT' } });
      expect(rollout.first.receipt.pivotPassedAt).toBeDefined();
      expect(rollout.cloud.snapshot().serving).toMatchObject({ green: 2 });
      expect(await rollout.resumed({ timeouts: {} })).toMatchObject({ outcome: 'succeeded' });
      isReleased(rollout);
    });

  it('hold: is suspended, and goes on; an order to abort comes too late', async () => {
    await using rollout = await timedOut(pastPivot('hold'));
    expect(rollout.first).toMatchObject({ outcome: 'suspended', error: { code: 'STEP_TIMED_OUT' } });
    expect(await rollout.process().abort(ROLLOUT_ID, ORDER)).toBe('too-late');
    expect(await rollout.resumed({ timeouts: {} })).toMatchObject({ outcome: 'succeeded' });
    isReleased(rollout);
  });
});

describe('a stage whose time is up', () => {
  const stages = (onTimeout: OnTimeoutOption): TimedOutStory => ({
    options: { timeouts: { stages: { SCALE_UP: '25s' } }, onTimeout },
  });

  it('ends at whichever step has the bad luck, and says whose time it was', async () => {
    await using rollout = await timedOut(stages('rollback'));
    const { error, outcome } = rollout.first;
    expect([outcome, error?.code]).toEqual(['rolled-back', 'STAGE_TIMED_OUT']);
    expect(error?.message).toContain('the 25000 ms of SCALE_UP');
    expect(await rollout.decided()).toMatchObject([{ action: 'rollback', scope: 'stage', stage: 'SCALE_UP' }]);
    isAsBefore(rollout);
  });

  it('is given all its time again when it was held', async () => {
    await using rollout = await timedOut(stages('hold'));
    expect(rollout.first).toMatchObject({ outcome: 'suspended', error: { code: 'STAGE_TIMED_OUT' } });
    for (let times = 0; times < 5; times += 1) {
      const { outcome } = await rollout.resumed();
      if (outcome === 'succeeded') return isReleased(rollout);
      expect(outcome).toBe('suspended');
    }
    throw new Error('it came to no end');
  });
});

describe('a function that decides', () => {
  it('is asked each time, with what was seen, and stands in the journal by its name', async () => {
    const asked: TimedOut[] = [];
    const patientOnce: OnTimeout = async (timeout) => {
      asked.push(timeout);
      return timeout.timesHeld === 0 ? 'hold' : 'rollback';
    };
    await using rollout = await timedOut(atGreen(patientOnce, { tale: { timings: { launchMs: 600_000 } } }));
    expect(rollout.first.outcome).toBe('suspended');
    expect(await rollout.resumed()).toMatchObject({ outcome: 'rolled-back' });
    const facts = {
      rolloutId: ROLLOUT_ID,
      kind: 'elastigroup',
      scope: 'step',
      stepId: 'await-green',
      stage: 'SCALE_UP',
    };
    expect(asked).toMatchObject([
      { ...facts, timesHeld: 0, pivotPassed: false, error: { code: 'STEP_TIMED_OUT' } },
      { ...facts, timesHeld: 1 },
    ]);
    expect((await rollout.decided()).map(({ action, by }) => [action, by])).toEqual([
      ['hold', 'onTimeout patientOnce'],
      ['rollback', 'onTimeout patientOnce'],
    ]);
    isAsBefore(rollout);
  });

  it('is told that the pivot is passed', async () => {
    const asked: TimedOut[] = [];
    const note: OnTimeout = (timeout) => (asked.push(timeout), 'hold');
    await using rollout = await timedOut(pastPivot(note));
    expect(asked).toMatchObject([{ pivotPassed: true, stepId: 'await-blue-retired', stage: 'CLEAN_UP' }]);
    expect(await rollout.resumed({ timeouts: {} })).toMatchObject({ outcome: 'succeeded' });
  });

  const noAnswers: ReadonlyArray<readonly [string, OnTimeout, string]> = [
    ['throws', () => Promise.reject(new Error('no idea')), 'threw Error: no idea'],
    ['says nothing', () => new Promise(() => {}), 'did not answer within 30000 ms'],
    ['says something else', () => 'wait' as 'hold', 'answered "wait"'],
  ];
  it.each(noAnswers)('and %s has it taken back', async (_title, onTimeout, because) => {
    await using rollout = await timedOut(atGreen(onTimeout));
    expect(rollout.first.outcome).toBe('rolled-back');
    expect(await rollout.decided()).toMatchObject([{ action: 'rollback', because: expect.stringContaining(because) }]);
    isAsBefore(rollout);
  });

  it('is asked again by whoever resumes, where the process stopped while it thought', async () => {
    const thinking = latch();
    const think: OnTimeout = () => (thinking.open(), new Promise(() => {}));
    const story = atGreen(think, {
      onEvent: (event, _cloud, blueGreen) => {
        if (event.name === 'step:run:failed') void thinking.opened.then(() => blueGreen.suspend());
      },
    });
    await using rollout = await timedOut(story);
    expect(rollout.first.outcome).toBe('suspended');
    expect(await rollout.decided()).toEqual([]);
    const think2: OnTimeout = () => 'rollback';
    Object.defineProperty(think2, 'name', { value: 'think' });
    expect(await rollout.resumed({ onTimeout: think2 })).toMatchObject({ outcome: 'rolled-back' });
    expect(await rollout.decided()).toHaveLength(1);
    isAsBefore(rollout);
  });
});

describe('the option', () => {
  it.each<[object, string]>([
    [{ onTimeout: 'wait' }, 'onTimeout: found "wait"; allowed is rollback, fail, hold, a function'],
    [{ onTimeout: 7 }, 'onTimeout: found 7'],
    [{ onTimeout: 'hold' }, 'onTimeout: found hold without a store'],
  ])('refuses %j', (options, message) => {
    expect(() => new BlueGreen(options)).toThrow(message);
  });
});
