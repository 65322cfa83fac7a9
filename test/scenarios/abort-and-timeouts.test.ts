import { afterEach, describe, expect, it } from 'vitest';
import { fixedTimeouts, MemoryStore, BlueGreen } from '../../src/index.js';
import type { ElastigroupSpec, RolloutEvent, RolloutResult } from '../../src/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { watchInvariants, type Watch } from '../helpers/invariants.js';
import { at } from '../helpers/moments.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';
import { notAsBefore } from '../helpers/rollback.js';

afterEach(closeClouds);

const ORDER = { by: 'me', reason: 'changed my mind' };
const WAITS = { deploymentGroup: { readyWaitMinutes: 60 } };

const BEFORE_PIVOT = [
  'preflight',
  'capture-blue',
  'enter-deployment-mode',
  'await-green',
  'release-green/1',
  'confirm-targets/1',
  'await-ready',
  'continue-codedeploy',
  'await-codedeploy',
];
const AFTER_PIVOT = ['await-blue-retired', 'find-strays/1', 'restore-settings', 'prove-release'];

const begins = (event: RolloutEvent, step: string): boolean =>
  event.name === 'step:run:started' && event.data.step === step && event.data.direction === 'forward';

type Watched = ReleaseEnd & { readonly watch: Watch };

async function watched(story: ReleaseStory): Promise<Watched> {
  let watch: Watch | undefined;
  const prepare = (cloud: SimulatedCloud): void => {
    story.prepare?.(cloud);
    watch = watchInvariants(cloud);
  };
  const end = await release({ ...story, cloud: { blue: 2, ...story.cloud }, prepare });
  if (watch === undefined) throw new Error('nothing was watched');
  return { ...end, watch };
}

function expectAsBefore({ cloud, result, watch }: Watched, code: string): void {
  expect(result).toMatchObject({ outcome: 'rolled-back', error: { code } });
  expect(notAsBefore(watch.before, cloud.snapshot(), 'at the end')).toEqual([]);
  expect(watch.violations).toEqual([]);
  expect(cloud.traffic.failed).toBe(0);
}

function expectReleased({ cloud, result, watch }: Watched): void {
  expect(result.outcome).toBe('succeeded');
  expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
  expect(watch.violations).toEqual([]);
  expect(cloud.traffic.failed).toBe(0);
}

describe('an order to abort', () => {
  for (const step of BEFORE_PIVOT) {
    it(`as ${step} begins is answered "unwinding", and production is as it was`, async () => {
      const answers: Array<Promise<string>> = [];
      const end = await watched({
        cloud: WAITS,
        onEvent: (event, _cloud, blueGreen) => {
          if (begins(event, step)) answers.push(blueGreen.abort(event.rolloutId ?? '', ORDER));
        },
      });
      expect(await Promise.all(answers)).toEqual(['unwinding']);
      expectAsBefore(end, 'ABORTED');
    });
  }

  for (const step of AFTER_PIVOT) {
    it(`as ${step} begins is answered "too-late", and the release goes on to its end`, async () => {
      const answers: Array<Promise<string>> = [];
      const end = await watched({
        cloud: WAITS,
        onEvent: (event, _cloud, blueGreen) => {
          if (begins(event, step)) answers.push(blueGreen.abort(event.rolloutId ?? '', ORDER));
        },
      });
      expect(await Promise.all(answers)).toEqual(['too-late']);
      expectReleased(end);
    });
  }

  it('that comes twice is answered the same twice, and obeyed once', async () => {
    const answers: Array<Promise<string>> = [];
    const end = await watched({
      onEvent: (event, _cloud, blueGreen) => {
        if (!begins(event, 'await-green')) return;
        for (let times = 0; times < 2; times += 1) answers.push(blueGreen.abort(event.rolloutId ?? '', ORDER));
      },
    });
    expect(await Promise.all(answers)).toEqual(['unwinding', 'unwinding']);
    expectAsBefore(end, 'ABORTED');
    expect(end.mutations).toEqual(['spot enterDeploymentMode', 'spot stopDeploymentMode']);
  });

  it('sends nothing at all where nothing had been sent', async () => {
    const end = await watched({
      onEvent: (event, _cloud, blueGreen) => {
        if (begins(event, 'capture-blue')) void blueGreen.abort(event.rolloutId ?? '', ORDER);
      },
    });
    expectAsBefore(end, 'ABORTED');
    expect(end.mutations).toEqual([]);
  });
});

describe('the caller’s signal', () => {
  for (const step of ['await-green', 'await-codedeploy']) {
    it(`with onSignal "abort", during ${step}, takes the release back`, async () => {
      const caller = new AbortController();
      const end = await watched({
        call: { signal: caller.signal, onSignal: 'abort' },
        onEvent: (event) => {
          if (begins(event, step)) caller.abort(new Error('the job was cancelled'));
        },
      });
      expectAsBefore(end, 'ABORTED');
      expect(end.result.error?.message).toContain('the job was cancelled');
    });
  }

  for (const step of [...BEFORE_PIVOT.slice(1), ...AFTER_PIVOT]) {
    it(`with onSignal "suspend", as ${step} begins, leaves the rollout where it is; resume finishes it`, async () => {
      const { suspended, resumed, cloud, watch } = await suspendAndResume((event) => begins(event, step), {});
      expect(suspended.outcome).toBe('suspended');
      expect(resumed.outcome).toBe('succeeded');
      expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
      expect(watch.violations).toEqual([]);
      expect(watch.sent).toEqual([
        'spot enterDeploymentMode',
        'codedeploy CreateDeployment',
        'codedeploy ContinueDeployment',
      ]);
    });
  }

  for (const step of ['stop-codedeploy', 'await-quiet', 'drain-green', 'leave-deployment-mode', 'verify-restored']) {
    it(`suspends on the way back too, as ${step} begins, and resume takes it to its end`, async () => {
      const isThere = ({ name, data }: RolloutEvent): boolean =>
        name === 'step:run:started' && data.step === step && data.direction === 'undo';
      const { suspended, resumed, cloud, watch } = await suspendAndResume(isThere, {
        faults: [{ fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' }],
      });
      expect(suspended.outcome).toBe('suspended');
      expect(resumed).toMatchObject({ outcome: 'rolled-back', error: { code: 'RELEASE_FAILED' } });
      expect(notAsBefore(watch.before, cloud.snapshot(), 'at the end')).toEqual([]);
      expect(watch.violations).toEqual([]);
    });
  }
});

/** One process stops driving as something happens; ten minutes later another takes over from the same store. */
async function suspendAndResume(
  when: (event: RolloutEvent) => boolean,
  { faults }: Pick<ReleaseStory, 'faults'>,
): Promise<{ suspended: RolloutResult; resumed: RolloutResult; cloud: SimulatedCloud; watch: Watch }> {
  const cloud = new SimulatedCloud({ blue: 2, rateLimits: false, faults: faults ?? [], ...WAITS });
  const watch = watchInvariants(cloud);
  const store = new MemoryStore();
  const caller = new AbortController();
  const options = { ...cloud.options(), store };
  const first = new BlueGreen({
    ...options,
    onEvent: (event) => {
      if (when(event)) caller.abort(new Error('deploying something else'));
    },
  });
  const spec = cloud.spec() as ElastigroupSpec;
  const rollout = await first.start(spec, { id: 'one', signal: caller.signal, onSignal: 'suspend' });
  const suspended = await rollout.result();
  await first.close();
  cloud.advance(60_000);
  const second = new BlueGreen(options);
  const resumed = await (await second.resume('one')).result();
  await second.close();
  await cloud.close();
  return { suspended, resumed, cloud, watch };
}

describe('a time that is up', () => {
  it('for the whole rollout takes the release back', async () => {
    expectAsBefore(await watched({ options: { timeouts: fixedTimeouts({ rollout: '2m' }) } }), 'ROLLOUT_TIMED_OUT');
  });

  it('for the whole rollout means nothing once blue can no longer carry the load', async () => {
    const calm = await watched({});
    const pivotAt = Date.parse(calm.result.receipt.pivotPassedAt ?? '');
    const rollout = pivotAt - Date.parse(calm.result.startedAt) + 10_000;
    expectReleased(await watched({ options: { timeouts: fixedTimeouts({ rollout }) } }));
  });

  for (const [step, limit] of [
    ['await-green', '30s'],
    ['confirm-targets', '1s'],
    ['await-ready', '20s'],
    ['await-codedeploy', '15s'],
  ] as const) {
    it(`for the step ${step} takes the release back`, async () => {
      const timeouts = fixedTimeouts({ steps: { [step]: limit } });
      expectAsBefore(await watched({ cloud: WAITS, options: { timeouts } }), 'STEP_TIMED_OUT');
    });
  }

  it('for Spot’s taking blue away makes the library do it', async () => {
    const end = await watched({
      faults: [{ fault: 'blue-not-removed' }],
      options: { timeouts: fixedTimeouts({ steps: { 'await-blue-retired': '1m' } }) },
    });
    expectReleased(end);
    expect(end.mutations).toContain('spot detachInstances');
  });

  it('for a step past the pivot ends the rollout as failed, with green serving and nothing taken back', async () => {
    const end = await watched({
      faults: [{ fault: 'blue-not-removed' }],
      options: { timeouts: fixedTimeouts({ steps: { 'await-blue-retired': '1m', 'await-blue-gone': '1s' } }) },
      spec: { detach: { drainingTimeout: '5m' } },
    });
    expect(end.result.outcome === 'failed' || end.result.outcome === 'succeeded').toBe(true);
    expect(end.cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
    expect(end.watch.violations).toEqual([]);
  });

  it('for single calls is no end of anything: they are made again', async () => {
    expectReleased(
      await watched({
        faults: [
          { fault: 'slow', on: { service: 'ec2', times: 2, atMs: 30_000 }, byMs: 8_000 },
          { fault: 'slow', on: { service: 'elbv2', times: 2 }, byMs: 8_000 },
        ],
        options: { timeouts: fixedTimeouts({ call: '5s' }) },
      }),
    );
  });

  it('while blue leaves traffic brings blue back before green goes', async () => {
    let left = 0;
    const end = await watched({
      prepare: (cloud) => at(cloud, 'blocking', () => void (left += 1)),
      options: { timeouts: fixedTimeouts({ steps: { 'await-codedeploy': '100s' } }) },
    });
    expect(left).toBe(1);
    expect(end.watch.lowestServing).toBeGreaterThanOrEqual(2);
    expect(notAsBefore(end.watch.before, end.cloud.snapshot(), 'at the end')).toEqual([]);
    expect(end.result).toMatchObject({ outcome: 'rolled-back', error: { code: 'STEP_TIMED_OUT' } });
  });
});
