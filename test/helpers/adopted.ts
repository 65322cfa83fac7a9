import { BlueGreen, MemoryStore, SpotClient } from '../../src/index.js';
import type { BlueGreenOptions, RolloutResult } from '../../src/index.js';
import { SHOP, SimulatedCloud } from '../../src/testing/index.js';
import type { Fault } from '../../src/testing/faults.js';
import type { SimulatedCloudOptions } from '../../src/testing/simulated-cloud-options.js';
import { WIRES } from './wires.js';

const { elastigroupId, applicationName, deploymentGroupName } = SHOP;
const DAY_MS = 24 * 3_600_000;

interface Story {
  readonly cloud?: SimulatedCloudOptions;
  readonly faults?: readonly Fault[];
  /** What the person starts; absent: nothing. */
  readonly mode?: { readonly timeoutMs?: number; readonly value?: string; readonly group?: string } | undefined;
  /** The state of the mode in which the release is started. */
  readonly from?: string;
  readonly spec?: object;
  readonly options?: Partial<BlueGreenOptions>;
  readonly meanwhile?: (cloud: SimulatedCloud) => void;
}

export interface Told {
  readonly result: RolloutResult;
  readonly cloud: SimulatedCloud;
  readonly mutations: readonly string[];
  readonly warnings: readonly string[];
  readonly before: ReturnType<SimulatedCloud['snapshot']>;
  readonly spotExpiresAt: string | undefined;
}

export const modeOf = (cloud: SimulatedCloud) => cloud.elastigroups.deploymentModes(elastigroupId)[0];

/** Somebody starts the mode through Spot's API, and releases once it has come so far. */
export async function adopted(story: Story, check: (told: Told) => void | Promise<void>): Promise<void> {
  await using cloud = new SimulatedCloud({
    clock: WIRES.near.clock(),
    rateLimits: false,
    blue: 2,
    ...story.cloud,
    faults: story.faults ?? [],
  });
  const access = cloud.options();
  const before = cloud.snapshot();
  if (story.mode !== undefined) await startByHand(cloud, story.mode, story.from ?? 'AWAITING_USER_DEPLOYMENT');
  story.meanwhile?.(cloud);
  const sofar = cloud.requests.length;
  const blueGreen = new BlueGreen({
    ...access,
    store: new MemoryStore(),
    polling: { every: '15s', urgent: '5s' },
    ...story.options,
  });
  const spec = cloud.spec({ green: { tagKey: 'Colour', value: 'green' }, adopt: true, ...story.spec });
  const rollout = await blueGreen.start(spec as never);
  const result = await rollout.result();
  const { warnings, spotExpiresAt } = rollout.status();
  await blueGreen.close();
  const mutations = mutationsSince(cloud, sofar);
  await check({ result, cloud, mutations, warnings: warnings.map(({ code }) => code), before, spotExpiresAt });
}

export const mutationsSince = (cloud: SimulatedCloud, sofar: number): string[] =>
  cloud.requests
    .slice(sofar)
    .flatMap(({ operation }) => (/^(list|read|describe|get|batchget)/i.test(operation) ? [] : [operation]));

export async function startByHand(
  cloud: SimulatedCloud,
  mode: NonNullable<Story['mode']>,
  until: string,
): Promise<void> {
  const { spot } = cloud.options();
  if (mode.group !== undefined) {
    const targetGroupNames = [SHOP.targetGroupName];
    cloud.codeDeploy.createDeploymentGroup({ applicationName, deploymentGroupName: mode.group, targetGroupNames });
  }
  const client = new SpotClient({ ...spot, clock: cloud.clock });
  await client.enterDeploymentMode(elastigroupId, {
    timeoutMs: mode.timeoutMs ?? DAY_MS,
    tags: [{ key: 'Colour', value: mode.value ?? 'green' }],
    deploymentGroups: [{ applicationName, deploymentGroupName: mode.group ?? deploymentGroupName }],
  });
  cloud.advance(3_000);
  while (modeOf(cloud)?.shownState() !== until) cloud.advance(1_000);
}
