import { describe, expect, it } from 'vitest';
import { fixedTimeouts, type BlueGreenOptions } from '../../src/index.js';
import { mutates } from '../helpers/crash.js';
import { CrashStore } from '../helpers/crash-store.js';
import { Race, type Pipeline, type Policy } from '../helpers/races.js';

const READY = { deploymentGroup: { readyWaitMinutes: 60 } } as const;

const endsOf = (pipelines: readonly Pipeline[]) => Promise.all(pipelines.map(({ rollout }) => rollout.result()));

/** A pipeline whose process dies in the instant in which the step begins. */
async function dead(
  race: Race,
  id: string,
  policy: Policy,
  step: string,
  options: Partial<BlueGreenOptions> = {},
): Promise<void> {
  const store = new CrashStore(race.store);
  const pipeline = await race.enter(id, policy, {
    store,
    options: {
      ...options,
      onEvent: ({ name, data }) => {
        if (name === 'step:run:started' && (data as { step: string }).step === step) store.break();
      },
    },
  });
  expect((await pipeline.rollout.result()).outcome).toBe('suspended');
}

describe('onAlreadyDeploying: supersede', () => {
  for (const step of ['await-turn', 'await-green', 'await-ready', 'await-codedeploy'] as const) {
    it(`has an earlier rollout go back that is in ${step}, and goes out itself`, async () => {
      await using race = new Race(READY);
      const first = await race.enter('first', 'supersede');
      await first.reaches(step);
      const second = await race.enter('second', 'supersede');
      const [one, two] = await endsOf([first, second]);
      // One that had not begun has nothing to go back to; or it was quicker, and was stopped later.
      if (step !== 'await-turn') {
        expect(one).toMatchObject({
          outcome: 'rolled-back',
          error: { code: 'ABORTED', details: { by: 'rollout second', reason: 'superseded by rollout second' } },
        });
      } else expect(one?.outcome).not.toBe('succeeded');
      expect(two?.error).toBeUndefined();
      expect(two?.outcome).toBe('succeeded');
      expect(race.serves()).toEqual(['second']);
      expect(race.cloud.traffic.failed).toBe(0);
    });
  }

  it('waits for the end of one that is past the point of no return, and goes forward from there', async () => {
    await using race = new Race(READY);
    const first = await race.enter('first', 'fail');
    await first.reaches('await-blue-retired');
    const second = await race.enter('second', 'supersede');
    const [one, two] = await endsOf([first, second]);
    expect([one?.outcome, two?.outcome]).toEqual(['succeeded', 'succeeded']);
    expect(second.saw()).toContainEqual(expect.stringContaining('is past the point of no return'));
    expect(race.serves()).toEqual(['second']);
    expect(race.cloud.traffic.failed).toBe(0);
  });

  it('drives one back that nobody drives any more', async () => {
    await using race = new Race(READY);
    await dead(race, 'first', 'fail', 'await-ready');
    const second = await race.enter('second', 'supersede');
    expect((await second.rollout.result()).outcome).toBe('succeeded');
    expect(second.saw()).toContainEqual(expect.stringMatching(/rollout first .*driven from here/));
    expect(await race.driver().status('first')).toMatchObject({ outcome: 'rolled-back', error: { code: 'ABORTED' } });
    expect(race.serves()).toEqual(['second']);
    expect(race.cloud.traffic.failed).toBe(0);
  });

  it('drives one forward that died past the point of no return', async () => {
    await using race = new Race(READY);
    await dead(race, 'first', 'fail', 'await-blue-retired');
    const second = await race.enter('second', 'supersede');
    expect((await second.rollout.result()).outcome).toBe('succeeded');
    expect((await race.driver().status('first')).outcome).toBe('succeeded');
    expect(race.serves()).toEqual(['second']);
    expect(race.cloud.traffic.failed).toBe(0);
  });

  it('says why one that nobody drives cannot be driven from here, and gives up in time', async () => {
    await using race = new Race(READY);
    const options = { hooks: { PRE_SCALE_UP: [{ name: 'smoke', run: () => undefined }] } };
    await dead(race, 'first', 'fail', 'await-blue-retired', options);
    const timeouts = fixedTimeouts({ steps: { 'await-turn': '10m' } });
    const second = await race.enter('second', 'supersede', { options: { timeouts } });
    expect(await second.rollout.result()).toMatchObject({
      outcome: 'refused',
      error: { code: 'TARGET_BUSY', details: { heldBy: 'first', driver: null } },
    });
    expect(second.saw()).toContainEqual(expect.stringMatching(/cannot be driven from here: .*PRE_SCALE_UP\/smoke/));
    // Whoever has the hook can still go on with it.
    expect((await (await race.driver(options).resume('first')).result()).outcome).toBe('succeeded');
  });

  it('never stops somebody else’s deployment: it is refused, and says whose it is', async () => {
    await using race = new Race(READY);
    const stranger = race.strangerDeploys();
    const only = await race.enter('only', 'supersede');
    const { outcome, error } = await only.rollout.result();
    expect(outcome).toBe('refused');
    expect(error).toMatchObject({
      code: 'ALREADY_DEPLOYING',
      details: { codeDeployDeploymentId: stranger, creator: 'user', ageMs: expect.any(Number) as number },
    });
    expect(error?.message).toContain('it is not one of our rollouts’');
    expect(race.cloud.requests.filter(mutates)).toEqual([]);
  });

  it('of three that race lets the latest go out; the one between ends superseded, having touched nothing', async () => {
    await using race = new Race(READY);
    const first = await race.enter('first', 'supersede');
    await first.reaches('await-ready');
    const second = await race.enter('second', 'supersede');
    const third = await race.enter('third', 'supersede');
    const [one, two, three] = await endsOf([first, second, third]);
    expect(one?.outcome).toBe('rolled-back');
    expect(two).toMatchObject({
      outcome: 'refused',
      error: { code: 'ROLLOUT_SUPERSEDED', details: { by: 'third' } },
    });
    expect(three?.outcome).toBe('succeeded');
    expect(race.serves()).toEqual(['third']);
    expect(race.cloud.traffic.failed).toBe(0);
  });

  it('lets the latest of three go out that are started in the same instant', async () => {
    await using race = new Race();
    const pipelines = await Promise.all(['a', 'b', 'c'].map((id) => race.enter(id, 'supersede')));
    const ends = await endsOf(pipelines);
    const { tickets } = (await race.store.readRecord('turns'))?.value as unknown as {
      tickets: Array<{ order: number; rolloutId: string }>;
    };
    const latest = tickets.at(-1)?.rolloutId ?? '';
    expect(ends.filter(({ outcome }) => outcome === 'succeeded').map(({ id }) => id)).toEqual([latest]);
    expect(race.serves()).toEqual([latest]);
    expect(race.cloud.traffic.failed).toBe(0);
  });

  it('supersedes those that wait, too', async () => {
    await using race = new Race(READY);
    const first = await race.enter('first', 'fail');
    await first.reaches('await-ready');
    const second = await race.enter('second', 'wait');
    const third = await race.enter('third', 'supersede');
    const ends = await endsOf([first, second, third]);
    expect(ends.map(({ outcome }) => outcome)).toEqual(['rolled-back', 'refused', 'succeeded']);
    expect(ends[1]?.error?.code).toBe('ROLLOUT_SUPERSEDED');
  });

  it('never supersedes a later one: it waits, and ends superseded once that one has worked', async () => {
    await using race = new Race();
    await dead(race, 'first', 'fail', 'await-green');
    const early = await race.enter('early', 'supersede');
    await early.reaches('await-turn');
    await early.blueGreen.close();
    const late = await race.enter('late', 'supersede');
    expect((await late.rollout.result()).outcome).toBe('succeeded');
    const sent = race.cloud.requests.filter(mutates).length;
    const again = await (await race.driver().resume('early')).result();
    expect(again).toMatchObject({ outcome: 'refused', error: { code: 'ROLLOUT_SUPERSEDED', details: { by: 'late' } } });
    expect(race.cloud.requests.filter(mutates)).toHaveLength(sent);
    expect(race.serves()).toEqual(['late']);
  });

  it('goes on when the answers of the way back are lost', async () => {
    await using race = new Race({
      ...READY,
      faults: [
        { fault: 'lost-answer', on: { service: 'codedeploy', operation: 'StopDeployment' } },
        { fault: 'lost-answer', on: { service: 'spot', operation: 'stopDeploymentMode' } },
      ],
    });
    const first = await race.enter('first', 'fail');
    await first.reaches('await-codedeploy');
    const second = await race.enter('second', 'supersede');
    const [one, two] = await endsOf([first, second]);
    expect([one?.outcome, two?.outcome]).toEqual(['rolled-back', 'succeeded']);
    expect(race.cloud.traffic.failed).toBe(0);
  });

  it('is bounded: one that does not come to its end in time is named', async () => {
    await using race = new Race({ faults: [{ fault: 'blue-not-removed' }] });
    const first = await race.enter('first', 'fail');
    await first.reaches('await-blue-retired');
    const timeouts = fixedTimeouts({ steps: { 'await-turn': '5m' } });
    const second = await race.enter('second', 'supersede', { options: { timeouts } });
    const [one, two] = await endsOf([first, second]);
    expect(two).toMatchObject({
      outcome: 'refused',
      error: { code: 'TARGET_BUSY', details: { heldBy: 'first', driver: 'process-1-1', waitedMs: 300_000 } },
    });
    expect(one?.outcome).toBe('succeeded');
  });
});

describe('a waiter that dies', () => {
  it('does not keep those behind it from their turn, and does not go back behind them later', async () => {
    await using race = new Race();
    const first = await race.enter('first', 'fail');
    await first.reaches('await-green');
    await dead(race, 'second', 'wait', 'await-turn');
    const third = await race.enter('third', 'wait');
    const ends = await endsOf([first, third]);
    expect(ends.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
    const late = await (await race.driver().resume('second')).result();
    expect(late).toMatchObject({ outcome: 'refused', error: { code: 'ROLLOUT_SUPERSEDED', details: { by: 'third' } } });
    expect(race.serves()).toEqual(['third']);
  });

  it('is passed by one that does not wait, once it is seen to be dead', async () => {
    await using race = new Race();
    const first = await race.enter('first', 'fail');
    await first.reaches('await-green');
    await dead(race, 'second', 'wait', 'await-turn');
    await first.rollout.result();
    const third = await race.enter('third', 'fail');
    expect((await third.rollout.result()).outcome).toBe('succeeded');
  });
});
