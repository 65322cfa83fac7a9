import { continueDeploymentInput, createDeploymentInput, stopDeploymentInput } from './aws/code-deploy-inputs.js';
import { tagsInput, targetsInput } from './aws/target-inputs.js';
import type { CloudRequest, CloudRequests } from './ports/cloud-requests.js';
import type { SpotRequest } from './spot/spot-api.js';
import type { SpotClientOptions } from './spot/spot-client-options.js';
import { modeTimeoutUnitMs, spotRequests } from './spot/spot-requests.js';

/** What the gateways would send, made by what they make it with. */
export function cloudRequests(spot: Pick<SpotClientOptions, 'modeTimeoutUnit'>): CloudRequests {
  const requests = spotRequests(modeTimeoutUnitMs(spot));
  return {
    enterDeploymentMode: (...of) => ofSpot(requests.enterDeploymentMode(...of)),
    stopDeploymentMode: (...of) => ofSpot(requests.stopDeploymentMode(...of)),
    detachInstances: (...of) => ofSpot(requests.detachInstances(...of)),
    setCapacity: (...of) => ofSpot(requests.setCapacity(...of)),
    suspendProcesses: (...of) => ofSpot(requests.suspendProcesses(...of)),
    resumeProcesses: (...of) => ofSpot(requests.resumeProcesses(...of)),
    createDeployment: (...of) => codeDeploy('CreateDeployment', createDeploymentInput(...of)),
    continueDeployment: (...of) => codeDeploy('ContinueDeployment', continueDeploymentInput(...of)),
    stopDeployment: (...of) => codeDeploy('StopDeployment', stopDeploymentInput(...of)),
    createTags: (...of) => ({ service: 'ec2', operation: 'CreateTags', body: tagsInput(...of) }),
    registerTargets: (...of) => ({ service: 'elbv2', operation: 'RegisterTargets', body: targetsInput(...of) }),
    deregisterTargets: (...of) => ({ service: 'elbv2', operation: 'DeregisterTargets', body: targetsInput(...of) }),
  };
}

const codeDeploy = (operation: string, body: unknown): CloudRequest => ({ service: 'codedeploy', operation, body });

function ofSpot(request: SpotRequest): CloudRequest {
  const { operation, method, body } = request;
  return {
    service: 'spot',
    operation,
    route: `${method} ${pathOf(request)}`,
    ...(body === undefined ? {} : { body }),
  };
}

/** An id that is not known yet stays in braces, by its name. */
function pathOf({ route, ids }: SpotRequest): string {
  return route.replace(/\{(\w+)\}/g, (name, key: string) => encodeURIComponent(ids[key] ?? '') || name);
}
