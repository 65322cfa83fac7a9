import { afterEach, describe, expect, it } from 'vitest';
import type { Undocumented } from '../../src/testing/options.js';
import { watchInvariants, type Watch } from '../helpers/invariants.js';
import { underEveryAnswer } from '../helpers/open-questions.js';
import { everyPairOf } from '../helpers/pairwise.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

/** A release that must go out without a user noticing; answers what was wrong, in words. */
async function goesOut(story: ReleaseStory): Promise<{ readonly end: ReleaseEnd; readonly wrong: readonly string[] }> {
  const watches: Watch[] = [];
  const end = await release({
    options: { polling: { every: '20s', urgent: '10s' } },
    wire: 'short',
    ...story,
    cloud: { blue: 2, ...story.cloud },
    prepare: (cloud) => {
      story.prepare?.(cloud);
      watches.push(watchInvariants(cloud));
    },
  });
  const { cloud, result } = end;
  const [elastigroup] = cloud.snapshot().elastigroups;
  const { minimum, maximum } = elastigroup?.capacity ?? {};
  const was = watches[0]?.before.elastigroups[0]?.capacity;
  const found = {
    outcome: result.outcome,
    error: result.error?.message,
    serving: cloud.snapshot().serving,
    members: [...(elastigroup?.members ?? [])].sort(),
    capacity: [minimum, maximum],
    failed: cloud.traffic.failed,
    violations: watches[0]?.violations,
  };
  const wanted = {
    outcome: 'succeeded',
    error: undefined,
    serving: { blue: 0, green: 2, other: 0 },
    members: [...(result.green?.instanceIds ?? [])].sort(),
    capacity: [was?.minimum, was?.maximum],
    failed: 0,
    violations: [],
  };
  const wrong = Object.entries(wanted).flatMap(([what, value]) => {
    const is = found[what as keyof typeof found];
    return JSON.stringify(is) === JSON.stringify(value) ? [] : [`${what}: ${JSON.stringify(is)}`];
  });
  return { end, wrong };
}

function expectAllWell(stories: ReadonlyMap<string, readonly string[]>): void {
  expect(Object.fromEntries([...stories].filter(([, wrong]) => wrong.length > 0))).toEqual({});
}

describe('a release succeeds, and no user’s request fails', () => {
  it('under every combination of answers to the open questions that make a difference to it', async () => {
    const stories = new Map<string, readonly string[]>();
    const goOut = async (undocumented: Partial<Undocumented>): Promise<Array<keyof Undocumented>> => {
      const { end, wrong } = await goesOut({ cloud: { undocumented } });
      stories.set(JSON.stringify(undocumented), wrong);
      const asked = [...end.cloud.questionsAsked];
      await closeClouds();
      return asked;
    };
    await underEveryAnswer({}, goOut, new Set());
    expectAllWell(stories);
    expect(stories.size).toBeGreaterThan(8);
  });

  const QUESTIONS: ReadonlyArray<keyof Undocumented> = [
    'finishedMode',
    'greenTagsAfterFinish',
    'targetDuringMode',
    'filterAfterSuccess',
    'registersAtLaunchDuringMode',
    'statusInTerminationWait',
    'modeTimeoutUnit',
  ];
  it('with every wait and with registration at launch, under every pair of answers', async () => {
    const stories = new Map<string, readonly string[]>();
    for (const undocumented of everyPairOf(QUESTIONS)) {
      const { modeTimeoutUnit } = undocumented;
      const { wrong } = await goesOut({
        cloud: {
          undocumented,
          elastigroup: { registerAtLaunch: true },
          deploymentGroup: { readyWaitMinutes: 30, terminationWaitMinutes: 5 },
        },
        options: {
          polling: { every: '20s', urgent: '10s' },
          ...(modeTimeoutUnit === undefined ? {} : { spot: { modeTimeoutUnit } }),
        },
      });
      stories.set(JSON.stringify(undocumented), wrong);
      await closeClouds();
    }
    expectAllWell(stories);
    expect(stories.size).toBeGreaterThan(5);
  });
});
