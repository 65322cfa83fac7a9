import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/shop.js';
import { resolveUndocumented } from '../../src/testing/simulated-cloud-options.js';
import { ourDeployment } from '../helpers/moments.js';
import { closeClouds } from '../helpers/release.js';
import { rollsBack, spotRestartsBlue, type RollbackEnd, type RollbackScenario } from '../helpers/rollback.js';

afterEach(closeClouds);

const MINUTE_MS = 60_000;
const SLOWLY = { polling: { every: '60s', urgent: '20s' } } as const;
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
function minutesToDiagnosis(end: RollbackEnd, colour: 'Blue' | 'Green', event: string): number {
  const targets = ourDeployment(end.cloud)?.targets.filter(({ label }) => label === colour) ?? [];
  const before = targets[0]?.events.findIndex(({ name }) => name === event) ?? -1;
  const silent = targets[0]?.events[before];
  const since = silent?.startedAt ?? targets[0]?.events[before - 1]?.endedAt ?? ourDeployment(end.cloud)?.startedAt;
  return Math.floor((unwindingSince(end) - (since ?? Number.NaN)) / MINUTE_MS);
}

describe('a CodeDeploy agent of green that is silent', () => {
  it('before the first event: the release is taken back some five minutes later, and the agent is named', async () => {
    const end = await played({ faults: [{ fault: 'agent-dead', colour: 'green', instance: 1 }] });
    expect(end.result.error).toMatchObject({
      code: 'AGENT_NOT_RESPONDING',
      blame: 'cloud',
      details: {
        instanceId: end.cloud.elastigroups.coloured(SHOP.elastigroupId, 'green')[1]?.instanceId,
        event: 'ApplicationStop',
      },
    });
    expect(minutesToDiagnosis(end, 'Green', 'ApplicationStop')).toBe(5);
    expect(end.cloud.traffic.failed).toBe(0);
  });

  it('before a later event: the same', async () => {
    const end = await played({ faults: [{ fault: 'agent-dead', colour: 'green', event: 'AfterInstall' }] });
    expect(end.result.error).toMatchObject({ code: 'AGENT_NOT_RESPONDING', details: { event: 'AfterInstall' } });
    expect(minutesToDiagnosis(end, 'Green', 'AfterInstall')).toBe(5);
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
