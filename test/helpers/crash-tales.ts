import type { Tale } from './crash.js';

/**
 * Every script fails once traffic is on green, and Spot does nothing about it by itself: the way back with the most for us
 * to do (stop the deployment, stop the mode, make room, detach green).
 */
export const TRAFFIC_ON_GREEN: Tale = {
  faults: [{ fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' }],
  undocumented: { whenDeploymentFails: 'does-nothing', stopMode: 'leaves-green' },
};
