import { afterEach, describe, expect, it } from 'vitest';
import { resolveUndocumented } from '../../src/testing/simulated-cloud-options.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';
import { rollsBack, type RollbackScenario } from '../helpers/rollback.js';

afterEach(closeClouds);

const MINUTE_MS = 60_000;
const POLLING = { every: '15s', urgent: '5s' } as const;
const LOST_CREATE = { fault: 'lost-answer', on: { service: 'codedeploy', operation: 'CreateDeployment' } } as const;

const SKEWS = [
  ['four minutes ahead', 4 * MINUTE_MS],
  ['four minutes behind', -4 * MINUTE_MS],
  ['two hours ahead', 120 * MINUTE_MS],
  ['two hours behind', -120 * MINUTE_MS],
] as const;

const RELEASES: ReadonlyArray<readonly [title: string, story: ReleaseStory]> = [
  ['a release goes out', {}],
  ['a release goes out whose CreateDeployment was never answered', { faults: [LOST_CREATE] }],
  ['a termination wait passes', { cloud: { deploymentGroup: { terminationWaitMinutes: 5 } } }],
];

const WAYS_BACK: ReadonlyArray<readonly [title: string, scenario: RollbackScenario]> = [
  [
    'a release that failed with traffic on green',
    { faults: [{ fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' }], code: 'RELEASE_FAILED' },
  ],
  [
    'one whose CreateDeployment was never answered',
    {
      faults: [LOST_CREATE, { fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' }],
      code: 'RELEASE_FAILED',
    },
  ],
  [
    'green that never got its tags',
    {
      cloud: { undocumented: resolveUndocumented({ stopMode: 'leaves-green' }) },
      faults: [{ fault: 'mode-error', during: 'TAG_INSTANCES_WITH_GREEN_TAG' }],
      code: 'DEPLOYMENT_MODE_FAILED',
    },
  ],
];

describe('the clock of the cloud is another than ours', () => {
  for (const [title, story] of RELEASES) {
    it(`${title}, as with one clock`, async () => {
      const play = (clockSkewMs: number): Promise<ReleaseEnd> =>
        release({ ...story, options: { polling: POLLING }, cloud: { blue: 2, ...story.cloud, clockSkewMs } });
      const inStep = await play(0);
      for (const [how, clockSkewMs] of SKEWS) {
        const { result, mutations, tookMs, cloud } = await play(clockSkewMs);
        // What is renewed by a time that Spot tells may be renewed more often.
        expect({ how, outcome: result.outcome, sent: new Set(mutations), tookMs }).toEqual({
          how,
          outcome: 'succeeded',
          sent: new Set(inStep.mutations),
          tookMs: inStep.tookMs,
        });
        expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
        expect(cloud.traffic.failed).toBe(0);
      }
    });
  }

  it('by so much that AWS takes no signature of ours: refused before anything is touched, and the message says why', async () => {
    const message = 'Signature expired: 20260105T070000Z is now earlier than 20260105T085500Z';
    const { result, mutations } = await release({
      faults: [
        {
          fault: 'refused',
          on: { service: 'codedeploy', times: 2 },
          code: 'InvalidSignatureException',
          message,
          status: 403,
        },
      ],
    });
    expect(result).toMatchObject({ outcome: 'refused', error: { blame: 'config' } });
    expect(result.error?.message).toContain(message);
    expect(mutations).toEqual([]);
  });

  for (const [how, clockSkewMs] of SKEWS)
    for (const [title, scenario] of WAYS_BACK) {
      it(`${how}: ${title} is taken back`, async () => {
        const undocumented = scenario.cloud?.undocumented ?? resolveUndocumented();
        await rollsBack({ ...scenario, cloud: { ...scenario.cloud, undocumented, clockSkewMs } });
      });
    }
});
