import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreen, BlueGreenError, formatError, MemoryStore, renderPlan, renderReport } from '../../src/index.js';
import type { ElastigroupSpec } from '../../src/specs/elastigroup-spec.js';
import { SHOP } from '../../src/testing/shop.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { closeClouds, rejection, release } from '../helpers/release.js';

afterEach(closeClouds);

const HOSTILE: Readonly<Record<string, string>> = {
  'a path upwards': '../../../aws/ec2/group/sig-other',
  'an encoded path': '%2e%2e%2fgroup%3faccountId=act-other',
  'another query': 'x?accountId=act-other&shouldTerminate=true#',
  'a second header': 'x\r\nAuthorization: Bearer stolen',
  'an escape sequence': '\u001B[2J\u001B]0;owned\u0007\u009B31mred',
  'text that is turned around': '\u202Etxt.exe\u2066',
  'a NUL': 'a\u0000b',
  'half a character': 'a\uD800b',
  'a script': `"><script>alert(1)</script>'&amp;`,
  'a wildcard': '*',
  'a form field': 'x&Action=TerminateInstances&InstanceId.1=i-1',
  XML: ']]></Value><Value>*</Value>',
  'a prototype': '__proto__',
  'ten thousand characters': 'x'.repeat(10_000),
};

type Spec = Record<string, unknown> & { codeDeploy: Record<string, unknown> };
const inCodeDeploy =
  (more: (text: string) => object) =>
  (spec: Spec, text: string): object => ({ ...spec, codeDeploy: { ...spec.codeDeploy, ...more(text) } });
const FIELDS: Readonly<Record<string, (spec: Spec, text: string) => object>> = {
  elastigroupId: (spec, elastigroupId) => ({ ...spec, elastigroupId }),
  'green.tagKey': (spec, tagKey) => ({ ...spec, green: { tagKey } }),
  'green.value': (spec, value) => ({ ...spec, green: { tagKey: 'Colour', value } }),
  'green.alternate': (spec, text) => ({ ...spec, green: { tagKey: 'Colour', alternate: ['blue', text] } }),
  'green.tags': (spec, text) => ({ ...spec, green: { tags: { [text]: text } } }),
  'codeDeploy.applicationName': inCodeDeploy((applicationName) => ({ applicationName })),
  'codeDeploy.deploymentGroupName': inCodeDeploy((deploymentGroupName) => ({ deploymentGroupName })),
  'codeDeploy.deploymentConfigName': inCodeDeploy((deploymentConfigName) => ({ deploymentConfigName })),
  'codeDeploy.description': inCodeDeploy((description) => ({ description })),
  'codeDeploy.revision.s3': inCodeDeploy((text) => ({
    revision: { s3: { bucket: text, key: text, version: text, eTag: text } },
  })),
  'codeDeploy.revision.github': inCodeDeploy((text) => ({
    revision: { github: { repository: text, commitId: text } },
  })),
  modeTimeout: (spec, modeTimeout) => ({ ...spec, modeTimeout }),
  alarms: (spec, text) => ({ ...spec, alarms: [text] }),
  'gates.name': (spec, name) => ({ ...spec, gates: [{ name, before: 'PRODUCTION_TRAFFIC_SHIFT' }] }),
};

/** The paths that Spot and AWS may be asked for; everything that is said stands in bodies, but for the Elastigroup's id. */
const PATHS = new RegExp(`^(/|/aws/ec2/group/${SHOP.elastigroupId}(/[A-Za-z]+)*\\?accountId=act-1a2b3c4d)$`);
const LINE = /^[^\p{Cc}\p{Bidi_Control}]*$/u;
const isClean = (text: string): boolean => LINE.test(text.replaceAll('\n', ''));

const untimed = (cloud: SimulatedCloud): string => JSON.stringify({ ...cloud.snapshot(), at: '' });

function nothingElseWasAsked(cloud: SimulatedCloud): void {
  for (const { path, operation } of cloud.requests) {
    expect(path).toMatch(PATHS);
    expect(operation).not.toBe('unknown');
  }
}

describe('hostile text in a spec', () => {
  it.each(Object.entries(FIELDS))(
    'in %s ends in a plan or in a typed error, and goes nowhere but where it belongs',
    async (_field, put) => {
      await using cloud = new SimulatedCloud({ rateLimits: false });
      const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore() });
      for (const text of Object.values(HOSTILE)) {
        const before = untimed(cloud);
        const spec = put(cloud.spec(), text) as ElastigroupSpec;
        const told = await blueGreen.plan(spec).then(renderPlan, (error: unknown) => {
          expect(BlueGreenError.is(error) && error.code).not.toBe(false);
          expect(BlueGreenError.is(error) && error.code).not.toBe('INTERNAL');
          return formatError(error);
        });
        expect(isClean(told)).toBe(true);
        expect(untimed(cloud)).toBe(before);
      }
      nothingElseWasAsked(cloud);
      expect(({} as Record<string, unknown>)['value']).toBeUndefined();
      await blueGreen.close();
    },
  );
});

describe('hostile text of a caller', () => {
  it.each(Object.entries(HOSTILE))('%s is no id of a rollout, or an id like any other', async (_title, id) => {
    await using cloud = new SimulatedCloud();
    const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore() });
    for (const asked of [() => blueGreen.start(cloud.spec(), { id }), () => blueGreen.plan(cloud.spec(), { id })])
      if (!/^[\w.-]{1,64}$/.test(id)) expect(await rejection(asked())).toMatchObject({ code: 'OPTIONS_INVALID' });
    for (const asked of [blueGreen.status(id), blueGreen.resume(id), blueGreen.approve(id, 'g', { by: 'a' })])
      expect(['OPTIONS_INVALID', 'ROLLOUT_UNKNOWN']).toContain((await rejection(asked)).code);
    expect(cloud.requests).toEqual([]);
    await blueGreen.close();
  });

  it('an answer or an order without end is refused, and nothing is written', async () => {
    await using cloud = new SimulatedCloud({ deploymentGroup: { readyWaitMinutes: 60 } });
    const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore() });
    const gates = [{ name: 'smoke', before: 'PRE_SCALE_UP' }];
    const rollout = await blueGreen.start(cloud.spec({ gates }) as ElastigroupSpec);
    const long = 'x'.repeat(10_001);
    const wrong: ReadonlyArray<() => Promise<unknown>> = [
      () => rollout.approve('smoke', { by: long }),
      () => rollout.reject('smoke', { by: 'ada', reason: long }),
      () => rollout.approve('smoke', { by: 5 as unknown as string }),
      () => rollout.abort({ by: 'ada', reason: long }),
      () => blueGreen.abort(rollout.id, { by: undefined as unknown as string, reason: 'x' }),
    ];
    for (const say of wrong)
      expect(await rejection(Promise.resolve().then(() => say()))).toMatchObject({ code: 'OPTIONS_INVALID' });
    await rollout.abort({ by: '\u001B[31mada', reason: 'x\r\nall is well' });
    expect((await rollout.result()).outcome).toBe('rolled-back');
    await blueGreen.close();
  });
});

describe('hostile text of the clouds', () => {
  const hostile = Object.values(HOSTILE).join(' ').slice(0, 1_000);

  it('of a script reaches neither the terminal nor the page as more than text', async () => {
    const { result, events, blueGreen, cloud } = await release({
      faults: [
        {
          fault: 'script-fails',
          event: 'AfterInstall',
          instance: 'all',
          scriptName: hostile,
          message: hostile,
          logTail: hostile,
        },
      ],
    });
    expect(result.outcome).toBe('rolled-back');
    expect(JSON.stringify(result.error)).toContain('alert(1)');
    expect(isClean(formatError(result.error))).toBe(true);
    const page = await renderReport(await blueGreen.watch(result.id));
    expect(page).toContain('alert(1)');
    expect(page).not.toMatch(/<script/i);
    // eslint-disable-next-line no-control-regex -- what must not be there
    expect(page).not.toMatch(/[\u0000\u0007\u001B\u202E]/);
    expect(events.length).toBeGreaterThan(0);
    nothingElseWasAsked(cloud);
    await blueGreen.close();
  });

  it('of a refusal is one clean line', async () => {
    const { result } = await release({
      faults: [
        {
          fault: 'refused',
          on: { service: 'spot', operation: 'readElastigroup' },
          code: 'X',
          message: hostile,
          status: 400,
        },
      ],
    });
    expect(result.outcome).toBe('refused');
    expect(isClean(formatError(result.error))).toBe(true);
  });
});
