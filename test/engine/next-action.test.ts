import { describe, expect, it } from 'vitest';
import type { JournalFact } from '../../src/engine/journal.js';
import { nextAction, type Action } from '../../src/engine/next-action.js';
import type { ReceiptLine } from '../../src/engine/receipt.js';
import type { Json } from '../../src/internal/json.js';
import { BlueGreenError } from '../../src/errors/blue-green-error.js';
import {
  doneStep,
  effectStep,
  failStep,
  intend,
  planOf,
  readStep,
  startStep,
  stateOf,
  waitStep,
} from '../helpers/engine.js';

const unenter = readStep('unenter');
const unrelease = readStep('unrelease');
const plan = planOf([
  readStep('look'),
  effectStep('enter', { undo: [unenter] }),
  waitStep('maybe', { when: () => false }),
  effectStep('release', { undo: [unrelease] }),
  waitStep('await'),
]);
const because = new BlueGreenError('ABORTED', 'enough').toJSON();
const abort: JournalFact = { type: 'abort-ordered', by: 'Ada', reason: 'enough' };
const unwind: JournalFact = { type: 'unwinding-started', error: because };
const pivot: JournalFact = { type: 'pivot-passed', fact: 'blue is gone' };
const answered: JournalFact = { type: 'operation-done', key: 'enter', how: 'answered', result: null };
const entered = [doneStep('look'), startStep('enter'), intend('enter'), answered, doneStep('enter')];
const wentOut = [...entered, startStep('release'), intend('release')];

function next(facts: readonly JournalFact[], afterMs = 0, unsettledMs = (_key: string): number => 0): Action {
  const state = stateOf(plan, ...facts);
  return nextAction(plan, state, state.lastEntryAt + afterMs, unsettledMs);
}

/** What is to be done, in a word or two. */
function brief(action: Action): string {
  switch (action.do) {
    case 'run':
    case 'undo':
      return `${action.do} ${action.step.id}`;
    case 'skip':
      return `skip ${action.step.id} ${action.direction}`;
    case 'settle':
      return `settle ${action.forMs}`;
    case 'finish':
      return `finish ${action.outcome}`;
    default:
      return action.do;
  }
}

describe('the next action on the way forward', () => {
  it.each<[string, readonly JournalFact[], string]>([
    ['runs the first step of a fresh rollout', [], 'run look'],
    ['goes on with a step that was begun', [startStep('look')], 'run look'],
    ['runs the step after one that is done', [doneStep('look')], 'run enter'],
    ['skips a step whose condition does not hold', entered, 'skip maybe forward'],
    [
      'passes a step that was skipped',
      [...entered, { type: 'step-skipped', step: 'maybe', direction: 'forward' }],
      'run release',
    ],
    [
      'finishes when every step is done or skipped',
      [...entered, doneStep('maybe'), doneStep('release'), doneStep('await')],
      'finish succeeded',
    ],
    ['does nothing once it is finished', [{ type: 'finished', outcome: 'succeeded', lines: [] }], 'nothing'],
  ])('%s', (_title, facts, expected) => {
    expect(brief(next(facts))).toBe(expected);
  });
});

describe('the next action after something went wrong', () => {
  it.each<[string, readonly JournalFact[], string]>([
    ['refuses when a look said no before anything was sent', [failStep('look')], 'finish refused'],
    [
      'ends as rolled back when an abort came before anything was sent',
      [doneStep('look'), abort],
      'finish rolled-back',
    ],
    ['asks for the pivot before it goes back', [...entered, failStep('maybe')], 'judge-pivot'],
    ['asks for the pivot when somebody aborts', [...entered, abort], 'judge-pivot'],
    ['refuses an abort past the pivot', [...entered, pivot, abort], 'refuse-abort'],
    ['takes stock when a step fails past the pivot', [...entered, pivot, failStep('await')], 'undo take-stock'],
    ['goes on past the pivot when nothing failed', [...entered, pivot], 'skip maybe forward'],
  ])('%s', (_title, facts, expected) => {
    expect(brief(next(facts))).toBe(expected);
  });

  it('lets every call show what it did before anything is taken back, as long as the slowest of them takes', () => {
    const sent = [...wentOut, abort];
    const unsettled = new Map([
      ['enter', 8_000],
      ['release', 24_000],
    ]);
    expect(brief(next(sent, 0, (key) => unsettled.get(key) ?? 0))).toBe('settle 24000');
    expect(brief(next(sent, 0, () => 0))).toBe('judge-pivot');
    expect(brief(next(wentOut, 0, () => 24_000))).toBe(brief(next(wentOut)));
  });

  it('ends a rollout whose time is up, not counting the time that nobody drove it', () => {
    const up = next(entered, plan.withinMs);
    expect(up).toMatchObject({ do: 'decide-timeout', scope: 'rollout', because: { code: 'ROLLOUT_TIMED_OUT' } });
    const day = 24 * 3_600_000;
    const suspended = stateOf(
      plan,
      ...entered,
      { type: 'driver-stopped', driver: 'd1', because: 'the evening' },
      { type: 'driver-started', driver: 'd2', resumed: true, at: 1_000_000 + day },
    );
    expect(brief(nextAction(plan, suspended, suspended.lastEntryAt + 1_000, () => 0))).toBe('skip maybe forward');
    expect(next([...entered, pivot], plan.withinMs * 2).do).toBe('skip');
  });

  it('keeps the first failure as the reason', () => {
    const action = next([...entered, failStep('maybe'), abort]);
    expect(action).toMatchObject({ do: 'judge-pivot', because: { code: 'RELEASE_FAILED' } });
  });
});

describe('the next action when a time is up', () => {
  const late = new BlueGreenError('STEP_TIMED_OUT', 'too late', { stepId: 'maybe' }).toJSON();
  const timedOut: JournalFact = { type: 'step-failed', step: 'maybe', direction: 'forward', error: late };
  const decide = (action: 'rollback' | 'fail' | 'hold'): JournalFact => ({
    type: 'timeout-decided',
    action,
    scope: 'step',
    error: late,
    by: 'onTimeout',
  });
  const stopped: JournalFact = { type: 'finished', outcome: 'failed', lines: [] };
  const again: JournalFact = { type: 'driver-started', driver: 'd2', resumed: true };
  const up = [...entered, startStep('maybe'), timedOut];

  it.each<[string, readonly JournalFact[], string]>([
    ['asks what becomes of it before anything else', up, 'decide-timeout'],
    ['asks past the pivot too', [...entered, pivot, timedOut], 'decide-timeout'],
    ['asks before anything was sent too', [doneStep('look'), timedOut], 'decide-timeout'],
    ['goes back when that was said', [...up, decide('rollback')], 'judge-pivot'],
    ['goes back for an order to abort, whatever a policy would say', [...up, abort], 'judge-pivot'],
    ['goes back for an order to abort, whatever a policy has said', [...up, decide('fail'), abort], 'judge-pivot'],
    [
      'stops when that was said, and compares before it says so',
      [...up, decide('fail')],
      'undo take-stock/before-pivot',
    ],
    [
      'ends as failed then',
      [...up, decide('fail'), doneStep('take-stock/before-pivot', 'undo', { lines: [] })],
      'finish failed',
    ],
    ['ends as refused where nothing was sent', [doneStep('look'), timedOut, decide('fail')], 'finish refused'],
    ['takes stock past the pivot', [...entered, pivot, timedOut, decide('rollback')], 'undo take-stock'],
    ['holds when that was said', [...up, decide('hold')], 'hold'],
    [
      'holds past the pivot too, where an order comes too late',
      [...entered, pivot, timedOut, decide('hold'), abort],
      'hold',
    ],
    ['goes on with the step when somebody resumes', [...up, decide('hold'), again], 'run maybe'],
    [
      'goes on with the step when it had failed',
      [...up, decide('fail'), stopped, again, { type: 'taken-up-again' }],
      'run maybe',
    ],
    [
      'goes back when it had failed, and an order to abort came since',
      [...up, decide('fail'), stopped, abort, again, { type: 'taken-up-again' }],
      'judge-pivot',
    ],
    [
      'asks anew when the time is up once more',
      [...up, decide('hold'), again, startStep('maybe'), timedOut],
      'decide-timeout',
    ],
    [
      'gives the step another chance where the pivot was passed',
      [...up, decide('rollback'), { ...pivot, retries: 'maybe' }],
      'run maybe',
    ],
  ])('%s', (_title, facts, expected) => {
    expect(brief(next(facts))).toBe(expected);
  });

  it('gives the whole rollout its time again when it was held for that', () => {
    const error = new BlueGreenError('ROLLOUT_TIMED_OUT', 'too late').toJSON();
    const facts = [
      ...entered,
      { type: 'timeout-decided', action: 'hold', scope: 'rollout', error, by: 'onTimeout' },
    ] as const;
    expect(brief(next(facts, plan.withinMs))).toBe('hold');
    const resumed = [...facts, { ...again, at: 1_000_000 + 3 * plan.withinMs }] as const;
    expect(brief(next(resumed, plan.withinMs - 1_000))).toBe('skip maybe forward');
    expect(brief(next(resumed, plan.withinMs + 1_000))).toBe('decide-timeout');
  });
});

describe('the next action on the way back', () => {
  it.each<[string, readonly JournalFact[], string]>([
    ['undoes the last effect that began first', [...wentOut, unwind], 'undo unrelease'],
    ['undoes the effect before it then', [...wentOut, unwind, doneStep('unrelease', 'undo')], 'undo unenter'],
    ['does not undo what never began', [...entered, unwind], 'undo unenter'],
    ['verifies at the end', [...entered, unwind, doneStep('unenter', 'undo')], 'undo verify-restored'],
    [
      'verifies even when an undo failed, and undoes nothing more',
      [...wentOut, unwind, failStep('unrelease', 'undo')],
      'undo verify-restored',
    ],
    ['goes forward again when the pivot turns out to be passed', [...wentOut, unwind, pivot], 'skip maybe forward'],
    ['takes no second order', [...entered, unwind, abort], 'undo unenter'],
  ])('%s', (_title, facts, expected) => {
    expect(brief(next(facts))).toBe(expected);
  });

  const line = { what: 'target', subject: 'sig-1' } as const;
  const differs: ReceiptLine = { ...line, verdict: 'differs', expected: 3, found: 2, fix: 'set it' };
  it.each<[string, readonly ReceiptLine[], string]>([
    ['rolled back when everything is as before', [{ ...line, verdict: 'restored' }], 'finish rolled-back'],
    ['rolled back when the cloud itself took something', [{ ...line, verdict: 'lost-to-cloud' }], 'finish rolled-back'],
    ['failed when something differs', [{ ...line, verdict: 'restored' }, differs], 'finish failed'],
    [
      'failed when something could not be looked at',
      [{ ...line, verdict: 'not-checked', because: 'denied' }],
      'finish failed',
    ],
  ])('ends as %s', (_title, lines, expected) => {
    const verified = doneStep('verify-restored', 'undo', { lines: lines as unknown as Json });
    expect(brief(next([...entered, unwind, doneStep('unenter', 'undo'), verified]))).toBe(expected);
  });

  it('ends as failed, saying so, when the last look failed too', () => {
    const action = next([...entered, unwind, doneStep('unenter', 'undo'), failStep('verify-restored', 'undo')]);
    expect(action).toMatchObject({ do: 'finish', outcome: 'failed', lines: [{ verdict: 'not-checked' }] });
  });
});
