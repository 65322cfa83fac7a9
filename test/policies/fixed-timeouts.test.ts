import { describe, expect, test } from 'vitest';
import { fixedTimeouts } from '../../src/policies/fixed-timeouts.js';

const call = { scope: 'call', service: 'spot', operation: 'readElastigroup', derivedMs: 1 } as const;
const step = (stepId: string) => ({ scope: 'step', stepId, derivedMs: 2 }) as const;
const stage = (name: 'SCALE_UP' | 'BAKE_TIME') => ({ scope: 'stage', stage: name, derivedMs: Infinity }) as const;
const rollout = { scope: 'rollout', kind: 'elastigroup', derivedMs: 3 } as const;

describe('fixedTimeouts', () => {
  test('without options everything stays as it is derived', () => {
    for (const options of [{}, { call: undefined, step: undefined, steps: undefined, rollout: undefined }]) {
      const policy = fixedTimeouts(options);
      expect([policy(call), policy(step('bake')), policy(rollout)]).toEqual([1, 2, 3]);
    }
    expect(fixedTimeouts()(call)).toBe(1);
  });

  test('each scope has its own', () => {
    const policy = fixedTimeouts({ call: '20s', step: '5m', rollout: '2h' });
    expect([policy(call), policy(step('bake')), policy(rollout)]).toEqual([20_000, 300_000, 7_200_000]);
  });

  test('a stage has its own, or no limit', () => {
    const policy = fixedTimeouts({ stages: { SCALE_UP: '40m', CLEAN_UP: undefined }, step: '5m' });
    expect([policy(stage('SCALE_UP')), policy(stage('BAKE_TIME')), policy(step('await-green'))]).toEqual([
      2_400_000,
      Infinity,
      300_000,
    ]);
  });

  test('a step is looked up by its id, then by its file, then by the timeout of all steps', () => {
    const policy = fixedTimeouts({
      steps: { 'shift-traffic': '1m', 'shift-traffic/50': '2m', bake: undefined },
      step: '3m',
    });
    expect(
      ['shift-traffic/50', 'shift-traffic/10', 'shift-traffic', 'bake', 'constructor'].map((id) => policy(step(id))),
    ).toEqual([120_000, 60_000, 60_000, 180_000, 180_000]);
  });

  test.each<[object, string]>([
    [{ call: 0 }, 'fixedTimeouts.call is 0; allowed is a duration of at least 1 ms'],
    [{ call: '15' }, "fixedTimeouts.call is '15'"],
    [{ step: -1 }, 'fixedTimeouts.step'],
    [{ rollout: NaN }, 'fixedTimeouts.rollout'],
    [{ stages: { SCALE_UP: 0 } }, 'fixedTimeouts.stages.SCALE_UP is 0'],
    [{ stages: { SCALEUP: '5m' } }, 'fixedTimeouts.stages: found SCALEUP; allowed is one of RECONCILE_SERVICE'],
    [{ steps: { bake: 'long' } }, "fixedTimeouts.steps['bake'] is 'long'"],
  ])('refuses %j', (options, message) => {
    const make = () => fixedTimeouts(options);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });
});
