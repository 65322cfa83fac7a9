import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreen, MemoryStore } from '../../src/index.js';
import type { OpenGate, RolloutEvent } from '../../src/index.js';
import { SHOP, SimulatedCloud } from '../../src/testing/index.js';
import { cloudOf, driverOf, eventSeen, ROLLOUT_ID, specOf } from '../helpers/crash.js';
import { CrashStore } from '../helpers/crash-store.js';
import { closeClouds, rejection, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const MINUTE = 60_000;
const POLLING = { every: '15s', urgent: '5s', holding: '30s' } as const;
const READY = { requestsPerSecond: 1, deploymentGroup: { readyWaitMinutes: 60 } } as const;
const KEEPS_BLUE = { requestsPerSecond: 1, deploymentGroup: { terminationWaitMinutes: 60 } } as const;
const ID = 'shop-412';

const shows = ({ name, data }: RolloutEvent): boolean =>
  name === 'step:run:observed' && data.step === 'gate/go' && data.facts !== undefined;
const yes = { by: 'Ada' } as const;

/** A release with the gate `go`; whoever answers does so when its evidence has been written down first. */
function gated(
  gate: { readonly before: string; readonly evidence?: 'required' | 'optional' },
  story: ReleaseStory,
  answers: (blueGreen: BlueGreen, open: OpenGate, cloud: SimulatedCloud) => Promise<void>,
): { readonly ended: Promise<ReleaseEnd>; readonly answered: () => Promise<void> } {
  let answered: Promise<void> | undefined;
  const ended = release({
    ...story,
    spec: { gates: [{ name: 'go', ...gate } as never], ...story.spec },
    options: { polling: POLLING, ...story.options },
    call: { id: ID },
    onEvent: (event, cloud, blueGreen) => {
      story.onEvent?.(event, cloud, blueGreen);
      if (!shows(event) || answered !== undefined) return;
      answered = blueGreen.status(ID).then(({ gates }) => answers(blueGreen, gates[0] as OpenGate, cloud));
      // Told by whoever awaits it below.
      answered.catch(() => {});
    },
  });
  return { ended, answered: async () => answered };
}

describe('what whoever has to answer is shown', () => {
  it('before anything is launched: how blue does, and the alarms', async () => {
    let shown: OpenGate | undefined;
    const { ended } = gated(
      { before: 'PRE_SCALE_UP' },
      { cloud: { requestsPerSecond: 1 }, spec: { alarms: ['errors'] }, prepare: withAlarm },
      async (blueGreen, open) => {
        shown = open;
        await blueGreen.reject(ID, 'go', { by: 'Ada', reason: 'seen enough' });
      },
    );
    expect((await ended).result.outcome).toBe('refused');
    expect(shown).toMatchObject({ name: 'go', stage: 'PRE_SCALE_UP', hash: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect(Date.parse(shown?.untilAt ?? '') - Date.parse(shown?.since ?? '')).toBe(24 * 60 * MINUTE);
    expect(shown?.evidence).toEqual({
      revision: { s3: { bucket: SHOP.bucket, key: 'shop-412.zip', bundleType: 'zip' } },
      greenPercent: 0,
      health: [
        {
          targetGroupArn: expect.stringContaining(SHOP.targetGroupName) as string,
          blue: { healthy: 3 },
          green: {},
          notHealthy: [],
        },
      ],
      alarms: [{ name: 'errors', state: 'OK' }],
    });
  });

  it('after traffic: who serves, who is on the way out, and what CodeDeploy did on each instance', async () => {
    const all: RolloutEvent[] = [];
    const { ended } = gated(
      { before: 'BAKE_TIME' },
      { cloud: KEEPS_BLUE, onEvent: (event) => void all.push(event) },
      (blueGreen) => blueGreen.approve(ID, 'go', yes),
    );
    const { result } = await ended;
    expect(result.outcome).toBe('succeeded');
    const { data } = all.find(shows) as Extract<RolloutEvent, { name: 'step:run:observed' }>;
    const { evidence, hash } = data.facts as { readonly evidence: Record<string, unknown>; readonly hash: string };
    expect(data.saw).toBe(`waiting for an answer to the gate "go" (evidence ${hash})`);
    expect(evidence).toMatchObject({
      greenPercent: 100,
      health: [{ green: { healthy: 3 } }],
      codeDeploy: { codeDeployDeploymentId: result.codeDeployDeploymentIds[0], status: 'InProgress' },
    });
    const { targets } = evidence['codeDeploy'] as { readonly targets: ReadonlyArray<{ readonly colour: string }> };
    expect(targets.map(({ colour }) => colour).sort()).toEqual(['Blue', 'Blue', 'Blue', 'Green', 'Green', 'Green']);
  });

  it('of what is not healthy: which instance, and why; and it names another situation', async () => {
    const hashes: string[] = [];
    const seen: unknown[] = [];
    const { ended } = gated(
      { before: 'PRE_SCALE_UP' },
      {
        cloud: { requestsPerSecond: 1, deregistrationDelayMs: 60 * MINUTE },
        onEvent: (event, _cloud, blueGreen) => {
          if (!shows(event)) return;
          const { facts } = event.data as { readonly facts?: { readonly hash: string; readonly evidence: unknown } };
          hashes.push(facts?.hash ?? '');
          seen.push(facts?.evidence);
          if (hashes.length === 2) void blueGreen.reject(ID, 'go', { by: 'Ada', reason: 'blue is ill' });
        },
      },
      async (_blueGreen, _open, { loadBalancing, elastigroups }) => {
        const [blue] = elastigroups.members(SHOP.elastigroupId);
        loadBalancing.deregister(SHOP.targetGroupName, [blue?.instanceId ?? '']);
      },
    );
    await ended;
    expect(new Set(hashes).size).toBe(2);
    expect(seen[1]).toMatchObject({
      health: [
        {
          blue: { healthy: 2, draining: 1 },
          notHealthy: [{ colour: 'blue', state: 'draining', reason: 'Target.DeregistrationInProgress' }],
        },
      ],
    });
  });
});

const withAlarm = ({ alarms }: SimulatedCloud): void => void alarms.createAlarm({ name: 'errors' });

describe('a gate that demands evidence', () => {
  const required = { before: 'PRODUCTION_TRAFFIC_SHIFT', evidence: 'required' } as const;

  it('takes a yes with the hash of what is there, and no other', async () => {
    const codes: string[] = [];
    let written = 0;
    const { ended, answered } = gated(
      required,
      { cloud: READY, onEvent: ({ name }) => void (name === 'gate:answer:recorded' && (written += 1)) },
      async (blueGreen, { hash = '' }) => {
        const without = await rejection(blueGreen.approve(ID, 'go', yes));
        const other = await rejection(blueGreen.approve(ID, 'go', { ...yes, evidence: '0123456789ab' }));
        codes.push(without.code, other.code);
        for (const error of [without, other]) {
          expect(error.blame).toBe('operator');
          expect(error.message).toContain(hash);
        }
        expect(written).toBe(0);
        await blueGreen.approve(ID, 'go', { ...yes, evidence: hash });
      },
    );
    const { result, cloud } = await ended;
    await answered();
    expect(codes).toEqual(['EVIDENCE_REQUIRED', 'EVIDENCE_STALE']);
    expect(result.outcome).toBe('succeeded');
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
  });

  it('takes a no without any', async () => {
    const { ended } = gated(required, { cloud: READY }, (blueGreen) =>
      blueGreen.reject(ID, 'go', { by: 'Ada', reason: 'not today' }),
    );
    expect((await ended).result).toMatchObject({ outcome: 'rolled-back', error: { code: 'GATE_REJECTED' } });
  });

  it('does not open for a yes to what has changed since, says so, and opens for the next', async () => {
    const refused: string[] = [];
    const by: string[] = [];
    const { ended, answered } = gated(
      required,
      {
        cloud: READY,
        spec: { alarms: ['errors'], gates: [{ name: 'go', ...required }] },
        prepare: withAlarm,
        onEvent: (event, _cloud, blueGreen) => {
          if (event.name === 'gate:answer:recorded') by.push(event.data.by);
          if (event.name === 'gate:answer:refused') refused.push(event.data.because);
          if (event.name !== 'step:run:observed' || !shows(event) || refused.length !== 1) return;
          const { hash } = event.data.facts as { readonly hash: string };
          void blueGreen.approve(ID, 'go', { by: 'Bob', evidence: hash });
        },
      },
      async (blueGreen, { hash = '' }, { alarms }) => {
        // After the look whose hash it names, and before the look at which it is judged.
        alarms.setState('errors', 'INSUFFICIENT_DATA', 'no numbers any more');
        await blueGreen.approve(ID, 'go', { ...yes, evidence: hash });
      },
    );
    const { result } = await ended;
    await answered();
    expect(by).toEqual(['Ada', 'Bob']);
    expect(refused).toEqual([expect.stringMatching(/^it was given for evidence [0-9a-f]{12}, and now it is/)]);
    expect(result.outcome).toBe('succeeded');
  });

  it('judges a yes that came in while nobody drove by what the next process sees', async () => {
    await using cloud = cloudOf(READY);
    const under = new MemoryStore();
    cloud.alarms.createAlarm({ name: 'errors' });
    const spec = specOf(cloud, { alarms: ['errors'], gates: [{ name: 'go', ...required }] });
    const open = eventSeen(shows);
    const store = new CrashStore(under);
    const first = driverOf(cloud, store, 1, { onEvent: open.onEvent });
    const rollout = await first.start(spec, { id: ROLLOUT_ID });
    await open.seen;
    const [before] = (await first.status(ROLLOUT_ID)).gates;
    store.break();
    await rollout.result();
    await first.close();
    const asked = new BlueGreen({ ...cloud.options(), store: under });
    await asked.approve(ROLLOUT_ID, 'go', { ...yes, evidence: before?.hash });
    cloud.alarms.setState('errors', 'INSUFFICIENT_DATA', 'no numbers any more');

    const refused = eventSeen(({ name }) => name === 'gate:answer:refused');
    const second = driverOf(cloud, under, 2, { onEvent: refused.onEvent });
    const resumed = await second.resume(ROLLOUT_ID);
    await refused.seen;
    // The gate is open again, for a no as well.
    await resumed.reject('go', { by: 'Bob', reason: 'something is off' });
    expect(await resumed.result()).toMatchObject({ outcome: 'rolled-back', error: { code: 'GATE_REJECTED' } });
    await asked.close();
    await second.close();
  });

  it('cannot be approved before it is reached', async () => {
    const cloud = new SimulatedCloud({ ...READY, rateLimits: false });
    const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore() });
    const rollout = await blueGreen.start(cloud.spec({ gates: [{ name: 'go', ...required }] }) as never);
    const error = await rejection(rollout.approve('go', yes));
    expect(error.code).toBe('EVIDENCE_REQUIRED');
    expect(error.message).toContain('not reached');
    await rollout[Symbol.asyncDispose]();
    await blueGreen.close();
    await cloud.close();
  });
});

describe('a gate that does not demand evidence', () => {
  it('still refuses a yes that was given for something else', async () => {
    const { ended, answered } = gated({ before: 'PRE_SCALE_UP' }, {}, async (blueGreen, { hash }) => {
      const error = await rejection(blueGreen.approve(ID, 'go', { ...yes, evidence: 'something else' }));
      expect(error.code).toBe('EVIDENCE_STALE');
      await blueGreen.approve(ID, 'go', { ...yes, evidence: hash });
    });
    expect((await ended).result.outcome).toBe('succeeded');
    await answered();
  });
});
