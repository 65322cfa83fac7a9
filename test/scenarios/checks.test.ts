import { afterEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/index.js';
import type { Check, CheckAnswer, CheckContext, RolloutEvent } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { cloudOf, driverOf, ROLLOUT_ID, specOf } from '../helpers/crash.js';
import { CrashStore } from '../helpers/crash-store.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const MINUTE = 60_000;
const KEEPS_BLUE = { requestsPerSecond: 1, deploymentGroup: { terminationWaitMinutes: 30 } } as const;
const blueServes = { blue: 3, green: 0, other: 0 };
const greenServes = { blue: 0, green: 3, other: 0 };

interface Asked extends CheckContext {
  readonly at: number;
}

/** A check that says these in turn, and the last of them for ever; what it was told is noted. */
function saying(...answers: ReadonlyArray<CheckAnswer | Error>): {
  readonly asked: Asked[];
  of(cloud: SimulatedCloud): Check['run'];
} {
  const asked: Asked[] = [];
  return {
    asked,
    of: (cloud) => (context) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)] ?? 'pass';
      asked.push({ ...context, at: cloud.clock.now() });
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

/** A release with a bake of ten minutes in a wait of thirty, guarded by a check. */
async function guarded(
  said: ReturnType<typeof saying>,
  check: Partial<Check> = {},
  story: ReleaseStory = {},
): Promise<ReleaseEnd> {
  let run: Check['run'] = () => 'pass';
  return release({
    ...story,
    cloud: { ...KEEPS_BLUE, ...story.cloud },
    spec: { bake: '10m', ...story.spec },
    prepare: (cloud) => {
      run = said.of(cloud);
      story.prepare?.(cloud);
    },
    options: {
      checks: [{ name: 'errors', run: (context) => run(context), ...check }],
      polling: { every: '10s', urgent: '5s', holding: '5m' },
      ...story.options,
    },
  });
}

const timeOf = (events: readonly RolloutEvent[], name: RolloutEvent['name'], step: string): number =>
  Date.parse(events.find((each) => each.name === name && (each.data as { step?: string }).step === step)?.at ?? '');

describe('a check that passes', () => {
  it('is asked from the first move of traffic to the end of the bake, at its interval, and told who is who', async () => {
    const said = saying('pass');
    const { result, events, cloud } = await guarded(said, { interval: '1m' });
    expect(result.outcome).toBe('succeeded');
    expect(cloud.snapshot().serving).toEqual(greenServes);
    const [first] = said.asked;
    expect(first).toMatchObject({ name: 'errors', rolloutId: result.id, key: `${result.id}/check/errors` });
    expect(first?.green.instanceIds).toHaveLength(3);
    expect(first?.blue.instanceIds).toHaveLength(3);
    expect(first?.targetGroupArns).toHaveLength(1);
    expect(said.asked.at(-1)?.greenPercent).toBe(100);
    const bakeBegan = timeOf(events, 'step:run:started', 'await-bake');
    const bakeEnded = timeOf(events, 'step:run:completed', 'await-bake');
    expect(said.asked[0]?.at).toBeLessThan(bakeBegan);
    expect(said.asked[0]?.at).toBeGreaterThan(timeOf(events, 'step:run:completed', 'confirm-targets/1'));
    expect(said.asked.at(-1)?.at).toBeLessThanOrEqual(bakeEnded);
    // The looks of a bake are five minutes apart, and the check is asked every minute all the same.
    const inBake = said.asked.filter(({ at }) => at >= bakeBegan);
    expect(inBake.length).toBeGreaterThanOrEqual(9);
    const gaps = said.asked.slice(1).map(({ at }, index) => at - (said.asked[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(MINUTE);
  });

  it('is not asked before traffic, however long that is held', async () => {
    const said = saying('fail');
    const { result } = await guarded(
      said,
      {},
      {
        cloud: { deploymentGroup: { readyWaitMinutes: 60, terminationWaitMinutes: 30 } },
        spec: { gates: [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT', expiresIn: '30m' }] },
      },
    );
    expect(result.error?.code).toBe('GATE_EXPIRED');
    expect(said.asked).toEqual([]);
  });
});

describe('a check that fails', () => {
  it.each([
    ['says fail', saying('fail'), /the check "errors" failed$/],
    ['throws', saying(new TypeError('no numbers')), /failed: TypeError: no numbers/],
    ['says something else', saying('perhaps' as never), /answered "perhaps"/],
  ])('takes the release back as soon as traffic moves: one that %s', async (_, said, message) => {
    const { result, cloud } = await guarded(said);
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'CHECK_FAILED', blame: 'release' } });
    expect(result.error?.message).toMatch(message);
    expect(said.asked).toHaveLength(1);
    expect(cloud.snapshot().serving).toEqual(blueServes);
    expect(cloud.traffic.failed).toBe(0);
  });

  it('in the bake takes the release back while blue still stands', async () => {
    const said = saying('pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'fail');
    const { result, cloud, mutations } = await guarded(said, { interval: '1m' });
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'CHECK_FAILED' } });
    expect(cloud.snapshot().serving).toEqual(blueServes);
    expect(mutations).not.toContain('codedeploy ContinueDeployment');
    expect(cloud.traffic.failed).toBe(0);
  });

  it('so often in a row takes it back, and less often does not; what failed once is no news again', async () => {
    const failing = saying('fail', 'fail', 'fail');
    const back = await guarded(failing, { failureLimit: 3 });
    expect(back.result.error).toMatchObject({ code: 'CHECK_FAILED', details: { check: 'errors', failures: 3 } });
    const flapping = saying(...Array.from({ length: 60 }, (_, n): CheckAnswer => (n % 3 === 2 ? 'pass' : 'fail')));
    const { result, events } = await guarded(flapping, { failureLimit: 3 });
    expect(result.outcome).toBe('succeeded');
    expect(flapping.asked.length).toBeGreaterThan(15);
    const told = events.filter(({ name, text }) => name === 'step:run:observed' && text.includes('errors'));
    expect(told.filter(({ data }) => (data as { step?: string }).step === 'await-bake').length).toBeLessThan(4);
    expect(told.at(-1)?.text).toContain('has failed 2 of 3 times in a row');
  });

  it('by not answering in time is told to stop', async () => {
    let told: unknown;
    const { result } = await guarded(saying('pass'), {
      timeout: '20s',
      run: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            told = signal.reason;
            resolve('pass');
          });
        }),
    });
    expect(result.error).toMatchObject({ code: 'CHECK_FAILED' });
    expect(result.error?.message).toContain('did not answer within 20000 ms');
    expect(told).toBeInstanceOf(Error);
  });

  it('while a gate after traffic is open takes the release back', async () => {
    const said = saying('pass', 'pass', 'pass', 'pass', 'pass', 'fail');
    const { result } = await guarded(
      said,
      { interval: '1m' },
      { spec: { gates: [{ name: 'looked', before: 'BAKE_TIME' }] } },
    );
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'CHECK_FAILED' } });
  });

  it('between the last look of the bake and the call takes blue from nobody', async () => {
    let ill = false;
    const { result, mutations, cloud } = await guarded(
      saying('pass'),
      { interval: '20s', run: () => (ill ? 'fail' : 'pass') },
      {
        spec: { bake: '2m' },
        onEvent: (event, { clock }) => {
          if (event.name !== 'operation:send:intended' || event.data.key !== 'end-bake') return;
          ill = true;
          // Long enough for the check to be due again.
          clock.advance(20_000);
        },
      },
    );
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'CHECK_FAILED' } });
    expect(mutations).not.toContain('codedeploy ContinueDeployment');
    expect(cloud.snapshot().serving).toEqual(blueServes);
  });
});

describe('where CodeDeploy calls it a success while it still keeps blue', () => {
  it.each([
    ['fails', saying('pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'fail'), 'CHECK_FAILED'],
    ['never passes', saying('wait'), 'BAKE_EXPIRED'],
  ] as const)('a check that %s ends the rollout without touching anything', async (_, said, code) => {
    const undocumented = { statusInTerminationWait: 'Succeeded' } as const;
    const { result, cloud, mutations } = await guarded(said, { interval: '1m' }, { cloud: { undocumented } });
    expect(result).toMatchObject({ outcome: 'failed', error: { code } });
    expect(cloud.snapshot().serving).toEqual(greenServes);
    expect(mutations.filter((each) => /stop|detach|deregister|continue/i.test(each))).toEqual([]);
  });
});

describe('a check that wants more time', () => {
  it('holds the bake up until it passes', async () => {
    const said = saying(...Array.from({ length: 16 }, (): CheckAnswer => 'wait'), 'pass');
    const { result, events } = await guarded(said, { interval: '1m' });
    expect(result.outcome).toBe('succeeded');
    const bakedMs =
      timeOf(events, 'step:run:completed', 'await-bake') - timeOf(events, 'step:run:started', 'await-bake');
    expect(bakedMs).toBeGreaterThan(11 * MINUTE);
    expect(bakedMs).toBeLessThan(18 * MINUTE);
    expect(events.some(({ text }) => text.includes('the bake is over, and the check "errors" says wait'))).toBe(true);
  });

  it('for ever is named when the release is taken back, before CodeDeploy takes blue', async () => {
    const { result, cloud } = await guarded(saying('wait'), { interval: '1m' });
    expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'BAKE_EXPIRED' } });
    expect(result.error?.message).toContain('the check "errors" says wait');
    expect(cloud.snapshot().serving).toEqual(blueServes);
    expect(cloud.traffic.failed).toBe(0);
  });

  it('holds nothing up where there is no bake', async () => {
    const { result } = await guarded(saying('wait'), {}, { spec: { bake: undefined }, cloud: { deploymentGroup: {} } });
    expect(result.outcome).toBe('succeeded');
  });
});

describe('checks of a rollout that is resumed', () => {
  /** The process dies in the middle of the bake. */
  async function dieBaking(cloud: SimulatedCloud, under: MemoryStore, checks: readonly Check[]): Promise<void> {
    const store = new CrashStore(under);
    const first = driverOf(cloud, store, 1, {
      checks,
      onEvent: ({ name, data }) => {
        if (name === 'step:run:started' && (data as { step: string }).step === 'await-bake')
          cloud.clock.schedule(2 * MINUTE, () => store.break());
      },
    });
    const rollout = await first.start(specOf(cloud, { bake: '10m' }), { id: ROLLOUT_ID });
    expect((await rollout.result()).outcome).toBe('suspended');
    await first.close();
  }

  it('are asked anew, and must pass before blue goes', async () => {
    await using cloud = cloudOf(KEEPS_BLUE);
    const under = new MemoryStore();
    const before = saying('pass');
    await dieBaking(cloud, under, [{ name: 'errors', run: before.of(cloud) }]);
    const after = saying('wait', 'pass');
    const second = driverOf(cloud, under, 2, { checks: [{ name: 'errors', run: after.of(cloud) }] });
    const result = await (await second.resume(ROLLOUT_ID)).result();
    await second.close();
    expect(result.outcome).toBe('succeeded');
    expect(before.asked.length).toBeGreaterThan(0);
    expect(after.asked.length).toBeGreaterThan(1);
    expect(after.asked[0]?.key).toBe(before.asked[0]?.key);
  });

  it('must be given again, or be allowed to be missing by name', async () => {
    await using cloud = cloudOf(KEEPS_BLUE);
    const under = new MemoryStore();
    await dieBaking(cloud, under, [
      { name: 'errors', run: () => 'pass' },
      { name: 'latency', run: () => 'pass' },
    ]);
    const second = driverOf(cloud, under, 2, { checks: [{ name: 'latency', run: () => 'pass' }] });
    const refused = await (await second.resume(ROLLOUT_ID)).result();
    expect(refused).toMatchObject({
      outcome: 'suspended',
      error: { code: 'HOOK_MISSING', details: { checks: ['errors'] } },
    });
    const allowed = await (await second.resume(ROLLOUT_ID, { allowMissing: ['errors'] })).result();
    expect(allowed.outcome).toBe('succeeded');
    await second.close();
  });
});
