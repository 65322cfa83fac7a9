import { expect, it } from 'vitest';
import { anythingIntended, undoStepsOf } from '../../src/engine/plan.js';
import { doneStep, effectStep, intend, planOf, readStep, startStep, stateOf } from '../helpers/engine.js';

const undo = (id: string) => [readStep(`un${id}`), readStep(`un${id}/again`)];
const plan = planOf([
  effectStep('a', { undo: undo('a') }),
  readStep('b'),
  effectStep('c', { undo: undo('c') }),
  effectStep('d'),
]);
const due = (...facts: Parameters<typeof stateOf>[1][]) =>
  undoStepsOf(plan, stateOf(plan, ...facts)).map(({ id }) => id);

it('takes back the effects that began, the last one first, each in the order that it names', () => {
  expect(due(doneStep('a'), doneStep('b'), startStep('c'), startStep('d'))).toEqual([
    'unc',
    'unc/again',
    'una',
    'una/again',
  ]);
  expect(due(doneStep('a'), doneStep('b'))).toEqual(['una', 'una/again']);
});

it('takes back nothing that was skipped or never began', () => {
  expect(due()).toEqual([]);
  expect(due({ type: 'step-skipped', step: 'a', direction: 'forward' })).toEqual([]);
});

it('takes back what failed half-way as well', () => {
  expect(due({ type: 'step-failed', step: 'a', direction: 'forward', error: {} as never })).toEqual([
    'una',
    'una/again',
  ]);
});

it('knows whether anything may have gone out', () => {
  expect(anythingIntended(stateOf(plan, startStep('a')))).toBe(false);
  expect(anythingIntended(stateOf(plan, startStep('a'), intend('a')))).toBe(true);
});
