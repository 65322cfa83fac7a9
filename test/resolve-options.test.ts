import { describe, expect, it } from 'vitest';
import { BlueGreen, BlueGreenError } from '../src/index.js';
import { systemClock } from '../src/internal/system-clock.js';
import { resolveOptions } from '../src/resolve-options.js';
import { MemoryStore } from '../src/stores/memory-store.js';

function refusalOf(options: object): BlueGreenError {
  try {
    new BlueGreen(options);
  } catch (error) {
    if (BlueGreenError.is(error)) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('options', () => {
  it('may all be left out', () => {
    const resolved = resolveOptions({});
    expect(resolved.clock).toBe(systemClock);
    expect(resolved.store.durable).toBe(false);
    expect(resolved.newId()).not.toBe(resolved.newId());
  });

  it('keep their defaults where undefined is given', () => {
    const resolved = resolveOptions({ clock: undefined, store: undefined, polling: undefined, retry: undefined });
    expect(resolved.clock).toBe(systemClock);
    expect(resolved.store.durable).toBe(false);
    const question = { stepId: 's', looks: 1, elapsedMs: 0, sinceChangeMs: 0, remainingMs: 60_000 };
    expect(resolved.polling({ ...question, urgent: false, holding: false }, () => 0)).toBe(5_000);
    expect(resolved.polling({ ...question, urgent: true, holding: false }, () => 0)).toBe(2_000);
  });

  it('may be functions of the user’s own', () => {
    const polling = () => 7;
    const timeouts = () => 9;
    const resolved = resolveOptions({ polling, timeouts });
    expect([resolved.polling, resolved.timeout]).toEqual([polling, timeouts]);
  });

  it.each<[string, object, string]>([
    ['one that does not exist', { stroe: new MemoryStore() }, 'stroe'],
    ['one that does not exist for Spot', { spot: { tokn: 'secret' } }, 'spot: found tokn'],
    ['one that does not exist for AWS', { aws: { regoin: 'eu-west-1' } }, 'aws: found regoin'],
    ['something else than an object', { spot: 'token' }, 'spot: found string'],
    ['a store without its methods', { store: { append: () => {} } }, 'store: found none of the methods read'],
    ['a clock that cannot sleep', { clock: { now: () => 0 } }, 'clock: found none of the methods sleep'],
    ['a logger that is a function', { logger: () => {} }, 'logger: found function'],
    ['a listener that is none', { onEvent: 'log' }, 'onEvent: found string'],
    ['chance that is a number', { random: 4 }, 'random: found number'],
    ['an id that is no function', { newId: 'x' }, 'newId: found string'],
    ['a duration without a unit', { polling: { every: '5 parsecs' } }, "polling.every is '5 parsecs'"],
    [
      'one that does not exist for polling',
      { polling: { evry: '5s' } },
      'polling: found evry; allowed is one of every',
    ],
    ['polling that is a text', { polling: '5s' }, 'polling: found string'],
    ['a timeout that is no duration', { timeouts: { call: 'soon' } }, "timeouts.call is 'soon'"],
    [
      'a timeout of a stage that does not exist',
      { timeouts: { stages: { LATER: '5m' } } },
      'timeouts.stages: found LATER',
    ],
    ['one that does not exist for timeouts', { timeouts: { rollouts: '2h' } }, 'timeouts: found rollouts'],
    ['retries that are none', { retry: { attempts: 0 } }, 'retry.attempts is 0'],
    [
      'a pause of a rule that is none',
      { retry: { rules: [{ service: 'spot', retry: { factor: 0 } }] } },
      'retry.rules[0].retry.factor',
    ],
    ['one that does not exist for retries', { retry: { attempt: 3 } }, 'retry: found attempt;'],
  ])('are refused by name: %s', (_title, options, told) => {
    const error = refusalOf(options);
    expect(error.code).toBe('OPTIONS_INVALID');
    expect(error.message).toContain(told);
  });

  it('have the field of what is wrong in the details, too', () => {
    expect(refusalOf({ timeouts: { call: 'soon' } }).details).toMatchObject({ field: 'timeouts.call' });
  });

  it.each([null, 'x', 5, []])('are refused when they are %j', (options) => {
    expect(refusalOf(options as object).code).toBe('OPTIONS_INVALID');
  });

  it('never show a secret that stands in the wrong place', () => {
    expect(refusalOf({ spot: 'MARKED-token' }).message).not.toContain('MARKED');
    expect(refusalOf({ aws: ['MARKED-token'] }).message).not.toContain('MARKED');
  });
});
