import { describe, expect, it } from 'vitest';
import { BlueGreen } from '../../src/index.js';
import type { CheckAnswer } from '../../src/index.js';
import { rejection } from '../helpers/release.js';

describe('checks that are not right', () => {
  const run = (): CheckAnswer => 'pass';

  it.each<[string, unknown, RegExp]>([
    ['are no list', { name: 'a', run }, /checks: found object/],
    ['are no objects', [run], /checks\[0\]: found function/],
    ['have an unknown member', [{ name: 'a', run, every: '1m' }], /checks\[0\]: found every; .*interval/],
    ['have no name', [{ run }], /checks\[0\]\.name: found nothing/],
    ['have nothing to run', [{ name: 'a' }], /checks\[0\]\.run: found undefined; .*a function/],
    ['have an odd interval', [{ name: 'a', run, interval: 'soon' }], /checks\[0\]\.interval/],
    ['are asked too often', [{ name: 'a', run, interval: 10 }], /checks\[0\]\.interval: found 10 ms; .*a second/],
    [
      'may think too long',
      [{ name: 'a', run, timeout: '1h' }],
      /checks\[0\]\.timeout: found 3600000 ms; .*two minutes/,
    ],
    ['may fail never', [{ name: 'a', run, failureLimit: 0 }], /checks\[0\]\.failureLimit: found 0/],
    [
      'share a name',
      [
        { name: 'a', run },
        { name: 'a', run },
      ],
      /checks: found two checks of the same name/,
    ],
  ])('are refused at once where they %s', async (_, checks, message) => {
    const made = Promise.resolve().then(() => new BlueGreen({ checks: checks as never }));
    const error = await rejection(made);
    expect(error.code).toBe('OPTIONS_INVALID');
    expect(error.message).toMatch(message);
  });
});
