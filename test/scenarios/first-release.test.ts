import { afterEach, describe, expect, it } from 'vitest';
import { SHOP, type SimulatedCloud } from '../../src/testing/index.js';
import { underEveryAnswer } from '../helpers/open-questions.js';
import { refusal } from '../helpers/refusal.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const { elastigroupId, targetGroupName } = SHOP;
const EMPTY = {
  blue: 0,
  elastigroup: { minimum: 0, target: 0, maximum: 8 },
  deploymentGroup: { hasLastDeployment: false },
} as const;

/** What the refusal says to do: instances of the launch specification, without the application. */
function scaledFirst(cloud: SimulatedCloud): void {
  cloud.elastigroups.setCapacity(elastigroupId, { minimum: 0, target: 2, maximum: 8 });
  cloud.advance(120_000);
  cloud.resetTraffic();
}

function story(more: ReleaseStory = {}): ReleaseStory {
  return {
    options: { polling: { every: '15s', urgent: '5s' } },
    ...more,
    cloud: { ...EMPTY, ...more.cloud },
    prepare: scaledFirst,
  };
}

function blueOf({ cloud }: ReleaseEnd) {
  return cloud.snapshot().instances.filter(({ colour }) => colour === 'blue');
}

describe('an Elastigroup in which nothing runs', () => {
  it('is refused in preflight, and told how it is done', async () => {
    const { error, findings } = await refusal({ cloud: EMPTY });
    expect(error).toMatchObject({ code: 'PREFLIGHT_REFUSED', stepId: 'preflight' });
    for (const { fix } of findings) expect(fix).toMatch(/as many green .* as there are blue.*scale .* first.*tags/);
    expect(findings.map(({ found }) => found)).toContain('the Elastigroup has no running instance');
  });
});

describe('the first release, onto an Elastigroup that was scaled first', () => {
  it('goes out, although blue never served and there is nothing to roll back to', async () => {
    const end = await release(story());
    expect(end.result.outcome).toBe('succeeded');
    const { serving, codeDeployDeployments, elastigroups } = end.cloud.snapshot();
    expect(serving).toEqual({ blue: 0, green: 2, other: 0 });
    expect(codeDeployDeployments).toHaveLength(1);
    expect(elastigroups[0]?.capacity).toMatchObject({ minimum: 0, target: 2, maximum: 8 });
    expect(end.result.green?.instanceIds).toHaveLength(2);
    expect(blueOf(end).every(({ state }) => state !== 'running')).toBe(true);
  });

  it('goes out where the Elastigroup registers what it launches', async () => {
    const end = await release(story({ cloud: { elastigroup: { ...EMPTY.elastigroup, registerAtLaunch: true } } }));
    expect(end.result.outcome).toBe('succeeded');
    expect(end.cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
  });

  it.each([
    ['does not register what it launches', false, 'ValidateService', 0],
    ['registers what it launches', true, 'BeforeInstall', 2],
  ] as const)(
    'goes back under every answer to what no source says, where the Elastigroup %s: blue is there, and serves as little',
    { timeout: 180_000 },
    async (_, registerAtLaunch, event, registered) => {
      const wrong: unknown[] = [];
      const stories = await underEveryAnswer({}, async (undocumented) => {
        const end = await release(
          story({
            cloud: { undocumented, elastigroup: { ...EMPTY.elastigroup, registerAtLaunch } },
            faults: [{ fault: 'script-fails', event, instance: 'all' }],
          }),
        );
        const { elastigroups, codeDeployDeployments, targetGroups } = end.cloud.snapshot();
        const found = {
          outcome: end.result.outcome,
          code: end.result.error?.code,
          unclean: end.result.receipt.lines.filter(({ verdict }) => verdict === 'differs' || verdict === 'not-checked'),
          blue: blueOf(end).map(({ state }) => state),
          members: elastigroups[0]?.members.length,
          capacity: elastigroups[0]?.capacity.target,
          running: elastigroups[0]?.deploymentModes.some(({ running }) => running),
          deployments: codeDeployDeployments.length,
          registered: targetGroups
            .find(({ name }) => name === targetGroupName)
            ?.targets.filter(({ state }) => state !== 'draining').length,
        };
        const wanted: typeof found = {
          outcome: 'rolled-back',
          code: 'RELEASE_FAILED',
          unclean: [],
          blue: ['running', 'running'],
          members: 2,
          capacity: 2,
          running: false,
          deployments: 1,
          registered,
        };
        const asked = [...end.cloud.questionsAsked];
        if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push({ undocumented, found });
        await closeClouds();
        return asked;
      });
      expect(wrong).toEqual([]);
      expect(stories).toBeGreaterThan(3);
    },
  );

  it('leaves green where it serves and blue never did, and says so', async () => {
    const end = await release(
      story({
        cloud: { undocumented: { whenDeploymentFails: 'does-nothing' } },
        faults: [{ fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' }],
      }),
    );
    expect(end.result.outcome).toBe('failed');
    expect(end.cloud.snapshot().serving.green).toBeGreaterThan(0);
    expect(end.result.receipt.lines.filter(({ verdict }) => verdict === 'differs')).not.toEqual([]);
    expect(end.mutations).not.toContain('spot stopDeploymentMode');
    expect(end.mutations).not.toContain('spot detachInstances');
  });
});
