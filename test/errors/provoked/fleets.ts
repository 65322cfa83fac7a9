import type { ErrorCode } from '../../../src/index.js';
import { SHOP } from '../../../src/testing/index.js';
import { at } from '../../helpers/moments.js';
import type { ReleaseStory } from '../../helpers/release.js';
import { ofRelease, type Provocation } from './provocation.js';

const { elastigroupId } = SHOP;
const SECOND_MS = 1_000;
const INTERRUPTED = { code: 'Server.SpotInstanceTermination', message: 'Spot instance termination' };
const GREEN = { tagKey: 'Colour', value: 'green' } as const;

/** CodeDeploy sees the tags of two at once, and of the third only once Spot has begun to follow the deployment. */
const seesOneLate: ReleaseStory = {
  cloud: { blue: 3, timings: { tagVisibleInCodeDeployMs: 95 * SECOND_MS, spotPollMs: 10 * SECOND_MS } },
  spec: { green: GREEN },
  prepare: (cloud) => {
    const look = (): void => {
      const green = cloud.elastigroups.coloured(elastigroupId, 'green').map(({ instanceId }) => instanceId);
      if (green.length === 3) cloud.ec2.createTags(green.slice(0, 2), { Colour: 'green' });
      else cloud.clock.schedule(SECOND_MS, look);
    };
    look();
  },
};

/** Instances, and who takes them. */
export const FLEETS = {
  DEPLOYMENT_MODE_FAILED: {
    sends: 'something',
    provoke: () => ofRelease({ faults: [{ fault: 'mode-timeout', during: 'AWAITING_USER_DEPLOYMENT' }] }),
  },
  GREEN_LOST: {
    sends: 'something',
    provoke: () =>
      ofRelease({
        onEvent: (event, cloud) => {
          if (event.name !== 'step:run:observed' || !event.data.saw.includes('tags settling')) return;
          const [one] = cloud.elastigroups.coloured(elastigroupId, 'green');
          cloud.ec2.terminate(one?.instanceId ?? '', INTERRUPTED);
        },
      }),
  },
  GREEN_IN_TRAFFIC_EARLY: {
    sends: 'something',
    provoke: () =>
      ofRelease({
        onEvent: (event, cloud) => {
          if (event.name !== 'step:run:observed' || !event.data.saw.includes('tags settling')) return;
          const [one] = cloud.elastigroups.coloured(elastigroupId, 'green');
          if (one === undefined) return;
          one.application = { revision: SHOP.revision, healthy: true };
          cloud.loadBalancing.register(SHOP.targetGroupName, [one.instanceId]);
        },
      }),
  },
  TARGETS_MISSED: { sends: 'something', provoke: () => ofRelease(seesOneLate) },
  TARGETS_FOREIGN: {
    sends: 'something',
    provoke: () =>
      ofRelease({
        spec: { green: GREEN },
        onEvent: (event, cloud) => {
          if (event.name !== 'operation:send:intended' || event.data.key !== 'release-green/1') return;
          cloud.ec2.launch({ tags: { Colour: 'green', App: 'other' }, launchMs: 0 });
        },
      }),
  },
  STRAYS_FOUND: {
    sends: 'something',
    provoke: () =>
      ofRelease({
        cloud: { timings: { healingMs: 60 * SECOND_MS }, undocumented: { whenDeploymentFails: 'only-removes-green' } },
        spec: { strays: 'fail' },
        onEvent: (event, cloud) => {
          if (event.name !== 'step:run:completed' || event.data.step !== 'enter-deployment-mode') return;
          const [one] = cloud.elastigroups.coloured(elastigroupId, 'blue');
          cloud.clock.schedule(10 * SECOND_MS, () => cloud.ec2.terminate(one?.instanceId ?? '', INTERRUPTED));
        },
      }),
  },
  RELEASE_FAILED: {
    sends: 'something',
    says: /no answer on port 8080/,
    provoke: () =>
      ofRelease({ faults: [{ fault: 'script-fails', event: 'ApplicationStart', message: 'no answer on port 8080' }] }),
  },
  AGENT_NOT_RESPONDING: {
    sends: 'something',
    provoke: () => ofRelease({ faults: [{ fault: 'agent-dead', colour: 'green' }] }),
  },
  TRAFFIC_FAILED: {
    sends: 'something',
    says: /AllowTraffic/,
    provoke: () =>
      ofRelease({
        options: { polling: { every: '1m', urgent: '1m' } },
        prepare: (cloud) =>
          at(cloud, 'allowing', () => {
            for (const instance of cloud.elastigroups.coloured(elastigroupId, 'green')) {
              instance.application = { revision: 's3://releases/shop-412.zip', healthy: false };
              cloud.ec2.changed(instance);
            }
          }),
      }),
  },
  INSTANCE_LOST: {
    sends: 'something',
    says: /Server\.SpotInstanceTermination/,
    provoke: () => ofRelease({ faults: [{ fault: 'interruption', colour: 'green', instance: 1, event: 'Install' }] }),
  },
} as const satisfies Partial<Record<ErrorCode, Provocation>>;
