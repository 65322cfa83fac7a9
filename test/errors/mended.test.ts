import { afterEach, expect, it } from 'vitest';
import { BlueGreen, MemoryStore, type ErrorCode, type RolloutResult } from '../../src/index.js';
import { SHOP, type SimulatedCloud } from '../../src/testing/index.js';
import { ROLLOUT_ID } from '../helpers/crash.js';
import { closeClouds, release, type ReleaseStory } from '../helpers/release.js';
import { WIRES } from '../helpers/wires.js';
import { heal, STORIES } from './provoked/ends.js';

afterEach(closeClouds);

const { elastigroupId, targetGroupName } = SHOP;

interface Advice {
  readonly code: keyof typeof STORIES;
  /** What the page says to do before the rollout is resumed. */
  readonly obey: (cloud: SimulatedCloud) => void;
  readonly ends: RolloutResult['outcome'];
  readonly serving: object;
}

/** Those of `failed`: somebody is woken, and does what the page says. */
const ADVICE: readonly Advice[] = [
  {
    code: 'RETIRE_FAILED',
    obey: (cloud) => heal(cloud, 'green'),
    ends: 'succeeded',
    serving: { blue: 0, green: 2, other: 0 },
  },
  {
    code: 'PROOF_FAILED',
    obey: ({ loadBalancing, elastigroups }) => {
      const members = new Set(elastigroups.members(elastigroupId).map(({ instanceId }) => instanceId));
      const foreign = loadBalancing.health(targetGroupName).map(({ instanceId }) => instanceId);
      loadBalancing.deregister(
        targetGroupName,
        foreign.filter((id) => !members.has(id)),
      );
    },
    ends: 'succeeded',
    serving: { blue: 0, green: 2, other: 0 },
  },
  {
    code: 'RESTORE_FAILED',
    obey: (cloud) => cloud.advance(3_600_000),
    ends: 'rolled-back',
    serving: { blue: 2, green: 0, other: 0 },
  },
  {
    code: 'BLUE_NOT_SERVING',
    obey: (cloud) => heal(cloud, 'blue'),
    ends: 'rolled-back',
    serving: { blue: 2, green: 0, other: 0 },
  },
];

it.each(ADVICE)(
  '$code: who does as the page says, and resumes, finds it well',
  async ({ code, obey, ends, serving }) => {
    const { cloud, store, result, told } = await failed(STORIES[code]);
    expect(result.outcome).toBe('failed');
    expect(told).toContain(code);

    obey(cloud);
    cloud.advance(120_000);
    const blueGreen = new BlueGreen({
      ...WIRES.short.options(cloud),
      logger: false,
      store,
      polling: { every: '30s', urgent: '15s' },
    });
    const again = await (await blueGreen.resume(ROLLOUT_ID)).result();
    await blueGreen.close();
    expect(again.outcome, again.error?.message).toBe(ends);
    cloud.advance(3_600_000);
    expect(cloud.snapshot().serving).toEqual(serving);
  },
);

async function failed(story: ReleaseStory) {
  const store = new MemoryStore();
  const told: ErrorCode[] = [];
  const { cloud, result } = await release({
    wire: 'short',
    ...story,
    cloud: { blue: 2, requestsPerSecond: 1, deregistrationDelayMs: 10_000, ...story.cloud },
    options: { polling: { every: '1m', urgent: '15s' }, ...story.options, store },
    call: { id: ROLLOUT_ID },
    onEvent: (event, made, blueGreen) => {
      if (event.name === 'step:run:failed') told.push(event.data.error.code);
      story.onEvent?.(event, made, blueGreen);
    },
  });
  return { cloud, store, result, told };
}
