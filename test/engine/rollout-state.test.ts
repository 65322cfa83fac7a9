import { describe, expect, it } from 'vitest';
import type { JournalEntry, JournalFact } from '../../src/engine/journal.js';
import { applyEntry, foldJournal } from '../../src/engine/rollout-state.js';
import { BlueGreenError } from '../../src/errors/blue-green-error.js';
import { seededChance } from '../../src/testing/model/chance.js';
import { doneStep, entriesOf, failStep, intend, planOf, startedFact, startStep, stateOf } from '../helpers/engine.js';

const plan = planOf([]);
const error = new BlueGreenError('ABORTED', 'enough').toJSON();

/** One of each type that a journal can hold: the compiler sees to it that none is missing. */
const ONE_OF_EACH: { readonly [T in JournalFact['type']]: Extract<JournalFact, { readonly type: T }> } = {
  'rollout-started': startedFact(plan) as Extract<JournalFact, { type: 'rollout-started' }>,
  'driver-started': { type: 'driver-started', driver: 'd2', resumed: true },
  'driver-stopped': { type: 'driver-stopped', driver: 'd1', because: 'the evening' },
  'step-started': startStep('a') as Extract<JournalFact, { type: 'step-started' }>,
  'step-observed': { type: 'step-observed', step: 'a', direction: 'forward', saw: '2 of 3', memo: { since: 5 } },
  'step-done': doneStep('a', 'forward', { ids: ['i-1'] }),
  'step-skipped': { type: 'step-skipped', step: 'a', direction: 'forward' },
  'step-failed': failStep('a') as Extract<JournalFact, { type: 'step-failed' }>,
  'operation-intended': intend('op') as Extract<JournalFact, { type: 'operation-intended' }>,
  'operation-done': { type: 'operation-done', key: 'op', how: 'found', result: 'd-1' },
  'operation-refused': { type: 'operation-refused', key: 'op', error },
  'pivot-passed': { type: 'pivot-passed', fact: 'blue is gone' },
  'abort-ordered': { type: 'abort-ordered', by: 'Ada', reason: 'enough' },
  'gate-answered': { type: 'gate-answered', gate: 'go', answer: 'approved', by: 'Ada', reason: 'fine' },
  'gate-answer-refused': { type: 'gate-answer-refused', gate: 'go', by: 'Ada', because: 'something changed' },
  'abort-refused': { type: 'abort-refused', because: 'blue is gone' },
  'timeout-decided': { type: 'timeout-decided', action: 'hold', scope: 'step', error, by: 'onTimeout' },
  'unwinding-started': { type: 'unwinding-started', error },
  'taken-up-again': { type: 'taken-up-again' },
  warned: { type: 'warned', code: 'MAXIMUM_LOW', message: 'twice the target' },
  finished: { type: 'finished', outcome: 'failed', lines: [], error },
};

describe('the fold of a journal', () => {
  it.each<[JournalFact['type'], readonly JournalFact[], object]>([
    ['rollout-started', [], { rolloutId: 'r', kind: 'toy', targets: ['toy/1'], startedAt: 1_002_000 }],
    ['driver-started', [], { driver: 'd2', suspendedBecause: undefined }],
    ['driver-stopped', [], { driver: undefined, suspendedBecause: 'the evening' }],
    ['abort-ordered', [], { abort: { by: 'Ada', reason: 'enough' } }],
    ['abort-refused', [ONE_OF_EACH['abort-ordered']], { abort: undefined, abortRefused: 'blue is gone' }],
    ['timeout-decided', [], { timedOut: { action: 'hold', scope: 'step' }, timesHeld: 1 }],
    ['unwinding-started', [], { unwinding: { code: 'ABORTED' } }],
    ['warned', [], { warnings: [{ code: 'MAXIMUM_LOW' }] }],
    ['taken-up-again', [{ type: 'finished', outcome: 'failed', lines: [], error }], { finished: undefined }],
    ['finished', [], { driver: undefined, finished: { outcome: 'failed', error: { code: 'ABORTED' } } }],
    ['pivot-passed', [ONE_OF_EACH['unwinding-started']], { pivot: { fact: 'blue is gone' }, unwinding: undefined }],
  ])('takes in %s', (type, before, expected) => {
    expect(stateOf(plan, ...before, ONE_OF_EACH[type])).toMatchObject(expected);
  });

  it.each<[JournalFact['type'], readonly JournalFact[], object]>([
    ['step-started', [], { status: 'running' }],
    ['step-observed', [startStep('a')], { status: 'running', saw: '2 of 3', memo: { since: 5 } }],
    ['step-done', [startStep('a')], { status: 'done', output: { ids: ['i-1'] } }],
    ['step-skipped', [], { status: 'skipped' }],
    ['step-failed', [startStep('a')], { status: 'failed', error: { code: 'RELEASE_FAILED' } }],
  ])('takes in %s', (type, before, expected) => {
    expect(stateOf(plan, ...before, ONE_OF_EACH[type]).steps.get('a')).toMatchObject(expected);
  });

  it.each<[JournalFact['type'], object]>([
    ['operation-intended', { status: 'intended', driver: 'd1', intendedAt: 1_003_000 }],
    ['operation-done', { status: 'done', result: 'd-1' }],
    ['operation-refused', { status: 'refused' }],
  ])('takes in %s', (type, expected) => {
    expect(stateOf(plan, intend('op'), ONE_OF_EACH[type]).operations.get('op')).toMatchObject(expected);
  });

  it('lets the first answer at a gate stand', () => {
    const state = stateOf(plan, ONE_OF_EACH['gate-answered'], {
      ...ONE_OF_EACH['gate-answered'],
      answer: 'rejected',
      by: 'Bob',
    });
    expect(state.gates.get('go')).toMatchObject({ answer: 'approved', by: 'Ada', reason: 'fine' });
  });

  it('opens a gate again whose answer does not count, for another answer', () => {
    const refused = stateOf(plan, ONE_OF_EACH['gate-answered'], ONE_OF_EACH['gate-answer-refused']);
    expect(refused.gates.has('go')).toBe(false);
    const again = stateOf(plan, ONE_OF_EACH['gate-answered'], ONE_OF_EACH['gate-answer-refused'], {
      ...ONE_OF_EACH['gate-answered'],
      by: 'Bob',
      evidence: 'abc',
    });
    expect(again.gates.get('go')).toMatchObject({ by: 'Bob', evidence: 'abc' });
  });

  it('keeps the first pivot, and gives the step that had failed another chance', () => {
    const state = stateOf(
      plan,
      startStep('a'),
      failStep('a'),
      { type: 'pivot-passed', fact: 'first', retries: 'a' },
      { type: 'pivot-passed', fact: 'second' },
    );
    expect(state.pivot?.fact).toBe('first');
    expect(state.steps.get('a')).toMatchObject({ status: 'running' });
    expect(state.steps.get('a')?.error).toBeUndefined();
  });

  it('begins a held step anew: what it remembers stays, its clock does not', () => {
    const saw: JournalFact = { type: 'step-observed', step: 'a', direction: 'forward', saw: 'x', memo: { since: 7 } };
    const held = [startStep('a'), saw, failStep('a'), ONE_OF_EACH['timeout-decided']] as const;
    const resumed = stateOf(plan, ...held, { ...ONE_OF_EACH['driver-started'], at: 2_000_000 });
    expect(resumed.timedOut).toBeUndefined();
    expect(resumed.steps.get('a')).toMatchObject({ status: 'running', startedAt: 2_000_000, again: true, saw: 'x' });
    expect(resumed.steps.get('a')?.error).toBeUndefined();
    const begun = stateOf(plan, ...held, { ...ONE_OF_EACH['driver-started'], at: 2_000_000 }, startStep('a'));
    expect(begun.steps.get('a')).toMatchObject({ status: 'running', saw: 'x', memo: { since: 7 } });
    expect(begun.steps.get('a')).not.toHaveProperty('again');
    const anew = stateOf(plan, startStep('a'), saw, startStep('a')).steps.get('a');
    expect(anew).not.toHaveProperty('memo');
  });

  it('keeps the ways forward and back apart', () => {
    const state = stateOf(plan, doneStep('a'), startStep('a', 'undo'));
    expect(state.steps.get('a')?.status).toBe('done');
    expect(state.undone.get('a')?.status).toBe('running');
  });

  it('knows no operation of which only the end is told', () => {
    expect(stateOf(plan, ONE_OF_EACH['operation-done']).operations.size).toBe(0);
  });

  it.each<[string, readonly (JournalFact & { readonly at?: number })[], number]>([
    ['after an orderly stop', [{ ...ONE_OF_EACH['driver-stopped'], at: 1_010_000 }], 90_000],
    ['after a death that nobody wrote down', [{ ...startStep('a'), at: 1_010_000 }], 90_000],
    [
      'whatever orders came in meanwhile',
      [
        { ...ONE_OF_EACH['driver-stopped'], at: 1_010_000 },
        { ...ONE_OF_EACH['gate-answered'], at: 1_090_000 },
      ],
      90_000,
    ],
  ])('counts as suspended the time in which nobody drove, %s', (_title, facts, suspendedMs) => {
    expect(stateOf(plan, ...facts, { ...ONE_OF_EACH['driver-started'], at: 1_100_000 }).suspendedMs).toBe(
      // The second before the first driver besides.
      1_000 + suspendedMs,
    );
  });

  it('counts as suspended the time before the first driver', () => {
    const [started] = entriesOf([startedFact(plan)]);
    const state = foldJournal([started!, { ...ONE_OF_EACH['driver-started'], v: 1, at: started!.at + 7_000 }]);
    expect(state.suspendedMs).toBe(7_000);
  });

  it('never lets time run back', () => {
    expect(stateOf(plan, { ...startStep('a'), at: 5 }).lastEntryAt).toBe(1_001_000);
  });

  it('is the same however a journal is cut in two, and changes nothing that it was given', () => {
    const facts = Object.values(ONE_OF_EACH);
    for (let seed = 1; seed <= 200; seed += 1) {
      const chance = seededChance(seed);
      const length = 1 + Math.floor(chance() * 40);
      const journal: JournalEntry[] = entriesOf(
        Array.from({ length }, () => facts[Math.floor(chance() * facts.length)]!),
      );
      const text = JSON.stringify(journal);
      const cut = Math.floor(chance() * (length + 1));
      const prefix = foldJournal(journal.slice(0, cut));
      const shown = JSON.stringify([...prefix.steps, ...prefix.operations]);
      expect(journal.slice(cut).reduce(applyEntry, prefix), `seed ${seed}`).toEqual(foldJournal(journal));
      expect(JSON.stringify([...prefix.steps, ...prefix.operations])).toBe(shown);
      expect(JSON.stringify(journal)).toBe(text);
    }
  });
});
