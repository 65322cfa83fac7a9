import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlueGreenError } from '../../src/errors/blue-green-error.js';
import { formatDuration, parseDuration } from '../../src/policies/duration.js';

describe('parseDuration', () => {
  test.each([
    [0, 0],
    [1500, 1500],
    [1.6, 2],
    ['500ms', 500],
    ['90s', 90_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1.5h', 5_400_000],
    ['0s', 0],
  ])('reads %s as %d ms', (value, ms) => {
    expect(parseDuration(value, 'bake')).toBe(ms);
  });

  test.each([
    -1,
    NaN,
    Infinity,
    -Infinity,
    1e300,
    '',
    '15',
    ' 15s',
    '15 s',
    '15s ',
    '-5s',
    '+5s',
    '1e3ms',
    '15S',
    '15min',
    's',
    '.5s',
    '5.s',
    '1h30m',
    '9e99d',
    '99999999999999999999d',
    null,
    undefined,
    true,
    {},
    ['15s'],
  ])('refuses %s', (value) => {
    expect(() => parseDuration(value as string, 'bake')).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', details: { field: 'bake' } }),
    );
  });

  test('says which field, what was found and what is allowed', () => {
    expect(() => parseDuration('15', 'timeouts.call')).toThrow(
      "timeouts.call is '15'; allowed is a number of milliseconds from 0 up, or a number with its unit: '500ms', '90s', '15m', '2h' or '1d'",
    );
  });

  test('answers whole milliseconds or throws its own error, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          expect(Number.isSafeInteger(parseDuration(value as string, 'x'))).toBe(true);
        } catch (error) {
          expect(BlueGreenError.is(error)).toBe(true);
        }
      }),
    );
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0 ms'],
    [350, '350 ms'],
    [1_000, '1 s'],
    [1_500, '1.5 s'],
    [90_000, '90 s'],
    [120_000, '2 min'],
    [150_000, '2 min 30 s'],
    [900_000, '15 min'],
    [5_400_000, '90 min'],
    [7_200_000, '120 min'],
    [9_000_000, '2 h 30 min'],
    [86_400_000, '1 d'],
    [93_784_000, '1 d 2 h 3 min 4 s'],
    [-90_000, '-90 s'],
    [Infinity, 'for ever'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
