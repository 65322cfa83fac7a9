import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlueGreenError, parseSpec } from '../../src/index.js';

const RELEASE = {
  applicationName: 'shop',
  deploymentGroupName: 'shop-prod',
  revision: { s3: { bucket: 'releases', key: 'shop-412.zip' } },
};
const SPEC = {
  kind: 'elastigroup',
  elastigroupId: 'sig-1a2b3c4d',
  green: { tagKey: 'Colour' },
  codeDeploy: RELEASE,
};

type Problem = { field: string; found: string; allowed: string };

function refusal(value: unknown): BlueGreenError {
  try {
    parseSpec(value);
  } catch (error) {
    if (BlueGreenError.is(error)) return error;
    throw error;
  }
  throw new Error('the spec was accepted');
}

const problems = (value: unknown): Problem[] => (refusal(value).details as { problems: Problem[] }).problems;

const DURATION = "a number of milliseconds, or a duration such as '90s', '15m' or '2h'";
const GREEN =
  '{ tagKey, value? }, { tagKey, alternate: [value, other value] } or { tags: { key: value } } with one to three tags';
const REVISION = '{ s3: { bucket, key, bundleType?, version?, eTag? } } or { github: { repository, commitId } }';
const MISSING = 'nothing: it is missing';

describe('what is accepted', () => {
  it.each([
    ['the least that can be said', {}],
    ['a value of its own for green', { green: { tagKey: 'Colour', value: 'teal' } }],
    ['two values in turn', { green: { tagKey: 'Colour', alternate: ['teal', 'lime'] } }],
    ['three tags', { green: { tags: { a: '1', b: '2', c: '3' } } }],
    [
      'a revision from GitHub',
      { codeDeploy: { ...RELEASE, revision: { github: { repository: 'o/r', commitId: 'c' } } } },
    ],
    ['durations as numbers and as text', { tagSettle: 0, modeTimeout: '2h', detach: { drainingTimeout: '1.5m' } }],
    ['the derived mode timeout', { modeTimeout: 'derived' }],
    ['gates', { gates: [{ name: 'smoke', before: 'PRODUCTION_TRAFFIC_SHIFT', expiresIn: '1h' }] }],
    ['everything optional said to be undefined', { strays: undefined, detach: undefined, gates: undefined }],
  ])('%s', (_title, part) => {
    expect(parseSpec({ ...SPEC, ...part })).toEqual({ ...SPEC, ...part });
  });

  it('is answered as a copy, so that a later change of the input changes nothing', () => {
    const given = structuredClone(SPEC);
    const spec = parseSpec(given);
    given.codeDeploy.applicationName = 'another';
    expect(spec.codeDeploy.applicationName).toBe('shop');
  });
});

describe('what is no spec at all', () => {
  const anObject = "an object whose kind is 'elastigroup'";

  it.each([
    ['nothing', undefined, 'nothing'],
    ['null', null, 'null'],
    ['a number', 42, '42'],
    ['a text', 'sig-1', '"sig-1"'],
    ['a list', [], 'a list'],
    ['a function', () => undefined, 'a function'],
  ])('%s', (_title, value, found) => {
    expect(problems(value)).toEqual([{ field: 'the spec', found, allowed: anObject }]);
  });

  it.each([
    ['without a kind', {}, MISSING],
    ['of a kind that is not known', { kind: 'canary' }, '"canary"'],
    ['whose kind is an inherited name', { kind: 'constructor' }, '"constructor"'],
  ])('an object %s', (_title, value, found) => {
    expect(problems(value)).toEqual([{ field: 'kind', found, allowed: "'elastigroup'" }]);
  });
});

describe('a field that is wrong is named, with what was found and what is allowed', () => {
  const withRelease = (part: object) => ({ codeDeploy: { ...RELEASE, ...part } });

  it.each<[string, object, string, string]>([
    ['elastigroupId', { elastigroupId: undefined }, MISSING, 'an Elastigroup id such as sig-1a2b3c4d'],
    ['elastigroupId', { elastigroupId: 'shop' }, '"shop"', 'an Elastigroup id such as sig-1a2b3c4d'],
    ['elastigroupId', { elastigroupId: 7 }, '7', 'an Elastigroup id such as sig-1a2b3c4d'],
    ['green', { green: undefined }, MISSING, GREEN],
    ['green', { green: 'Colour' }, '"Colour"', GREEN],
    ['green', { green: { tagkey: 'Colour' } }, '{"tagkey":"Colour"}', GREEN],
    ['green.tagKey', { green: { tagKey: '' } }, '""', 'a text of 1 to 128 characters'],
    ['green.alternate', { green: { tagKey: 'C', alternate: ['a', 'a'] } }, '["a","a"]', 'two different values'],
    [
      'green',
      { green: { tagKey: 'C', alternate: ['a', 'b', 'c'] } },
      '{"tagKey":"C","alternate":["a","b","c"]}',
      GREEN,
    ],
    ['green.tags', { green: { tags: {} } }, '{}', 'one to three tags'],
    [
      'green.tags',
      { green: { tags: { a: '1', b: '2', c: '3', d: '4' } } },
      '{"a":"1","b":"2","c":"3","d":"4"}',
      'one to three tags',
    ],
    ['codeDeploy', { codeDeploy: 'shop' }, '"shop"', '{ applicationName, deploymentGroupName, revision, '],
    ['codeDeploy.applicationName', withRelease({ applicationName: '' }), '""', 'a text of 1 to 100 characters'],
    ['codeDeploy.deploymentGroupName', withRelease({ deploymentGroupName: undefined }), MISSING, 'a text of 1 to 100'],
    ['codeDeploy.revision', withRelease({ revision: {} }), '{}', REVISION],
    ['codeDeploy.revision', withRelease({ revision: { s3: { bucket: 'b' } } }), '{"s3":{"bucket":"b"}}', REVISION],
    ['codeDeploy.deploymentConfigName', withRelease({ deploymentConfigName: 1 }), '1', 'a text of 1 to 100 characters'],
    ['codeDeploy.description', withRelease({ description: 1 }), '1', 'a text'],
    [
      'codeDeploy.fileExistsBehavior',
      withRelease({ fileExistsBehavior: 'KEEP' }),
      '"KEEP"',
      "one of 'DISALLOW', 'OVERWRITE', 'RETAIN'",
    ],
    [
      'codeDeploy.ignoreApplicationStopFailures',
      withRelease({ ignoreApplicationStopFailures: 'no' }),
      '"no"',
      'true or false',
    ],
    ['codeDeploy.onAlreadyDeploying', withRelease({ onAlreadyDeploying: 'hope' }), '"hope"', "'fail'"],
    ['requireReadyWait', { requireReadyWait: 1 }, '1', 'true or false'],
    ['minimumHealthyPercent', { minimumHealthyPercent: 101 }, '101', 'a number from 0 to 100'],
    ['minimumHealthyPercent', { minimumHealthyPercent: Number.NaN }, 'NaN', 'a number from 0 to 100'],
    ['modeTimeout', { modeTimeout: 'soon' }, '"soon"', DURATION],
    ['modeTimeout', { modeTimeout: true }, 'true', "'derived', or a duration such as '2h'"],
    ['tagSettle', { tagSettle: '15' }, '"15"', DURATION],
    ['tagSettle', { tagSettle: -1 }, '-1', DURATION],
    ['tagSettle', { tagSettle: Infinity }, 'Infinity', DURATION],
    ['agentTimeout', { agentTimeout: 0 }, '0', "a duration longer than none, such as '4m'"],
    ['agentTimeout', { agentTimeout: '0s' }, '"0s"', "a duration longer than none, such as '4m'"],
    ['agentTimeout', { agentTimeout: 'soon' }, '"soon"', DURATION],
    ['onInterruption', { onInterruption: 'wait' }, '"wait"', "'replace', 'tolerate', 'unwind'"],
    ['strays', { strays: 'adopt' }, '"adopt"', "'retire', 'release', 'fail'"],
    ['detach', { detach: true }, 'true', '{ terminate?, decrementTargetCapacity?, drainingTimeout? }'],
    ['detach.terminate', { detach: { terminate: 'no' } }, '"no"', 'true or false'],
    ['gates', { gates: {} }, '{}', 'a list, each entry { name, before, expiresIn?, onExpiry?, evidence? }'],
    ['gates[0].name', { gates: [{ name: 'a b', before: 'BAKE_TIME' }] }, '"a b"', 'up to 64 letters, digits'],
    ['gates[0].before', { gates: [{ name: 'a' }] }, MISSING, "one of 'RECONCILE_SERVICE', 'PRE_SCALE_UP'"],
    ['gates[0].expiresIn', { gates: [{ name: 'a', before: 'BAKE_TIME', expiresIn: 'x' }] }, '"x"', DURATION],
    ['gates[0].onExpiry', { gates: [{ name: 'a', before: 'BAKE_TIME', onExpiry: 'pass' }] }, '"pass"', 'hold'],
    ['gates[0].evidence', { gates: [{ name: 'a', before: 'BAKE_TIME', evidence: 'none' }] }, '"none"', 'required'],
    ['bakeTime', { bakeTime: '15m' }, '"15m"', 'no field of this name; there are kind, elastigroupId, green, '],
    ['codeDeploy.group', withRelease({ group: 'x' }), '"x"', 'no field of this name; there are applicationName, '],
    ['gates[0].stage', { gates: [{ name: 'a', before: 'BAKE_TIME', stage: 1 }] }, '1', 'no field of this name; there'],
  ])('%s from %j', (field, part, found, allowed) => {
    const [only, ...others] = problems({ ...SPEC, ...part });
    expect(others).toEqual([]);
    expect(only).toEqual({ field, found, allowed: expect.stringContaining(allowed) as string });
  });

  it('two gates may not share a name', () => {
    const gate = { name: 'smoke', before: 'BAKE_TIME' };
    expect(problems({ ...SPEC, gates: [gate, gate] })).toMatchObject([
      { field: 'gates', allowed: 'gates whose names differ' },
    ]);
  });

  it('every wrong field has a line of the message, up to twenty', () => {
    const error = refusal({ ...SPEC, strays: 1, tagSettle: 'x', requireReadyWait: 'x' });
    expect(error.code).toBe('SPEC_INVALID');
    expect(error.blame).toBe('config');
    expect(error.message.split('\n')).toEqual([
      `requireReadyWait: found "x"; allowed is true or false`,
      `tagSettle: found "x"; allowed is ${DURATION}`,
      `strays: found 1; allowed is one of 'retire', 'release', 'fail'`,
    ]);
    const lines = refusal({ ...SPEC, gates: Array.from({ length: 50 }, () => 1) }).message.split('\n');
    expect([lines.length, lines.at(-1)]).toEqual([21, 'and 30 more']);
  });
});

describe('hostile input', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'a field called %s is refused wherever it stands, and never dropped in silence',
    (name) => {
      const own = JSON.parse(`{${JSON.stringify(name)}:"x"}`) as object;
      // A spread would set the prototype: the field is put into the text.
      const at = (path: string) =>
        JSON.parse(JSON.stringify(SPEC).replace(path, `${path}${JSON.stringify(name)}:1,`)) as unknown;
      expect(problems(at('{'))[0]?.field).toBe(name);
      expect(problems(at('"codeDeploy":{'))[0]?.field).toBe(`codeDeploy.${name}`);
      expect(problems({ ...SPEC, green: { tags: own } })[0]?.field).toBe(`green.tags.${name}`);
      expect(({} as Record<string, unknown>).x).toBeUndefined();
    },
  );

  it('nothing in a message moves the cursor or turns the direction of the writing', () => {
    const evil = 'a\u001b[2J\n\u009b1m\u202e\u2028\ud800';
    const error = refusal({ ...SPEC, strays: evil, [evil]: 1 });
    // eslint-disable-next-line no-control-regex
    expect(error.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e\ud800]/);
    expect(error.message.split('\n')).toHaveLength(2);
  });

  it('what was found is shortened', () => {
    const [problem] = problems({ ...SPEC, strays: '😀'.repeat(10_000) });
    expect(problem?.found.length).toBeLessThanOrEqual(120);
    expect(problem?.found).not.toMatch(/\p{Surrogate}/u);
  });

  it('what JSON could not hold is refused like everything else', () => {
    const circle: Record<string, unknown> = { ...SPEC };
    circle.detach = circle;
    const throwing = {
      ...SPEC,
      get strays(): string {
        throw new Error('no');
      },
    };
    const deep = JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as unknown;
    for (const value of [
      circle,
      throwing,
      { ...SPEC, green: deep },
      { ...SPEC, strays: 1n },
      { ...SPEC, gates: [Symbol('x')] },
    ])
      expect(refusal(value).code).toBe('SPEC_INVALID');
  });

  it('arbitrary JSON is a spec or SPEC_INVALID', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(refusal(value).code).toBe('SPEC_INVALID');
      }),
    );
  });

  it('a spec with arbitrary JSON in place of any of its fields is a spec or SPEC_INVALID', () => {
    const names = [
      'kind',
      'elastigroupId',
      'green',
      'codeDeploy',
      'detach',
      'gates',
      'modeTimeout',
      'tagSettle',
      'strays',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.jsonValue(), (name, value) => {
        try {
          parseSpec({ ...SPEC, [name]: value });
        } catch (error) {
          expect(BlueGreenError.is(error) && error.code).toBe('SPEC_INVALID');
          expect((error as BlueGreenError).message).toContain(name);
        }
      }),
    );
  });
});
