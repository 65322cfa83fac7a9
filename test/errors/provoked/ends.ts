import type { ErrorCode } from '../../../src/index.js';
import { SHOP, type SimulatedCloud } from '../../../src/testing/index.js';
import { ROLLOUT_ID } from '../../helpers/crash.js';
import { at } from '../../helpers/moments.js';
import type { ReleaseStory } from '../../helpers/release.js';
import { ofRelease, ofWayBack, type Provocation } from './provocation.js';

const { elastigroupId, targetGroupName } = SHOP;
const ORDER = { by: 'Ada', reason: 'not tonight' };

function sicken(cloud: SimulatedCloud, colour: 'blue' | 'green'): void {
  const [one] = cloud.elastigroups.coloured(elastigroupId, colour);
  if (one === undefined) throw new Error(`there is no ${colour}`);
  set(cloud, one, false);
}

/** Whatever was wrong with the application there is right again. */
export function heal(cloud: SimulatedCloud, colour: 'blue' | 'green'): void {
  for (const one of cloud.elastigroups.coloured(elastigroupId, colour)) set(cloud, one, true);
}

type Instance = ReturnType<SimulatedCloud['elastigroups']['coloured']>[number];

function set(cloud: SimulatedCloud, instance: Instance, healthy: boolean): void {
  instance.application = { revision: instance.application?.revision ?? '', healthy };
  cloud.ec2.changed(instance);
}

/** Releases that end with outcome `failed`, all with the id that the tests know. */
export const STORIES = {
  RETIRE_FAILED: {
    faults: [{ fault: 'blue-not-removed' }],
    onEvent: (event, cloud) => {
      if (event.name === 'rollout:pivot:passed') sicken(cloud, 'green');
    },
  },
  PROOF_FAILED: {
    onEvent: (event, cloud) => {
      if (event.name !== 'rollout:pivot:passed') return;
      const foreign = cloud.ec2.launch({ tags: { App: 'other' }, launchMs: 0 });
      foreign.application = { revision: 'by hand', healthy: true };
      cloud.loadBalancing.register(targetGroupName, [foreign.instanceId]);
    },
  },
  RESTORE_FAILED: {
    faults: [{ fault: 'green-left-behind' }],
    spec: { detach: { terminate: true, drainingTimeout: '50m' } },
    onEvent: (event, _cloud, blueGreen) => {
      if (event.name === 'step:run:observed' && event.data.saw.includes('tags settling'))
        void blueGreen.abort(ROLLOUT_ID, ORDER);
    },
  },
  BLUE_NOT_SERVING: {
    cloud: { undocumented: { whenDeploymentFails: 'does-nothing' } },
    options: { polling: { every: '1m', urgent: '30s' } },
    prepare: (cloud) => at(cloud, 'blocking', () => sicken(cloud, 'blue')),
    onEvent: (event, cloud, blueGreen) => {
      if (event.name !== 'step:run:started' || event.data.step !== 'await-codedeploy') return;
      at(cloud, 'blocking', () => void blueGreen.abort(ROLLOUT_ID, ORDER));
    },
  },
} as const satisfies Partial<Record<ErrorCode, ReleaseStory>>;

/** Neither out nor back, or not for certain. */
export const ENDS = {
  RETIRE_FAILED: { sends: 'something', provoke: () => ofRelease(STORIES.RETIRE_FAILED) },
  PROOF_FAILED: { sends: 'something', provoke: () => ofRelease(STORIES.PROOF_FAILED) },
  RESTORE_FAILED: { sends: 'something', provoke: () => ofWayBack(STORIES.RESTORE_FAILED) },
  BLUE_NOT_SERVING: { sends: 'something', provoke: () => ofWayBack(STORIES.BLUE_NOT_SERVING) },
  INTERNAL: {
    sends: 'something',
    says: /this policy is not finished/,
    provoke: () =>
      ofRelease({
        options: {
          polling: ({ stepId }) => {
            if (stepId === 'await-green') throw new TypeError('this policy is not finished');
            return 15_000;
          },
        },
      }),
  },
} as const satisfies Partial<Record<ErrorCode, Provocation>>;
