import { afterEach, describe, expect, it } from 'vitest';
import type { BlueGreen, RolloutEvent } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { refusal, soleFinding } from '../helpers/refusal.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const MINUTE_MS = 60_000;
const POLLING = { every: '15s', urgent: '5s' } as const;
/** Where Spot rolls back by itself it restarts blue, which users notice whatever we do. */
const QUIET_SPOT = { whenDeploymentFails: 'only-removes-green' } as const;
const WAITS = { deploymentGroup: { readyWaitMinutes: 60 }, undocumented: QUIET_SPOT } as const;
const ONE_FAILS = [{ fault: 'script-fails', event: 'ValidateService', instance: 0 }] as const;
const CONTINUE = 'codedeploy ContinueDeployment';

const counted = (end: ReleaseEnd, operation: string): number =>
  end.mutations.filter((each) => each === operation).length;

function expectAsBefore({ cloud, result }: ReleaseEnd): void {
  expect(result.outcome).toBe('rolled-back');
  const { serving, elastigroups } = cloud.snapshot();
  expect(serving).toEqual({ blue: 3, green: 0, other: 0 });
  expect(elastigroups[0]?.members).toHaveLength(3);
  expect(cloud.traffic).toMatchObject({ failed: 0, green: 0 });
}

describe('a deployment group that waits in Ready', () => {
  it('is continued exactly once, and only then green gets traffic', async () => {
    const end = await release({ cloud: WAITS, options: { polling: POLLING } });
    expect(end.result.outcome).toBe('succeeded');
    expect(counted(end, CONTINUE)).toBe(1);
    const body = end.cloud.requests.find(({ operation }) => operation === 'ContinueDeployment')?.body;
    expect(body).toMatchObject({ deploymentWaitType: 'READY_WAIT' });
    expect(end.cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
    expect(end.cloud.traffic.failed).toBe(0);
  });

  it('has failed targets counted there: with all of green demanded it is never continued', async () => {
    const end = await release({ cloud: WAITS, faults: ONE_FAILS, options: { polling: POLLING } });
    expectAsBefore(end);
    expect(counted(end, CONTINUE)).toBe(0);
    expect(end.result.error).toMatchObject({ code: 'RELEASE_FAILED', blame: 'release' });
    expect(end.result.error?.message).toContain('ValidateService');
  });

  it('goes on where as many as demanded are installed, and what failed never serves', async () => {
    const end = await release({
      cloud: WAITS,
      faults: ONE_FAILS,
      spec: { minimumHealthyPercent: 66 },
      options: { polling: POLLING },
    });
    expect(end.result.outcome).toBe('succeeded');
    expect(counted(end, CONTINUE)).toBe(1);
    const { serving, codeDeployDeployments, elastigroups } = end.cloud.snapshot();
    expect(serving).toEqual({ blue: 0, green: 2, other: 0 });
    const green = codeDeployDeployments[0]?.targets.filter(({ label }) => label === 'Green') ?? [];
    expect(green.map(({ status }) => status).sort()).toEqual(['Failed', 'Succeeded', 'Succeeded']);
    // Neither blue nor proven green: it is taken out, and nothing else with it.
    const failed = green.find(({ status }) => status === 'Failed')?.instanceId ?? '';
    const detached = end.cloud.requests.filter(({ operation }) => operation === 'detachInstances');
    expect(detached.map(({ body }) => (body as { instancesToDetach: unknown }).instancesToDetach)).toEqual([[failed]]);
    expect(elastigroups[0]?.members).not.toContain(failed);
    expect(end.cloud.traffic.failed).toBe(0);
  });

  it('ends by itself where CodeDeploy cannot be told to go on in time, and everything is as it was', async () => {
    const end = await release({
      cloud: { deploymentGroup: { readyWaitMinutes: 1 }, undocumented: QUIET_SPOT },
      faults: [{ fault: 'throttled', on: { service: 'codedeploy', operation: 'ContinueDeployment', times: 500 } }],
      options: { polling: POLLING },
    });
    expectAsBefore(end);
    const answers = end.cloud.requests.filter(({ operation }) => operation === 'ContinueDeployment');
    expect(answers.some(({ status }) => status === 200)).toBe(false);
    expect(end.result.error?.code).toBe('RELEASE_STOPPED');
  });
});

describe('a deployment group that does not wait in Ready', () => {
  it('is stopped as soon as all of green cannot be had any more', async () => {
    const end = await release({
      cloud: { undocumented: QUIET_SPOT },
      faults: [{ fault: 'script-fails', event: 'BeforeInstall', instance: 0 }],
    });
    expectAsBefore(end);
    expect(counted(end, 'codedeploy StopDeployment')).toBe(1);
    expect(end.result.error).toMatchObject({ code: 'RELEASE_FAILED', blame: 'release' });
  });

  it('may call a part a success before it can be stopped: the release has failed, says so, and touches nothing more', async () => {
    const end = await release({
      faults: ONE_FAILS,
      options: { polling: { every: '20m', urgent: '20m' } },
    });
    const { cloud, result, mutations } = end;
    expect(result).toMatchObject({ outcome: 'failed', error: { code: 'RELEASE_FAILED', blame: 'release' } });
    expect(result.receipt.pivotPassedAt).toBeDefined();
    expect(mutations).toEqual(['spot enterDeploymentMode', 'codedeploy CreateDeployment']);
    expect(cloud.snapshot().serving).toMatchObject({ green: 2, other: 0 });
    expect(cloud.traffic.failed).toBe(0);
    const served = result.receipt.lines.find(({ what }) => what === 'served by proven green');
    expect(served?.verdict).toBe('restored');
  });
});

describe('a gate before production traffic', () => {
  const gated = (
    answer: (blueGreen: BlueGreen, id: string) => Promise<void>,
    also: (cloud: SimulatedCloud) => void = () => {},
  ): ReleaseStory => ({
    cloud: WAITS,
    spec: { gates: [{ name: 'tests-passed', before: 'PRODUCTION_TRAFFIC_SHIFT' }] },
    options: { polling: POLLING },
    onEvent: (event, cloud, blueGreen) => {
      if (!opens(event, 'tests-passed')) return;
      also(cloud);
      // A quarter of an hour later, somebody answers.
      cloud.clock.schedule(15 * MINUTE_MS, () => void answer(blueGreen, event.rolloutId ?? ''));
    },
  });

  it('holds green installed and out of traffic until somebody approves', async () => {
    const held: unknown[] = [];
    const look = (cloud: SimulatedCloud): void => {
      const { serving, codeDeployDeployments, instances } = cloud.snapshot();
      const installed = instances.filter(({ colour, healthy }) => colour === 'green' && healthy).length;
      held.push([serving, codeDeployDeployments[0]?.status, installed]);
    };
    const end = await release(
      gated(
        (blueGreen, id) => blueGreen.approve(id, 'tests-passed', { by: 'Ada' }),
        (cloud) => {
          look(cloud);
          cloud.clock.schedule(14 * MINUTE_MS, () => look(cloud));
        },
      ),
    );
    const still = [{ blue: 3, green: 0, other: 0 }, 'Ready', 3];
    expect(held).toEqual([still, still]);
    expect(end.result.outcome).toBe('succeeded');
    expect(counted(end, CONTINUE)).toBe(1);
    expect(end.cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
    expect(end.cloud.traffic.failed).toBe(0);
  });

  it('takes everything back when somebody says no', async () => {
    const end = await release(
      gated((blueGreen, id) => blueGreen.reject(id, 'tests-passed', { by: 'Ada', reason: 'a test is red' })),
    );
    expectAsBefore(end);
    expect(counted(end, CONTINUE)).toBe(0);
    expect(end.result.error).toMatchObject({ code: 'GATE_REJECTED', blame: 'operator' });
    expect(end.result.error?.message).toMatch(/Ada.*a test is red/);
  });

  it('takes everything back when nobody answers, before CodeDeploy would do so by itself', async () => {
    const end = await release(gated(async () => {}));
    expectAsBefore(end);
    expect(counted(end, CONTINUE)).toBe(0);
    expect(end.result.error).toMatchObject({ code: 'GATE_EXPIRED', blame: 'operator' });
    expect(counted(end, 'codedeploy StopDeployment')).toBe(1);
    const stopped = end.cloud.requests.find(({ operation }) => operation === 'StopDeployment')?.status;
    expect(stopped).toBe(200);
  });

  it('is refused where the wait in Ready leaves no time to answer it', async () => {
    const finding = await soleFinding({
      cloud: { deploymentGroup: { readyWaitMinutes: 5 } },
      spec: { gates: [{ name: 'tests-passed', before: 'PRODUCTION_TRAFFIC_SHIFT' }] },
    });
    expect(finding.check).toBe('gate tests-passed before PRODUCTION_TRAFFIC_SHIFT');
    expect(finding.found).toMatch(/waits in Ready for 300000 ms/);
    expect(finding.fix).toMatch(/waitTimeInMinutes/);
  });
});

describe('a gate before anything is launched', () => {
  const gated = (answer: (blueGreen: BlueGreen, id: string) => void, expiresIn?: string): ReleaseStory => ({
    spec: {
      gates: [
        { name: 'change-window', before: 'PRE_SCALE_UP', ...(expiresIn === undefined ? {} : { expiresIn: '30m' }) },
      ],
    },
    options: { polling: POLLING },
    onEvent: (event, _cloud, blueGreen) => {
      if (opens(event, 'change-window')) answer(blueGreen, event.rolloutId ?? '');
    },
  });

  it('lets the release go on once somebody approves', async () => {
    let sent: unknown;
    const end = await release({
      ...gated(() => {}),
      onEvent: (event, cloud, blueGreen) => {
        if (!opens(event, 'change-window')) return;
        cloud.clock.schedule(15 * MINUTE_MS, () => {
          sent = cloud.requests.filter(({ operation }) => operation === 'enterDeploymentMode');
          void blueGreen.approve(event.rolloutId ?? '', 'change-window', { by: 'Ada' });
        });
      },
    });
    expect(sent).toEqual([]);
    expect(end.result.outcome).toBe('succeeded');
    expect(end.cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
  });

  it('refuses the release when somebody says no, with nothing touched', async () => {
    const { error } = await refusal(
      gated((blueGreen, id) => void blueGreen.reject(id, 'change-window', { by: 'Ada', reason: 'freeze' })),
    );
    expect(error.code).toBe('GATE_REJECTED');
  });

  it('refuses the release when nobody answers in time, with nothing touched', async () => {
    const { error } = await refusal(gated(() => {}, '30m'));
    expect(error.code).toBe('GATE_EXPIRED');
  });
});

function opens(event: RolloutEvent, gate: string): boolean {
  return event.name === 'step:run:started' && event.data.step === `gate/${gate}`;
}
