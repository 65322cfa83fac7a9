import type { RolloutEvent } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { SHOP } from '../../src/testing/shop.js';
import type { ReleaseStory } from './release.js';

/** A bake of half an hour in a termination wait of an hour. */
export const baking = (story: ReleaseStory = {}): ReleaseStory => ({
  ...story,
  cloud: { requestsPerSecond: 1, deploymentGroup: { terminationWaitMinutes: 60 }, ...story.cloud },
  spec: { bake: '30m', ...story.spec },
  options: { polling: { every: '15s', urgent: '10s' }, ...story.options },
});

export const began = (event: RolloutEvent, step: string): boolean =>
  event.name === 'step:run:started' && event.data.step === step && event.data.direction === 'forward';

/** When the first event of this name came for the step; epoch milliseconds. */
export const timeOf = (events: readonly RolloutEvent[], name: RolloutEvent['name'], step: string): number =>
  Date.parse(events.find((each) => each.name === name && (each.data as { step?: string }).step === step)?.at ?? '');

export const suspensions = (cloud: SimulatedCloud) => cloud.elastigroups.suspensions(SHOP.elastigroupId);
