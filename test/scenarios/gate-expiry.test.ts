import { afterEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/index.js';
import type { RolloutEvent } from '../../src/index.js';
import type { Undocumented } from '../../src/testing/index.js';
import { cloudOf, driverOf, eventSeen, ROLLOUT_ID, specOf } from '../helpers/crash.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** What is kept of a wait of CodeDeploy's for taking the release back. */
const MARGIN = 5 * MINUTE;
const POLLING = { every: '15s', urgent: '5s', holding: '10m' } as const;
const READY = { requestsPerSecond: 1, deploymentGroup: { readyWaitMinutes: 60 } } as const;
const KEEPS_BLUE = { requestsPerSecond: 1, deploymentGroup: { terminationWaitMinutes: 60 } } as const;
/** Where Spot rolls back by itself it restarts blue, which users notice whatever we do. */
const FAILING = ['only-removes-green', 'does-nothing', 'rolls-back-itself'] as const;

const isOf = (event: RolloutEvent, name: RolloutEvent['name'], step: string): boolean =>
  event.name === name && (event.data as { readonly step?: string }).step === step;
const timeOf = (events: readonly RolloutEvent[], name: RolloutEvent['name'], step: string): number =>
  Date.parse(events.find((event) => isOf(event, name, step))?.at ?? '');
const warnings = (events: readonly RolloutEvent[]): readonly string[] =>
  events.flatMap((event) => (event.name === 'rollout:check:warned' ? [event.data.code] : []));

const held = (before: string, more: object = {}): object => ({ name: 'go', before, onExpiry: 'hold', ...more });

const run = (cloud: object, gates: readonly object[], more: ReleaseStory = {}): Promise<ReleaseEnd> =>
  release({
    ...more,
    cloud: { ...cloud, ...more.cloud },
    spec: { gates: gates as never, ...more.spec },
    options: { polling: POLLING, ...more.options },
  });

/** It was us who took the release back, with CodeDeploy and Spot still waiting, and nobody noticed. */
function expectTakenBack({ result, cloud, mutations }: ReleaseEnd, code: string): void {
  expect(result).toMatchObject({ outcome: 'rolled-back', error: { code } });
  expect(cloud.snapshot().serving).toEqual({ blue: 3, green: 0, other: 0 });
  expect(mutations).toContain('codedeploy StopDeployment');
  expect(mutations).not.toContain('codedeploy ContinueDeployment');
}

describe('a gate that is to stay open when nobody has answered in time', () => {
  it('warns once, and goes on when somebody answers much later', async () => {
    const end = await run(READY, [held('PRODUCTION_TRAFFIC_SHIFT', { expiresIn: '10m' })], {
      onEvent: (event, { clock }, blueGreen) => {
        if (isOf(event, 'step:run:started', 'gate/go'))
          clock.schedule(40 * MINUTE, () => void blueGreen.approve(event.rolloutId ?? '', 'go', { by: 'Ada' }));
      },
    });
    expect(end.result.outcome).toBe('succeeded');
    expect(warnings(end.events).filter((code) => code === 'GATE_OVERDUE')).toHaveLength(1);
    const overdue = end.events.find(({ name, text }) => name === 'rollout:check:warned' && text.includes('stays open'));
    expect(Date.parse(overdue?.at ?? '') - timeOf(end.events, 'step:run:started', 'gate/go')).toBe(10 * MINUTE);
    expect(end.events.filter(({ text }) => text.startsWith('overdue: waiting'))).toHaveLength(1);
  });

  it('stands without end where no cloud limits it, and says so in plan and status', async () => {
    const gates = [held('PRE_SCALE_UP', { expiresIn: '1h' })];
    let until: unknown = 'not seen';
    const end = await run({ requestsPerSecond: 1 }, gates, {
      options: { polling: { every: '15s', urgent: '5s', holding: '6h' } },
      onEvent: (event, { clock }, blueGreen) => {
        if (!isOf(event, 'step:run:started', 'gate/go')) return;
        clock.schedule(40 * HOUR, () => {
          void blueGreen.status(event.rolloutId ?? '').then(async ({ gates: [open] }) => {
            until = open?.untilAt;
            await blueGreen.approve(event.rolloutId ?? '', 'go', { by: 'Ada' });
          });
        });
      },
    });
    expect(end.result.outcome).toBe('succeeded');
    expect(end.tookMs).toBeGreaterThan(40 * HOUR);
    expect(until).toBeUndefined();
    await using cloud = cloudOf();
    const blueGreen = driverOf(cloud, new MemoryStore(), 1);
    const plan = await blueGreen.plan(specOf(cloud, { gates }));
    expect(plan.bounds.rolloutTimeoutMs).toBeUndefined();
    expect(plan.bounds.longestMs).toBeUndefined();
    expect(plan.stops.map(({ withinMs }) => withinMs)).toEqual([undefined]);
    await blueGreen.close();
  });

  it.each(FAILING)(
    'is closed before the Ready wait is over all the same, where Spot %s',
    async (whenDeploymentFails) => {
      const end = await run(READY, [held('PRODUCTION_TRAFFIC_SHIFT', { expiresIn: '10m' })], {
        cloud: { undocumented: { whenDeploymentFails } },
      });
      expectTakenBack(end, 'GATE_EXPIRED');
      const ready = timeOf(end.events, 'step:run:completed', 'await-ready');
      const closed = timeOf(end.events, 'step:run:failed', 'gate/go');
      expect(closed - ready).toBeLessThanOrEqual(60 * MINUTE - MARGIN);
      expect(closed - ready).toBeGreaterThan(54 * MINUTE);
    },
  );

  it('is closed before the termination wait is over all the same', async () => {
    const end = await run(KEEPS_BLUE, [held('BAKE_TIME', { expiresIn: '10m' })]);
    expectTakenBack(end, 'GATE_EXPIRED');
    expect(end.cloud.traffic.failed).toBe(0);
    const began = timeOf(end.events, 'step:run:started', 'gate/go');
    const closed = timeOf(end.events, 'step:run:failed', 'gate/go');
    expect(closed - began).toBeGreaterThan(54 * MINUTE);
    expect(closed - began).toBeLessThanOrEqual(60 * MINUTE - MARGIN);
  });

  it('after traffic, where CodeDeploy calls it a success already, ends the rollout without touching anything', async () => {
    const undocumented = { statusInTerminationWait: 'Succeeded' } as const;
    const end = await run(KEEPS_BLUE, [held('BAKE_TIME', { expiresIn: '10m' })], { cloud: { undocumented } });
    expect(end.result).toMatchObject({ outcome: 'failed', error: { code: 'GATE_EXPIRED' } });
    expect(end.cloud.snapshot().serving).toMatchObject({ green: 3 });
    expect(end.mutations).not.toContain('codedeploy StopDeployment');
  });
});

describe('two gates in a row', () => {
  it('share one Ready wait: the second has what the first has left', async () => {
    const gates = [
      { name: 'tests', before: 'POST_SCALE_UP' },
      { name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT' },
    ];
    const end = await run(READY, gates, {
      cloud: { undocumented: { whenDeploymentFails: 'only-removes-green' } },
      onEvent: (event, { clock }, blueGreen) => {
        if (isOf(event, 'step:run:started', 'gate/tests'))
          clock.schedule(50 * MINUTE, () => void blueGreen.approve(event.rolloutId ?? '', 'tests', { by: 'Ada' }));
      },
    });
    expectTakenBack(end, 'GATE_EXPIRED');
    expect(end.result.error?.message).toContain('"go"');
    const began = timeOf(end.events, 'step:run:started', 'gate/go');
    expect(timeOf(end.events, 'step:run:failed', 'gate/go') - began).toBeLessThanOrEqual(5 * MINUTE);
    const data = end.events.find((event) => isOf(event, 'step:run:started', 'gate/go'))?.data;
    const { untilAt } = data as { readonly untilAt?: string };
    expect(Date.parse(untilAt ?? '') - began).toBeLessThanOrEqual(5 * MINUTE);
  });
});

describe('a hook that may think for longer than CodeDeploy waits', () => {
  const silent = { name: 'soak', timeout: '6h', run: () => new Promise<void>(() => {}) } as const;

  it.each([
    ['PRODUCTION_TRAFFIC_SHIFT', READY],
    ['POST_PRODUCTION_TRAFFIC_SHIFT', KEEPS_BLUE],
  ] as const)('is given up before that, at %s', async (stage, cloud) => {
    const end = await run(cloud, [], {
      cloud: { undocumented: { whenDeploymentFails: 'only-removes-green' } },
      options: { hooks: { [stage]: silent } },
    });
    expectTakenBack(end, 'HOOK_EXPIRED');
    const step = `hook/${stage}/soak`;
    const heldMs = timeOf(end.events, 'step:run:failed', step) - timeOf(end.events, 'step:run:started', step);
    expect(heldMs).toBeLessThanOrEqual(60 * MINUTE - MARGIN);
    expect(heldMs).toBeGreaterThan(54 * MINUTE);
  });
});

describe('while nobody drives, the clouds’ timers go on', () => {
  /** The first process stops when this step has begun; another one goes on after so long. */
  async function suspendedAt(
    step: string,
    ms: number,
    gate: object,
    undocumented: Partial<Undocumented> = {},
    spot: object = {},
  ) {
    const cloud = cloudOf({
      ...READY,
      undocumented: { whenDeploymentFails: 'only-removes-green', ...undocumented },
    } as never);
    const store = new MemoryStore();
    const reached = eventSeen((event) => isOf(event, 'step:run:started', step));
    const access = cloud.options();
    const options = { polling: POLLING, spot: { ...access.spot, ...spot } };
    const first = driverOf(cloud, store, 1, { ...options, onEvent: reached.onEvent });
    const rollout = await first.start(specOf(cloud, { gates: [gate] }), { id: ROLLOUT_ID });
    await reached.seen;
    await first.close();
    expect((await rollout.result()).outcome).toBe('suspended');
    cloud.advance(ms);
    const events: RolloutEvent[] = [];
    const second = driverOf(cloud, store, 2, { ...options, onEvent: (event) => void events.push(event) });
    const result = await (await second.resume(ROLLOUT_ID)).result();
    await second.close();
    const { serving } = cloud.snapshot();
    const deployments = cloud.snapshot().codeDeployDeployments;
    await cloud.close();
    return { result, events, serving, deployments };
  }

  it('a gate whose wait is nearly over is given up at the first look, although its own time has paused', async () => {
    const gate = { name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT', expiresIn: '50m' };
    const { result, events, serving, deployments } = await suspendedAt('gate/go', 56 * MINUTE, gate);
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'GATE_EXPIRED' } });
    expect(serving).toEqual({ blue: 2, green: 0, other: 0 });
    // By us: CodeDeploy's own wait had four minutes left.
    expect(events.some(({ name, text }) => name === 'operation:send:intended' && text.includes('stopDeployment'))).toBe(
      true,
    );
    expect(deployments.find(({ description }) => description?.startsWith(ROLLOUT_ID))?.status).toBe('Stopped');
  });

  it('its own time goes on where it stopped while the wait has enough left', async () => {
    const gate = { name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT', expiresIn: '30m' };
    const { result, events } = await suspendedAt('gate/go', 20 * MINUTE, gate);
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'GATE_EXPIRED' } });
    const resumed = Date.parse(events.find(({ name }) => name === 'rollout:drive:started')?.at ?? '');
    const givenUpMs = timeOf(events, 'step:run:failed', 'gate/go') - resumed;
    expect(givenUpMs).toBeGreaterThan(28 * MINUTE);
    expect(givenUpMs).toBeLessThanOrEqual(30 * MINUTE);
  });

  it.each([
    ['seconds', 'unwind'],
    ['minutes', 'unwind'],
    ['seconds', 'hold'],
  ] as const)(
    'Spot’s own limit, told in %s, ends a gate before the Ready wait does: %s',
    async (modeTimeoutUnit, onExpiry) => {
      const gate = { name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT', onExpiry };
      // So long that what is left of the mode is shorter than the Ready wait, less the way back.
      const { result, events, serving } = await suspendedAt(
        'release-green/1',
        230 * MINUTE,
        gate,
        { modeTimeoutUnit },
        { modeTimeoutUnit },
      );
      expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'GATE_EXPIRED' } });
      expect(serving).toEqual({ blue: 2, green: 0, other: 0 });
      const heldMs = timeOf(events, 'step:run:failed', 'gate/go') - timeOf(events, 'step:run:started', 'gate/go');
      expect(heldMs).toBeGreaterThan(0);
      // The Ready wait would have left it 55 minutes.
      expect(heldMs).toBeLessThan(45 * MINUTE);
    },
  );
});
