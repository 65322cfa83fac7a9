import { describe, expect, it } from 'vitest';
import { fingerprintOf, incompatibility } from '../../src/engine/fingerprint.js';
import type { Step } from '../../src/engine/step.js';
import { doneStep, planOf, readStep, startStep, stateOf } from '../helpers/engine.js';

const plan = (...steps: ReadonlyArray<string | Step>) =>
  planOf(steps.map((step) => (typeof step === 'string' ? readStep(step) : step)));
const written = plan('look', 'enter', 'release');
const begun = stateOf(
  written,
  doneStep('look'),
  { type: 'step-skipped', step: 'enter', direction: 'forward' },
  startStep('release'),
);

describe('the fingerprint of a plan', () => {
  it('is the ids and versions of its steps, in order', () => {
    expect(fingerprintOf(plan('look', readStep('enter', { version: 3 })))).toEqual([
      ['look', 1],
      ['enter', 3],
    ]);
  });

  it.each<[string, ReturnType<typeof plan>]>([
    ['the same plan', written],
    ['one that has more to do afterwards', plan('look', 'enter', 'release', 'await', 'prove')],
  ])('goes with a journal that %s goes on from', (_title, later) => {
    expect(incompatibility(later, begun)).toBeUndefined();
  });

  it('goes with a fresh journal whatever the plan was, and with one whose later steps changed', () => {
    expect(incompatibility(plan('else'), stateOf(written))).toBeUndefined();
    expect(incompatibility(plan('look', 'enter differently'), stateOf(written, startStep('look')))).toBeUndefined();
  });

  it.each<[string, ReturnType<typeof plan>, string]>([
    [
      'a step that was renamed',
      plan('look', 'enter-mode', 'release'),
      'step 2 of rollout r is enter (version 1) in its journal, and enter-mode (version 1)',
    ],
    ['a step that was put between', plan('look', 'check', 'enter', 'release'), 'and check (version 1)'],
    ['another order', plan('enter', 'look', 'release'), 'step 1 of rollout r is look'],
    ['a step that was taken out', plan('look', 'enter'), 'release (version 1) in its journal, and none'],
    [
      'a step whose meaning changed',
      plan('look', readStep('enter', { version: 2 }), 'release'),
      'and enter (version 2)',
    ],
  ])('does not go with %s', (_title, other, told) => {
    const refusal = incompatibility(other, begun);
    expect(refusal?.code).toBe('PLAN_INCOMPATIBLE');
    expect(refusal?.message).toContain(told);
  });

  it('follows a later version that went on: its own later steps are known then', () => {
    const later = plan('look', 'enter', 'release', readStep('prove', { version: 2 }));
    const resumed = { type: 'driver-started', driver: 'd2', resumed: true, fingerprint: fingerprintOf(later) } as const;
    const state = stateOf(
      written,
      doneStep('look'),
      doneStep('enter'),
      doneStep('release'),
      resumed,
      startStep('prove'),
    );
    expect(incompatibility(later, state)).toBeUndefined();
    expect(incompatibility(plan('look', 'enter', 'release', 'prove'), state)?.message).toContain('prove (version 2)');
  });
});

describe('policies by name', () => {
  const state = stateOf(written, {
    type: 'driver-started',
    driver: 'd2',
    resumed: true,
    policies: ['onTimeout/askOps', 'timeouts/nightly'],
  });

  it('are missed where they are not given, each unless it is allowed by its name', () => {
    const refusal = incompatibility(written, state);
    expect(refusal?.toJSON()).toMatchObject({
      code: 'HOOK_MISSING',
      details: { policies: ['onTimeout/askOps', 'timeouts/nightly'] },
    });
    expect(incompatibility(written, state, ['askOps'])?.details).toEqual({ policies: ['timeouts/nightly'] });
    expect(incompatibility(written, state, ['askOps', 'nightly'])).toBeUndefined();
    expect(incompatibility({ ...written, policies: [...state.policies, 'onTimeout/more'] }, state)).toBeUndefined();
  });
});
