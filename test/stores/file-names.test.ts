import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeName, encodeName, isDigestName } from '../../src/stores/file-names.js';

const anyText = fc.oneof(
  fc.string({ maxLength: 128 }),
  fc.string({ unit: 'binary', maxLength: 128 }),
  fc.string({ unit: fc.constantFrom('.', '/', '\\', '%', '=', 'a', 'A', '\ud800', 'ü', '\0'), maxLength: 128 }),
);

describe('encodeName', () => {
  test.each([
    ['bg-k3f7q2mzx5ab', 'bg-k3f7q2mzx5ab'],
    ['release-1.2.3', 'release-1.2.3'],
    ['elastigroup/sig-1a2b', 'elastigroup%2fsig-1a2b'],
    ['..', '%2e%2e'],
    ['.', '%2e'],
    ['../../etc/passwd', '%2e.%2f..%2fetc%2fpasswd'],
    ['Shop', '%53hop'],
    ['grün 🚀', 'gr%fcn%20%ud83d%ude80'],
    ['', '%'],
  ])('makes %j a file name that can be read', (text, name) => {
    expect(encodeName(text)).toBe(name);
    expect(decodeName(name)).toBe(text);
  });

  test('is a name that stays in its directory and fits, for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = encodeName(text);
        expect(name).toMatch(/^[a-z0-9_%=-][a-z0-9._%-]*$/);
        expect(name.endsWith('.')).toBe(false);
        expect(name.length).toBeLessThanOrEqual(180);
        if (!isDigestName(name)) expect(decodeName(name)).toBe(text);
      }),
    );
  });

  test('gives different texts different names', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(encodeName(a) === encodeName(b)).toBe(a === b);
      }),
    );
    const long = 'ü'.repeat(127);
    expect(encodeName(`${long}\ud800`)).not.toBe(encodeName(`${long}\ufffd`));
  });

  test.each(['Shop', '%53', '%5', '%53%', 'a%2Fb', '=abc', '%00ff', 'a b', '%u0053', '%61'])(
    '%j is no name that it gives',
    (name) => {
      if (name === '%53') expect(decodeName(name)).toBe('S');
      else if (name === '%00ff') expect(decodeName(name)).toBe('\0ff');
      else expect(decodeName(name)).toBeUndefined();
    },
  );
});
