import { describe, expect, it } from 'vitest';
import { fixedTimeouts } from '../../src/index.js';
import { SHOP } from '../../src/testing/index.js';
import { mutates } from '../helpers/crash.js';
import { Race } from '../helpers/races.js';

const READY = { deploymentGroup: { readyWaitMinutes: 60 } } as const;

describe('onAlreadyDeploying: fail', () => {
  it('names the rollout that holds the target, who drives it and how old it is', async () => {
    await using race = new Race();
    const first = await race.enter('first', 'fail');
    await first.reaches('await-green');
    const startedAt = first.rollout.status().startedAt;
    const second = await race.enter('second', 'fail');
    const { outcome, error } = await second.rollout.result();
    expect(outcome).toBe('refused');
    expect(error).toMatchObject({
      code: 'TARGET_BUSY',
      details: { heldBy: 'first', driver: 'process-1-1', startedAt, ageMs: expect.any(Number) as number },
    });
    expect(error?.message).toMatch(
      /held by rollout first, which was started .+ ago and has not ended \(driven by process-1-1\)/,
    );
    expect((await first.rollout.result()).outcome).toBe('succeeded');
  });

  it('names somebody else’s deployment, its creator and its age, where preflight finds it', async () => {
    await using race = new Race(READY);
    const stranger = race.strangerDeploys();
    const { error } = await (await race.enter('only', 'fail')).rollout.result();
    expect(error?.code).toBe('PREFLIGHT_REFUSED');
    const [finding] = (error?.details as { findings: Array<{ facts: object }> }).findings;
    expect(finding?.facts).toMatchObject({ codeDeployDeploymentId: stranger, creator: 'user', description: 'by hand' });
    expect((finding?.facts as { ageMs: number }).ageMs).toBeGreaterThanOrEqual(3_000);
  });

  it('and where CodeDeploy does, when it comes between', async () => {
    await using race = new Race({
      faults: [{ fault: 'stranger-deploys', during: 'AWAITING_USER_DEPLOYMENT', onto: 'blue', afterMs: 30_000 }],
      timings: { eventMs: { Install: 5 * 60_000 } },
    });
    const { outcome, error } = await (await race.enter('only', 'fail')).rollout.result();
    expect(outcome).toBe('rolled-back');
    expect(error).toMatchObject({
      code: 'ALREADY_DEPLOYING',
      details: { description: 'by hand', creator: 'user', ageMs: expect.any(Number) as number },
    });
    expect(error?.message).toMatch(/d-[A-Z0-9]+ \(\w+, created .+ ago, by user\)/);
  });
});

describe('onAlreadyDeploying: wait', () => {
  it('lets three rollouts go in the order in which they were started, and users notice nothing', async () => {
    await using race = new Race();
    const first = await race.enter('first', 'fail');
    await first.reaches('await-green');
    const waiting = [];
    for (const id of ['second', 'third', 'fourth']) waiting.push(await race.enter(id, 'wait'));
    const ends = await Promise.all([first, ...waiting].map(({ rollout }) => rollout.result()));
    expect(ends.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded']);
    const finished = ends.map(({ finishedAt }) => finishedAt ?? '');
    expect(finished).toEqual([...finished].sort());
    expect(race.serves()).toEqual(['fourth']);
    expect(race.cloud.traffic.failed).toBe(0);
    expect(waiting[0]?.saw()).toContain('waits for rollout first');
    expect(waiting[2]?.saw()).toContain('waits for rollout first (3 go first)');
  });

  it('captures what serves only once it is its turn', async () => {
    await using race = new Race();
    const first = await race.enter('first', 'wait');
    await first.reaches('await-green');
    const second = await race.enter('second', 'wait');
    const [one, two] = await Promise.all([first.rollout.result(), second.rollout.result()]);
    expect(two.outcome).toBe('succeeded');
    expect(two.blue?.instanceIds).toEqual([...(one.green?.instanceIds ?? [])].sort());
  });

  it('takes the target at once where nobody holds it', async () => {
    await using race = new Race();
    const only = await race.enter('only', 'wait');
    expect((await only.rollout.result()).outcome).toBe('succeeded');
    expect(only.saw().filter((saw) => saw.startsWith('waits'))).toEqual([]);
  });

  it('lets nobody who does not wait go before it', async () => {
    await using race = new Race();
    const first = await race.enter('first', 'fail');
    await first.reaches('await-green');
    const waiting = await race.enter('waiting', 'wait');
    await waiting.reaches('await-turn');
    // In the very moment in which the target is free.
    await first.rollout.result();
    const pushy = await race.enter('pushy', 'fail');
    expect((await pushy.rollout.result()).error?.code).toBe('TARGET_BUSY');
    expect((await waiting.rollout.result()).outcome).toBe('succeeded');
  });

  it('waits for somebody else’s deployment, having touched nothing', async () => {
    await using race = new Race(READY);
    const stranger = race.strangerDeploys();
    const only = await race.enter('only', 'wait');
    await only.reaches('preflight');
    expect(race.cloud.requests.filter(mutates)).toEqual([]);
    const theirs = race.cloud.snapshot().codeDeployDeployments.find(({ deploymentId }) => deploymentId === stranger);
    expect(theirs?.completedAt).toBeDefined();
    expect((await only.rollout.result()).outcome).toBe('succeeded');
    expect(only.saw()).toContainEqual(
      expect.stringMatching(new RegExp(`waits for CodeDeploy deployment ${stranger} `)),
    );
    expect(race.cloud.traffic.failed).toBe(0);
  });

  it('gives up after its time, and says for whom and how long it waited', async () => {
    await using race = new Race();
    const first = await race.enter('first', 'fail');
    await first.reaches('await-green');
    await first.blueGreen.close();
    const timeouts = fixedTimeouts({ steps: { 'await-turn': '10m' } });
    const second = await race.enter('second', 'wait', { options: { timeouts } });
    const sent = race.cloud.requests.filter(mutates).length;
    const { outcome, error, receipt } = await second.rollout.result();
    expect(outcome).toBe('refused');
    expect(error).toMatchObject({
      code: 'TARGET_BUSY',
      details: { heldBy: 'first', driver: null, waitedMs: 600_000 },
    });
    expect(error?.message).toContain('it was waited for 10 min');
    expect(second.saw()).toContainEqual(expect.stringContaining('which nobody drives'));
    expect(new Set(receipt.lines.map(({ verdict }) => verdict))).toEqual(new Set(['never-changed']));
    expect(race.cloud.requests.filter(mutates)).toHaveLength(sent);
  });

  it('gives up on somebody else’s deployment as well', async () => {
    await using race = new Race(READY);
    const stranger = race.strangerDeploys();
    const timeouts = fixedTimeouts({ steps: { 'await-deployment-group': '10m' } });
    const only = await race.enter('only', 'wait', { options: { timeouts } });
    expect(await only.rollout.result()).toMatchObject({
      outcome: 'refused',
      error: {
        code: 'ALREADY_DEPLOYING',
        details: { codeDeployDeploymentId: stranger, creator: 'user', waitedMs: 600_000 },
      },
    });
    expect(race.cloud.requests.filter(mutates)).toEqual([]);
    // Whoever comes next is not in its way.
    expect((await race.store.readRecord(`target/elastigroup/${SHOP.elastigroupId}`))?.value).toBeNull();
  });

  it('ends at an order to abort, and leaves the one at work alone', async () => {
    await using race = new Race();
    const first = await race.enter('first', 'fail');
    await first.reaches('await-green');
    const second = await race.enter('second', 'wait');
    await second.reaches('await-turn');
    expect(await race.driver().abort('second', { by: 'me', reason: 'not now' })).toBe('unwinding');
    expect(await second.rollout.result()).toMatchObject({ outcome: 'rolled-back', error: { code: 'ABORTED' } });
    expect((await first.rollout.result()).outcome).toBe('succeeded');
  });

  it('keeps its place when it is suspended and resumed', async () => {
    await using race = new Race();
    const first = await race.enter('first', 'fail');
    await first.reaches('await-green');
    const second = await race.enter('second', 'wait');
    await second.reaches('await-turn');
    await second.blueGreen.close();
    const third = await race.enter('third', 'wait');
    const resumed = await race.driver().resume('second');
    const ends = await Promise.all([first.rollout, resumed, third.rollout].map((rollout) => rollout.result()));
    expect(ends.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(race.serves()).toEqual(['third']);
  });

  it('is shown by plan() behind another rollout, of which it looks at nothing', async () => {
    await using race = new Race();
    const first = await race.enter('first', 'fail');
    await first.reaches('await-green');
    const planned = await race.driver().plan(race.spec('wait') as never);
    expect(planned).toMatchObject({ wouldStart: true, refusals: [] });
    expect(planned.warnings.map(({ code }) => code)).toEqual(['WOULD_WAIT', 'WOULD_WAIT']);
    expect(planned.warnings[0]?.message).toContain('held by rollout first');
    expect((await race.driver().plan(race.spec('fail') as never)).wouldStart).toBe(false);
    await first.rollout.result();
  });

  it('is shown by plan() behind somebody else’s deployment without being a refusal', async () => {
    await using race = new Race(READY);
    const stranger = race.strangerDeploys();
    const behindStranger = await race.driver().plan(race.spec('wait') as never);
    expect(behindStranger).toMatchObject({ wouldStart: true, refusals: [] });
    expect(behindStranger.steps.slice(0, 2).map(({ id }) => id)).toEqual(['await-turn', 'await-deployment-group']);
    expect(behindStranger.warnings.find(({ code }) => code === 'WOULD_WAIT')?.message).toContain(stranger);
    expect((await race.driver().plan(race.spec('fail') as never)).wouldStart).toBe(false);
  });
});
