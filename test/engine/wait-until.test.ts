import { beforeEach, describe, expect, it } from 'vitest';
import type { RolloutJournal } from '../../src/engine/rollout-journal.js';
import type { Look, Verdict, WaitStep } from '../../src/engine/step.js';
import { waitUntil, type WaitEnvironment } from '../../src/engine/wait-until.js';
import { BlueGreenError } from '../../src/errors/blue-green-error.js';
import { cloudError, contextOf, JumpClock, journalOf, startStep, typesOf, waitStep } from '../helpers/engine.js';
import { ManualClock, settle } from '../policies/manual-clock.js';
import { rejection } from '../helpers/release.js';

const EVERY_MS = 10_000;

describe('waiting until something has come about', () => {
  let clock: JumpClock;
  let journal: RolloutJournal;
  beforeEach(async () => {
    clock = new JumpClock();
    journal = await journalOf(clock);
    await journal.append(startStep('await'));
  });

  const run = (step: Partial<WaitStep>, more: Partial<WaitEnvironment> = {}): Promise<unknown> =>
    waitUntil(waitStep('await', step), {
      journal,
      context: contextOf(journal, clock),
      withinMs: 60_000,
      polling: () => EVERY_MS,
      random: () => 0,
      sleep: (ms, signal) => clock.sleep(ms, signal),
      onPivot: async () => {},
      ...more,
    });
  const judged = (judge: (look: Look, n: number) => Verdict): Pick<WaitStep, 'judge'> => {
    let n = 0;
    return { judge: (_seen, look) => judge(look, (n += 1)) };
  };
  const observations = () => journal.entries.filter(({ type }) => type === 'step-observed');

  it('ends with what was found ready', async () => {
    expect(await run(judged((_look, n) => (n < 3 ? { pending: 'not yet' } : { ready: 7 })))).toBe(7);
    expect(clock.slept).toEqual([EVERY_MS, EVERY_MS]);
  });

  it('ends with what was found to have failed', async () => {
    const failed = new BlueGreenError('GREEN_LOST', 'gone');
    expect(await rejection(run(judged(() => ({ failed }))))).toBe(failed);
  });

  it('says on timeout what was seen, how often, and last', async () => {
    const error = await rejection(run(judged((_look, n) => ({ pending: n <= 4 ? '3 unhealthy' : '1 unhealthy' }))));
    expect(error).toMatchObject({
      code: 'STEP_TIMED_OUT',
      stepId: 'await',
      details: { looks: 7, last: '1 unhealthy', seen: { '3 unhealthy': 4, '1 unhealthy': 3 } },
    });
    expect(error.message).toBe(
      'do await: 60000 ms passed; 7 looks saw "3 unhealthy" ×4, "1 unhealthy" ×3; last "1 unhealthy"',
    );
  });

  it('says where it was its stage whose time was up', async () => {
    const error = await rejection(
      run(
        judged(() => ({ pending: 'no' })),
        { withinMs: 10_000, stageMs: 90_000 },
      ),
    );
    expect(error).toMatchObject({
      code: 'STAGE_TIMED_OUT',
      stepId: 'await',
      details: { withinMs: 10_000, stage: 'SCALE_UP', stageMs: 90_000, looks: 2 },
    });
    expect(error.message).toContain('10000 ms passed, and with them the 90000 ms of SCALE_UP; 2 looks');
  });

  it('looks once, and well, where no time is left at all', async () => {
    let looks = 0;
    const observe = async () => {
      looks += 1;
      if (looks === 1) throw cloudError({ kind: 'throttled', acted: 'no' });
    };
    expect(await run({ observe, ...judged(() => ({ ready: 'seen' })) }, { withinMs: 0 })).toBe('seen');
  });

  it('looks for the last time at the deadline, neither before nor after it', async () => {
    const looks: Array<[number, boolean]> = [];
    const note = judged((look) => (looks.push([look.elapsedMs, look.last]), { pending: 'no' }));
    await rejection(run(note, { withinMs: 25_000 }));
    expect(looks).toEqual([
      [0, false],
      [10_000, false],
      [20_000, false],
      [25_000, true],
    ]);
  });

  it('still takes what is ready at the last look', async () => {
    expect(await run(judged((look) => (look.last ? { ready: 'just in time' } : { pending: 'no' })))).toBe(
      'just in time',
    );
  });

  it('looks through passing trouble, and counts it', async () => {
    let looks = 0;
    const observe = async () => {
      looks += 1;
      if (looks <= 2) throw cloudError({ kind: 'unavailable', acted: 'no' });
    };
    expect(await run({ observe })).toBeNull();
    expect(observations()).toMatchObject([{ saw: expect.stringContaining('could not look') as string }]);
  });

  it('sets no deadline before one good look: trouble alone does not time out', async () => {
    // As after a resume: the step's own time was up long ago, by the journal.
    clock.pass(65_000);
    let looks = 0;
    const observe = async () => {
      looks += 1;
      if (looks === 1) throw cloudError({ kind: 'throttled', acted: 'no' });
    };
    expect(await run({ observe, ...judged(() => ({ ready: 'seen' })) })).toBe('seen');
  });

  it('gives up when after twice its time nothing could be seen at all', async () => {
    const observe = () => Promise.reject(cloudError({ kind: 'unavailable', acted: 'no' }));
    const startedAt = clock.now();
    expect((await rejection(run({ observe }))).code).toBe('STEP_TIMED_OUT');
    expect(clock.now() - startedAt).toBe(120_000);
  });

  it.each<[string, Error]>([
    ['a refusal', cloudError({ kind: 'denied', acted: 'no' })],
    ['a fault of its own', new TypeError('x is not a function')],
  ])('does not look through %s', async (_title, error) => {
    await expect(run({ observe: () => Promise.reject(error) })).rejects.toBe(error);
  });

  describe('on the way back', () => {
    const denied = cloudError({ kind: 'denied', acted: 'no' });
    const goBack = (step: Partial<WaitStep>, withinMs = 3_600_000): Promise<unknown> =>
      run(step, { withinMs, context: contextOf(journal, clock, { direction: 'undo' }) });

    it('asks again for what was denied', async () => {
      let asked = 0;
      const observe = () => ((asked += 1) <= 20 ? Promise.reject(denied) : Promise.resolve(asked));
      expect(await goBack({ observe, ...judged(() => ({ ready: 'seen' })) })).toBe('seen');
      expect(asked).toBe(21);
    });

    it('gives up when it was denied for five minutes', async () => {
      const startedAt = clock.now();
      await expect(goBack({ observe: () => Promise.reject(denied) })).rejects.toBe(denied);
      expect(clock.now() - startedAt).toBe(5 * 60_000);
    });

    it('counts those minutes anew once it was let look', async () => {
      let asked = 0;
      const observe = () => ((asked += 1) % 20 === 0 ? Promise.resolve(asked) : Promise.reject(denied));
      const step = { observe, ...judged((_look, n) => (n < 4 ? { pending: 'not yet' } : { ready: 'seen' })) };
      expect(await goBack(step)).toBe('seen');
      expect(asked).toBe(80);
    });
  });

  it('writes down a change of what it sees, and no repeat', async () => {
    const saw = ['a', 'a', 'b', 'b', 'a'];
    await run(judged((_look, n) => (n > saw.length ? { ready: null } : { pending: saw[n - 1]! })));
    expect(observations()).toMatchObject([{ saw: 'a' }, { saw: 'b' }, { saw: 'a' }]);
  });

  it('writes down a change of what it wants to remember, and gives it to the next look', async () => {
    const memos: unknown[] = [];
    await run(
      judged((look, n) => {
        memos.push(look.memo);
        return n > 3 ? { ready: null } : { pending: 'same', memo: { since: n < 3 ? 1 : 2 } };
      }),
    );
    expect(memos).toEqual([undefined, { since: 1 }, { since: 1 }, { since: 2 }]);
    expect(observations()).toMatchObject([{ memo: { since: 1 } }, { memo: { since: 2 } }]);
  });

  it('remembers through trouble what it had noted before', async () => {
    let looks = 0;
    const memos: unknown[] = [];
    await run({
      observe: async () => {
        looks += 1;
        if (looks === 2) throw cloudError({ kind: 'unavailable', acted: 'no' });
      },
      ...judged((look, n) => (memos.push(look.memo), n > 1 ? { ready: null } : { pending: 'x', memo: 5 })),
    });
    expect(memos).toEqual([undefined, 5]);
  });

  it('does not count the time in which nobody drove', async () => {
    await journal.append({ type: 'driver-stopped', driver: 'd1', because: 'the evening' });
    clock.pass(24 * 3_600_000);
    await journal.append({ type: 'driver-started', driver: 'd2', resumed: true });
    const elapsed: number[] = [];
    await run(judged((look) => (elapsed.push(look.elapsedMs), { ready: null })));
    expect(elapsed).toEqual([0]);
  });

  it('tells of a pivot before it takes the verdict', async () => {
    const facts: string[] = [];
    await run(
      judged(() => ({ pivot: 'Succeeded', ready: null })),
      { onPivot: async (fact) => void facts.push(fact) },
    );
    expect(facts).toEqual(['Succeeded']);
  });

  it('tells the polling policy what it needs, and never looks more often than four times a second', async () => {
    const asked: object[] = [];
    const polling = (question: object) => (asked.push(question), 0);
    await run(
      judged((_look, n) => (n > 2 ? { ready: null } : { pending: 'x', urgent: n === 2 })),
      { polling },
    );
    expect(asked).toMatchObject([
      { stepId: 'await', looks: 1, elapsedMs: 0, remainingMs: 60_000, urgent: false },
      { looks: 2, elapsedMs: 250, sinceChangeMs: 250, urgent: true },
    ]);
    expect(clock.slept).toEqual([250, 250]);
  });

  it('looks again sooner when the verdict asks for it', async () => {
    await run(judged((_look, n) => (n > 1 ? { ready: null } : { pending: 'x', lookAgainInMs: 3_000 })));
    expect(clock.slept).toEqual([3_000]);
  });

  it('ends in its sleep when it is aborted, without another look', async () => {
    const manual = new ManualClock();
    const order = new AbortController();
    let looks = 0;
    const observe = async () => void (looks += 1);
    const waiting = run(
      { observe, ...judged(() => ({ pending: 'x' })) },
      {
        context: contextOf(journal, clock, { signal: order.signal }),
        sleep: (ms, signal) => manual.sleep(ms, signal),
      },
    ).catch((reason: unknown) => reason);
    await settle();
    expect(manual.sleeping).toBe(1);
    order.abort('stop');
    expect(await waiting).toBe('stop');
    expect([looks, manual.sleeping]).toEqual([1, 0]);
  });

  it('does not look at all when it was aborted before', async () => {
    const signal = AbortSignal.abort('before');
    let looks = 0;
    const waiting = run({ observe: async () => void (looks += 1) }, { context: contextOf(journal, clock, { signal }) });
    await expect(waiting).rejects.toBe('before');
    expect([looks, typesOf(journal).length]).toEqual([0, 3]);
  });
});
