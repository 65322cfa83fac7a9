import { describe, expect, it } from 'vitest';
import { toJson } from '../../src/internal/json.js';

const throughText = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

class Counted {
  constructor(readonly count: number) {}
}

const VALUES: Readonly<Record<string, unknown>> = {
  words: ['', 'ü', '\u2028', null, true, false],
  numbers: [0, -0, 1.5, -1e21, Number.NaN, Number.POSITIVE_INFINITY],
  'what is undefined': { a: undefined, b: [undefined, 1], c: { d: undefined } },
  functions: { a: () => 1, b: [() => 1, Symbol('s')], c: Symbol('s') },
  'holes in a list': new Array(3),
  'members in their order': { b: 1, a: { z: 1, y: 2 }, 10: 1, 2: 1 },
  dates: { at: new Date(0), never: new Date(Number.NaN) },
  'what says itself how it is written': { a: { toJSON: () => 'itself', b: 1 }, c: { toJSON: () => undefined } },
  'maps and sets': { a: new Map([['b', 1]]), c: new Set([1]) },
  'instances of a class': new Counted(3),
  'wrapped values': [new String('a'), new Number(1), new Boolean(false)],
  'a member that is called like a prototype': JSON.parse('{"a":{"__proto__":{"b":1},"c":2}}'),
  'objects without a prototype': Object.assign(Object.create(null) as object, { a: 1 }),
  depth: Array.from({ length: 300 }).reduce<unknown>((inner, _, index) => (index % 2 === 0 ? { inner } : [inner]), 'x'),
};

describe('a value as it comes back from a journal', () => {
  it.each(Object.keys(VALUES))('is what JSON makes of it: %s', (name) => {
    const value = VALUES[name];
    expect(toJson(value)).toStrictEqual(throughText(value));
    expect(JSON.stringify(toJson(value))).toBe(JSON.stringify(value));
  });

  it('is a copy', () => {
    const value = { ids: ['i-1'], of: { a: 1 } };
    const copy = toJson(value);
    value.ids.push('i-2');
    value.of.a = 2;
    expect(copy).toEqual({ ids: ['i-1'], of: { a: 1 } });
  });

  it('is null for nothing', () => expect(toJson(undefined)).toBeNull());

  it('cannot be what is a member of itself, or a bigint', () => {
    const ring: { self?: unknown } = {};
    ring.self = ring;
    expect(() => toJson(ring)).toThrow(TypeError);
    expect(() => toJson({ a: 1n })).toThrow(TypeError);
  });
});
