import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/shop.js';
import { resolveUndocumented } from '../../src/testing/simulated-cloud-options.js';
import { ourDeployment } from '../helpers/moments.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';
import { rollsBack, spotRestartsBlue, type RollbackEnd, type RollbackScenario } from '../helpers/rollback.js';

afterEach(closeClouds);

const MINUTE_MS = 60_000;
const SLOWLY = { polling: { every: '60s', urgent: '20s' } } as const;
/** Often enough to leave the deployment mode before Spot notices that its deployment is over. */
const OFTEN = { polling: { every: '15s', urgent: '2s' } } as const;
const unwindingSince = ({ events }: RollbackEnd): number =>
  Date.parse(events.find(({ name }) => name === 'rollout:unwind:started')?.at ?? '');

/** Plays the scenario under one set of answers, and hands over how it ended. */
async function played(scenario: RollbackScenario): Promise<RollbackEnd> {
  let ended: RollbackEnd | undefined;
  await rollsBack({
    options: SLOWLY,
    ...scenario,
    cloud: { undocumented: resolveUndocumented(scenario.cloud?.undocumented), ...scenario.cloud },
    also: (end) => {
      ended = end;
      return [];
    },
  });
  if (ended === undefined) throw new Error('nothing was played');
  return ended;
}

/** From the silent event to the first step of the way back, in simulated minutes, rounded down. */
function minutesToDiagnosis(end: RollbackEnd, colour: 'Blue' | 'Green', event: string, instance = 0): number {
  const target = ourDeployment(end.cloud)?.targets.filter(({ label }) => label === colour)[instance];
  const before = target?.events.findIndex(({ name }) => name === event) ?? -1;
  const silent = target?.events[before];
  const since = silent?.startedAt ?? target?.events[before - 1]?.endedAt ?? ourDeployment(end.cloud)?.startedAt;
  return Math.floor((unwindingSince(end) - (since ?? Number.NaN)) / MINUTE_MS);
}

describe('a CodeDeploy agent of green that is silent', () => {
  it('before the first event: the release is taken back four minutes later, before CodeDeploy gives up, and the agent is named', async () => {
    const end = await played({ options: OFTEN, faults: [{ fault: 'agent-dead', colour: 'green', instance: 1 }] });
    expect(end.result.error).toMatchObject({
      code: 'AGENT_NOT_RESPONDING',
      blame: 'cloud',
      details: {
        instanceId: end.cloud.elastigroups.coloured(SHOP.elastigroupId, 'green')[1]?.instanceId,
        event: 'ApplicationStop',
      },
    });
    expect(minutesToDiagnosis(end, 'Green', 'ApplicationStop', 1)).toBe(4);
    expect(end.cloud.traffic.failed).toBe(0);
  });

  it('before a later event: the same', async () => {
    const faults = [{ fault: 'agent-dead', colour: 'green', event: 'AfterInstall' }] as const;
    const end = await played({ options: OFTEN, faults });
    expect(end.result.error).toMatchObject({ code: 'AGENT_NOT_RESPONDING', details: { event: 'AfterInstall' } });
    expect(minutesToDiagnosis(end, 'Green', 'AfterInstall')).toBe(4);
    expect(end.cloud.traffic.failed).toBe(0);
  });

  it('in the middle of an event: CodeDeploy waits for an hour, and the release is taken back after that', async () => {
    const end = await played({
      faults: [{ fault: 'agent-dead', colour: 'green', event: 'AfterInstall', when: 'in' }],
    });
    expect(end.result.error).toMatchObject({ code: 'AGENT_NOT_RESPONDING', details: { event: 'AfterInstall' } });
    expect(minutesToDiagnosis(end, 'Green', 'AfterInstall')).toBeGreaterThanOrEqual(60);
    expect(end.cloud.traffic.failed).toBe(0);
  });

  it('on the last event, with traffic on green: blue serves again', async () => {
    await played({
      faults: [{ fault: 'agent-dead', colour: 'green', event: 'AfterAllowTraffic', when: 'in' }],
      code: 'AGENT_NOT_RESPONDING',
      usersMayNotice: ['green-taken-by-spot'],
    });
  });
});

/** A release of which one agent is silent, with a CodeDeploy that goes on without it. */
const without = (story: ReleaseStory): Promise<ReleaseEnd> =>
  release({
    ...story,
    cloud: { blue: 3, ...story.cloud },
    faults: [{ fault: 'agent-dead', colour: 'green', instance: 2 }],
  });

describe('how long an agent may be silent', () => {
  for (const targetOfSilentAgent of ['InProgress', 'Pending'] as const) {
    const answers = { undocumented: resolveUndocumented({ targetOfSilentAgent }) };

    it(`is what agentTimeout says, where CodeDeploy calls the target ${targetOfSilentAgent}`, async () => {
      const end = await played({
        cloud: answers,
        options: OFTEN,
        spec: { agentTimeout: '90s' },
        faults: [{ fault: 'agent-dead', colour: 'green', instance: 1 }],
        code: 'AGENT_NOT_RESPONDING',
      });
      expect(minutesToDiagnosis(end, 'Green', 'ApplicationStop', 1)).toBe(1);
      expect(end.result.error?.hint).toContain('instance profile');
      expect(end.result.error?.details).toMatchObject({ agentTimeoutMs: 90_000, colour: 'Green' });
    });

    it(`and those that wait for their turn are not silent, one after the other for longer than that (${targetOfSilentAgent})`, async () => {
      const end = await release({
        cloud: { ...answers, blue: 3, deploymentGroup: { deploymentConfigName: 'CodeDeployDefault.OneAtATime' } },
        spec: { agentTimeout: '20s' },
      });
      expect(end.result.outcome).toBe('succeeded');
    });
  }

  it('and of many, each one for itself, however long the others take', async () => {
    const end = await without({
      cloud: {
        timings: { scriptMs: 150_000 },
        deploymentGroup: { deploymentConfigName: 'CodeDeployDefault.AllAtOnce' },
      },
    });
    const { result, cloud } = end;
    expect(result.error).toMatchObject({ code: 'AGENT_NOT_RESPONDING', details: { event: 'ApplicationStop' } });
    const { startedAt = Number.NaN } = ourDeployment(cloud) ?? {};
    const stop = cloud.requests.find(({ operation }) => operation === 'StopDeployment');
    const stoppedAt = cloud.clock.now() - end.tookMs + (stop?.atMs ?? Number.NaN);
    expect(stoppedAt - startedAt).toBeLessThan(4.5 * MINUTE_MS);
  });

  it('does not matter while the share that must carry the release holds without it: CodeDeploy gives it up, and the release goes out', async () => {
    const { result, events } = await without({ spec: { minimumHealthyPercent: 60 } });
    expect(result.outcome).toBe('succeeded');
    expect(result.green?.instanceIds).toHaveLength(2);
    expect(events.some(({ text }) => text.includes('no word from the agent of i-'))).toBe(true);
  });
});

describe('a CodeDeploy agent of blue that is silent', () => {
  for (const whenDeploymentFails of ['rolls-back-itself', 'does-nothing'] as const) {
    it(`from the start: blue cannot be taken out of traffic, and serves again; Spot ${whenDeploymentFails}`, async () => {
      const end = await played({
        cloud: { undocumented: resolveUndocumented({ whenDeploymentFails }) },
        faults: [{ fault: 'agent-dead', colour: 'blue' }],
        code: 'AGENT_NOT_RESPONDING',
        usersMayNotice: (answers) => [...spotRestartsBlue(answers), 'green-taken-by-spot'],
      });
      expect(end.result.error?.details).toMatchObject({ event: 'BeforeBlockTraffic', colour: 'Blue' });
      expect(minutesToDiagnosis(end, 'Blue', 'BeforeBlockTraffic')).toBeGreaterThanOrEqual(5);
    });
  }
});
