import { SHOP } from '../../src/testing/index.js';
import { baking } from './bake.js';
import type { ReleaseStory } from './release.js';

/** Between them these make every call that the library can make. */
export const EVERY_CALL: Readonly<Record<string, ReleaseStory>> = {
  'a success in which the library retires blue and puts a suspension back': {
    cloud: { deploymentGroup: { readyWaitMinutes: 60, deploymentConfigName: 'CodeDeployDefault.HalfAtATime' } },
    faults: [{ fault: 'blue-not-removed', finishes: true }],
    spec: { alarms: ['shop-5xx'] },
    prepare: (cloud) => {
      cloud.elastigroups.suspend(SHOP.elastigroupId, 'AUTO_SCALE');
      cloud.alarms.createAlarm({ name: 'shop-5xx' });
    },
  },
  'a success in which a replacement that Spot launched is released onto': {
    cloud: { timings: { healingMs: 60_000 } },
    spec: { strays: 'release' },
    faults: [{ fault: 'interruption', colour: 'blue', atMs: 60_000 }],
  },
  'a success in which a replacement that Spot launched is detached': {
    cloud: { timings: { healingMs: 60_000 } },
    spec: { detach: { decrementTargetCapacity: true, drainingTimeout: '90s' } },
    faults: [{ fault: 'interruption', colour: 'blue', atMs: 60_000 }],
  },
  'a success in which CodeDeploy keeps blue for a bake': baking(),
  'a success with processes suspended throughout': {
    spec: { suspend: { processes: ['AUTO_SCALE', 'AUTO_HEALING'], ttl: '90m' } },
    options: { spot: { modeTimeoutUnit: 'minutes' } },
    cloud: { undocumented: { modeTimeoutUnit: 'minutes', suspensionsAfterMode: 'left' } },
  },
  'a way back in which the library takes green out of traffic': {
    cloud: { deploymentGroup: { hasLastDeployment: false }, undocumented: { whenDeploymentFails: 'does-nothing' } },
    faults: [{ fault: 'script-fails', event: 'AfterAllowTraffic' }],
  },
  'a way back in which the library registers blue': {
    cloud: { deploymentGroup: { hasLastDeployment: false }, undocumented: { whenDeploymentFails: 'does-nothing' } },
    faults: [{ fault: 'interruption', colour: 'blue', event: 'BlockTraffic' }],
  },
  'a way back before traffic has moved': {
    cloud: { deploymentGroup: { readyWaitMinutes: 60 } },
    spec: { gates: [{ name: 'go', before: 'PRODUCTION_TRAFFIC_SHIFT' }] },
    call: { id: 'bg-7' },
    onEvent: ({ name, data }, _cloud, blueGreen) => {
      if (name === 'step:run:started' && (data as { step: string }).step === 'gate/go')
        void blueGreen.reject('bg-7', 'go', { by: 'Ada', reason: 'not today' });
    },
  },
};
