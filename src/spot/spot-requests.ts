import type { CloudRequests } from '../ports/cloud-requests.js';
import type { SpotRequest } from './spot-api.js';
import type { SpotClientOptions } from './spot-client-options.js';

export const ELASTIGROUP = '/aws/ec2/group/{elastigroupId}';
export const DEPLOYMENT_MODES = `${ELASTIGROUP}/codeDeploy/blueGreenDeployment`;

/** In which unit Spot takes the limit of a deployment mode, in milliseconds. */
export function modeTimeoutUnitMs({ modeTimeoutUnit }: Pick<SpotClientOptions, 'modeTimeoutUnit'>): number {
  return modeTimeoutUnit === 'minutes' ? 60_000 : 1_000;
}

/** The calls of the port that change something. */
type Changes =
  | 'enterDeploymentMode'
  | 'stopDeploymentMode'
  | 'detachInstances'
  | 'setCapacity'
  | 'suspendProcesses'
  | 'resumeProcesses';

/** What each call of the client that changes something sends. */
export function spotRequests(modeTimeoutUnitMs: number): {
  readonly [K in Changes]: (...args: Parameters<CloudRequests[K]>) => SpotRequest;
} {
  return {
    enterDeploymentMode: (elastigroupId, mode) => ({
      operation: 'enterDeploymentMode',
      method: 'POST',
      route: DEPLOYMENT_MODES,
      ids: { elastigroupId },
      body: {
        deployment: {
          timeout: Math.ceil(mode.timeoutMs / modeTimeoutUnitMs),
          tags: mode.tags.map(({ key, value }) => ({ tagKey: key, tagValue: value })),
          deploymentGroups: mode.deploymentGroups.map(({ applicationName, deploymentGroupName }) => ({
            applicationName,
            deploymentGroupName,
          })),
        },
      },
    }),
    stopDeploymentMode: (elastigroupId, deploymentModeId) => ({
      operation: 'stopDeploymentMode',
      method: 'PUT',
      route: `${DEPLOYMENT_MODES}/{deploymentModeId}/stop`,
      ids: { elastigroupId, deploymentModeId },
    }),
    detachInstances: (elastigroupId, detach) => ({
      operation: 'detachInstances',
      method: 'PUT',
      route: `${ELASTIGROUP}/detachInstances`,
      ids: { elastigroupId },
      body: {
        instancesToDetach: detach.instanceIds,
        shouldTerminateInstances: detach.terminate,
        shouldDecrementTargetCapacity: detach.decrementTargetCapacity,
        ...(detach.drainingTimeoutMs === undefined
          ? {}
          : { drainingTimeout: Math.ceil(detach.drainingTimeoutMs / 1000) }),
      },
    }),
    setCapacity: (elastigroupId, { minimum, target, maximum }) => ({
      operation: 'setCapacity',
      method: 'PUT',
      route: `${ELASTIGROUP}/capacity`,
      ids: { elastigroupId },
      body: { capacity: { minimum, target, maximum } },
    }),
    suspendProcesses: (elastigroupId, suspensions) => ({
      operation: 'suspendProcesses',
      method: 'POST',
      route: `${ELASTIGROUP}/suspension`,
      ids: { elastigroupId },
      body: {
        suspensions: suspensions.map(({ process, ttlMs }) => ({
          name: process,
          ...(ttlMs === undefined ? {} : { ttlInMinutes: Math.ceil(ttlMs / 60_000) }),
        })),
      },
    }),
    resumeProcesses: (elastigroupId, processes) => ({
      operation: 'resumeProcesses',
      method: 'DELETE',
      route: `${ELASTIGROUP}/suspension`,
      ids: { elastigroupId },
      body: { processes },
    }),
  };
}
