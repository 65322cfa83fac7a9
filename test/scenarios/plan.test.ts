import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreen, FileStore, MemoryStore, renderPlan } from '../../src/index.js';
import type { BlueGreenOptions, ElastigroupSpec, RolloutPlan } from '../../src/index.js';
import { SHOP, SimulatedCloud } from '../../src/testing/index.js';
import { CrashStore } from '../helpers/crash-store.js';
import { closeClouds, rejection, release, type ReleaseStory } from '../helpers/release.js';

const MINUTE_MS = 60_000;
const READS = /^(list|read|describe|get|batchget)/i;
const READY = { deploymentGroup: { readyWaitMinutes: 60 } } as const;

interface Planned {
  readonly plan: RolloutPlan;
  /** Requests that were not reads. */
  readonly mutations: readonly string[];
  /** Everything that was written to the store. */
  readonly writes: readonly string[];
}

async function planFor(story: ReleaseStory = {}, id?: string): Promise<Planned> {
  await using cloud = new SimulatedCloud({ rateLimits: false, ...story.cloud });
  story.prepare?.(cloud);
  const store = new CrashStore(new MemoryStore());
  const blueGreen = new BlueGreen({ ...cloud.options(), ...story.options, store });
  const spec = cloud.spec(story.spec ?? {}) as ElastigroupSpec;
  const plan = await blueGreen.plan(spec, id === undefined ? {} : { id });
  await blueGreen.close();
  const mutations = cloud.requests.filter(({ operation }) => !READS.test(operation)).map(({ operation }) => operation);
  expect(cloud.requests.length).toBeGreaterThan(5);
  expect(cloud.clock.pending()).toBe(0);
  return { plan, mutations, writes: store.writes };
}

afterEach(closeClouds);

describe('the plan of a release', () => {
  it('says who is blue, how green is tagged, what is locked and how much it may become', async () => {
    const { plan } = await planFor({ cloud: { blue: 3 } }, 'bg-7');
    expect(plan).toMatchObject({
      rolloutId: 'bg-7',
      kind: 'elastigroup',
      targets: [`elastigroup/${SHOP.elastigroupId}`, 'deployment-group/shop/shop-prod'],
      wouldStart: true,
      greenTags: { Colour: 'bg-7' },
      stops: [],
      refusals: [],
    });
    expect(plan.blue?.instanceIds).toHaveLength(3);
    expect(plan.warnings.map(({ code }) => code)).toEqual(['NO_READY_WAIT']);
    const { rolloutTimeoutMs = 0, modeTimeoutMs = 0, longestMs = 0, extraInstances } = plan.bounds;
    expect(extraInstances?.count).toBe(3);
    // Green stands beside blue for a part of the whole, and no wait is longer than the whole may take.
    expect(extraInstances?.forAtMostMs).toBeGreaterThan(MINUTE_MS);
    expect(extraInstances?.forAtMostMs).toBeLessThan(longestMs);
    expect(modeTimeoutMs).toBeGreaterThan(MINUTE_MS);
    expect(modeTimeoutMs).toBeLessThan(rolloutTimeoutMs);
    const waits = plan.steps.flatMap(({ type, withinMs }) => (type === 'wait' ? [withinMs ?? NaN] : []));
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(longestMs);
  });

  it('is plain JSON', async () => {
    const { plan } = await planFor({
      cloud: READY,
      spec: { gates: [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT' }] },
    });
    expect(JSON.parse(JSON.stringify(plan))).toStrictEqual(plan);
  });

  it('changes nothing: only reads are sent, and nothing is written', async () => {
    const { mutations, writes } = await planFor();
    expect(mutations).toEqual([]);
    expect(writes).toEqual([]);
  });

  it('leaves a directory that is the store as it was', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'plan-'));
    try {
      await using cloud = new SimulatedCloud();
      const blueGreen = new BlueGreen({ ...cloud.options(), store: new FileStore(directory) });
      await blueGreen.plan(cloud.spec());
      await blueGreen.close();
      expect(await readdir(directory)).toEqual([]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  const SPECS: ReadonlyArray<readonly [string, ReleaseStory]> = [
    ['the smallest', {}],
    ['with a wait in Ready, a gate and hooks', asked()],
  ];
  it.each(SPECS)('%s has exactly the steps that a rollout then takes, in their order', async (_, story) => {
    const { plan } = await planFor(story, 'bg-7');
    const { events, result } = await release({ ...story, call: { id: 'bg-7' } });
    expect(result.outcome).toBe('succeeded');
    const taken = events.flatMap(({ name, data }) =>
      name === 'step:run:started' || name === 'step:run:skipped' ? [(data as { step: string }).step] : [],
    );
    expect(taken).toEqual(plan.steps.map(({ id }) => id));
    const skipped = events.flatMap(({ name, data }) =>
      name === 'step:run:skipped' ? [(data as { step: string }).step] : [],
    );
    expect(plan.steps.filter(({ id, conditional }) => skipped.includes(id) && conditional !== true)).toEqual([]);
    expect(result.green?.tags).toEqual(plan.greenTags);
    expect(result.blue?.instanceIds).toEqual(plan.blue?.instanceIds);
  });
});

describe('every call that a release makes on its way forward', () => {
  const STORIES: ReadonlyArray<readonly [string, ReleaseStory]> = [
    ['in the usual course', { cloud: READY }],
    ['where Spot leaves blue', { faults: [{ fault: 'blue-not-removed', finishes: true }] }],
    [
      'where a suspension is lost',
      { prepare: (cloud) => void cloud.elastigroups.suspend(SHOP.elastigroupId, 'AUTO_SCALE') },
    ],
    ['where strays come', { faults: [{ fault: 'interruption', colour: 'blue', atMs: 60_000 }] }],
  ];
  it.each(STORIES)('%s stands in the plan, at its step', async (_, story) => {
    const { plan } = await planFor(story, 'bg-7');
    const { events } = await release({ ...story, call: { id: 'bg-7' } });
    const made = events.flatMap(({ name, data }) =>
      name === 'operation:send:intended' ? [data as { readonly step: string; readonly call: string }] : [],
    );
    const forward = made.filter(({ step }) => plan.steps.some(({ id }) => id === step));
    expect(forward.length).toBeGreaterThan(1);
    const untold = forward.filter(
      ({ step, call }) => plan.steps.find(({ id }) => id === step)?.calls?.includes(call) !== true,
    );
    expect(untold).toEqual([]);
  });

  it('and every step that may change something, says which', async () => {
    const { plan } = await planFor();
    expect(plan.steps.filter(({ type, calls = [] }) => type === 'effect' && calls.length === 0)).toEqual([]);
    expect(plan.steps.filter(({ type, calls }) => type !== 'effect' && calls !== undefined)).toEqual([]);
  });
});

describe('the stops of a plan', () => {
  it('say where a no takes the release back, where one is only told, and how long an answer is waited for', async () => {
    const { plan } = await planFor(asked());
    const told = plan.stops.map(({ type, name, stage, holds, withinMs }) => [type, name, stage, holds, withinMs]);
    const [day, ten] = [24 * 60 * MINUTE_MS, 10 * MINUTE_MS];
    expect(told).toEqual([
      ['hook', 'freeze', 'RECONCILE_SERVICE', true, day],
      ['gate', 'go', 'PRE_SCALE_UP', true, day],
      ['hook', 'smoke', 'PRODUCTION_TRAFFIC_SHIFT', true, ten],
      ['hook', 'tell', 'POST_PRODUCTION_TRAFFIC_SHIFT', false, 30_000],
    ]);
    expect(plan.stops[3]?.because).toMatch(/deployment group/);
    for (const { stepId, stage } of plan.stops)
      expect(plan.steps.find(({ id }) => id === stepId)).toMatchObject({ stage, type: stepId.split('/')[0] });
  });

  it('end before CodeDeploy’s own wait in Ready does', async () => {
    const gates = [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT' }] as const;
    const { plan } = await planFor({ cloud: READY, spec: { gates } });
    expect(plan.stops).toMatchObject([{ name: 'go', holds: true, withinMs: 55 * MINUTE_MS }]);
  });
});

describe('a plan of what serves already, where that is to be skipped', () => {
  it('says of every step that it is not needed, and launches nothing', async () => {
    const object = { bucket: SHOP.bucket, key: 'shop-412.zip', bundleType: 'zip', version: 'v1' } as const;
    const { applicationName, deploymentGroupName } = SHOP;
    const codeDeploy = { applicationName, deploymentGroupName, revision: { s3: object } };
    const cloud = { undocumented: { filterAfterSuccess: 'green' } } as const;
    const { cloud: served, result } = await release({ cloud, spec: { codeDeploy } });
    expect(result.outcome).toBe('succeeded');
    served.advance(10 * MINUTE_MS);
    const blueGreen = new BlueGreen({ ...served.options(), store: new MemoryStore() });
    const plan = await blueGreen.plan(served.spec({ codeDeploy, onSameRevision: 'skip' }));
    await blueGreen.close();
    expect(plan.wouldStart).toBe(true);
    expect(plan.warnings.map(({ code }) => code)).toContain('RELEASE_SKIPPED');
    expect(plan.steps.flatMap(({ id, skipped }) => (skipped === true ? [] : [id]))).toEqual([
      'preflight',
      'check-same-revision',
    ]);
    expect([plan.bounds.longestMs, plan.bounds.extraInstances]).toEqual([0, undefined]);
  });
});

describe('a plan with a gate that stays open until somebody answers', () => {
  it('has no end of its own, and is plain JSON all the same', async () => {
    const gates = [{ name: 'go', before: 'PRE_SCALE_UP', onExpiry: 'hold' }] as const;
    const { plan } = await planFor({ spec: { gates } });
    expect(JSON.parse(JSON.stringify(plan))).toStrictEqual(plan);
    expect(plan.stops).toEqual([{ type: 'gate', name: 'go', stepId: 'gate/go', stage: 'PRE_SCALE_UP', holds: true }]);
    expect([plan.bounds.rolloutTimeoutMs, plan.bounds.longestMs]).toEqual([undefined, undefined]);
    expect(renderPlan(plan)).not.toMatch(/NaN|undefined|Infinity|for ever/);
  });
});

describe('a plan that would be refused', () => {
  it('says why, with what to do, and leaves open what is not known then', async () => {
    const gates = [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT' }] as const;
    const story: ReleaseStory = { spec: { green: { tagKey: 'Colour', value: 'blue' }, gates } };
    const { plan, mutations, writes } = await planFor(story);
    expect([mutations, writes]).toEqual([[], []]);
    expect(plan.wouldStart).toBe(false);
    const { result } = await release(story);
    expect(plan.refusals).toEqual((result.error?.details as { findings: unknown }).findings);
    expect(plan.refusals.length).toBeGreaterThan(1);
    expect(plan.blue).toBeUndefined();
    expect(plan.stops).toEqual([
      { type: 'gate', name: 'go', stepId: 'gate/go', stage: 'PRODUCTION_TRAFFIC_SHIFT', withinMs: 24 * 60 * MINUTE_MS },
    ]);
    expect(plan.bounds.modeTimeoutMs).toBeUndefined();
    expect(plan.bounds.extraInstances).toBeUndefined();
  });

  it('names the rollout that holds the target', async () => {
    await using cloud = new SimulatedCloud({ rateLimits: false });
    const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore() });
    const gates = [{ name: 'go', before: 'PRE_SCALE_UP' }];
    const rollout = await blueGreen.start(cloud.spec({ gates }) as ElastigroupSpec, { id: 'first' });
    for await (const { name, data } of rollout.events())
      if (name === 'step:run:started' && (data as { step: string }).step === 'gate/go') break;
    const plan = await blueGreen.plan(cloud.spec());
    expect(plan.wouldStart).toBe(false);
    expect(plan.refusals.map(({ check, found }) => [check, found])).toEqual(
      plan.targets.map((target) => ['target', `${target} is held by rollout first, which has not ended`]),
    );
    await rollout.abort({ by: 'Ada', reason: 'enough' });
    await rollout.result();
    expect((await blueGreen.plan(cloud.spec())).wouldStart).toBe(true);
    await blueGreen.close();
  });
});

describe('a plan rejects', () => {
  const rejects = async (story: ReleaseStory, spec?: object): Promise<string> => {
    await using cloud = new SimulatedCloud({ rateLimits: false, ...story.cloud, faults: story.faults ?? [] });
    const blueGreen = new BlueGreen({ ...cloud.options(), ...story.options, store: new MemoryStore() });
    const error = await rejection(blueGreen.plan(cloud.spec(spec ?? {})));
    await blueGreen.close();
    expect(cloud.clock.pending()).toBe(0);
    return error.code;
  };

  it('for a spec that is none, before any request', async () => {
    expect(await rejects({}, { elastigroupId: 'shop' })).toBe('SPEC_INVALID');
  });

  it('for an Elastigroup that does not exist, as a release is', async () => {
    const spec = { elastigroupId: 'sig-99999999' };
    const { result } = await release({ spec });
    expect(await rejects({}, spec)).toBe(result.error?.code);
  });

  it('for an id or an option that is none', async () => {
    await using cloud = new SimulatedCloud();
    const blueGreen = new BlueGreen(cloud.options());
    for (const call of [{ id: 'no spaces' }, { signal: AbortSignal.abort() }] as never[])
      expect((await rejection(blueGreen.plan(cloud.spec(), call))).code).toBe('OPTIONS_INVALID');
    expect(cloud.requests).toEqual([]);
    await blueGreen.close();
  });
});

describe('a plan for a terminal', () => {
  it('tells stage by stage what happens, who is asked, and the bounds', async () => {
    const { plan } = await planFor(asked(), 'bg-7');
    const text = renderPlan(plan);
    for (const { title } of plan.steps) expect(text).toContain(title);
    for (const { name } of plan.stops) expect(text).toContain(name);
    expect(text).toContain('It would start.');
    expect(text).toMatch(/^RECONCILE_SERVICE$/m);
    expect(text).toMatch(/blue +2: i-/);
  });
});

function asked(): ReleaseStory {
  return {
    cloud: { ...READY, blue: 2 },
    spec: { gates: [{ name: 'go', before: 'PRE_SCALE_UP' }] },
    options: {
      hooks: {
        RECONCILE_SERVICE: { name: 'freeze', run: () => {}, veto: true },
        PRODUCTION_TRAFFIC_SHIFT: { name: 'smoke', run: () => {}, veto: true, timeout: '10m' },
        POST_PRODUCTION_TRAFFIC_SHIFT: { name: 'tell', run: () => {} },
      },
    } satisfies Partial<BlueGreenOptions>,
    onEvent: ({ name, data }, _cloud, blueGreen) => {
      if (name === 'step:run:started' && (data as { step: string }).step === 'gate/go')
        void blueGreen.approve('bg-7', 'go', { by: 'Ada' });
    },
  };
}
