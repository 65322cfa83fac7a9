import type { CloudSnapshot } from '../../src/testing/snapshot.js';
import type { Ending } from './ending.js';

type Instance = CloudSnapshot['instances'][number];

/** Requests of users that failed for another cause than what a cloud, or another person, did by itself. */
export function unexplained(ending: Ending): string[] {
  const { cloud } = ending;
  const snapshot = cloud.snapshot();
  return cloud.trafficFailures.flatMap(({ count, from, because }) => {
    const instance = snapshot.instances.find(({ instanceId }) => because.includes(instanceId));
    const excuse =
      instance === undefined ? excuseForNothing(ending, snapshot, from) : excuseFor(ending, snapshot, instance, from);
    return excuse === undefined ? [`${count} requests of users failed from ${from}: ${because}`] : [];
  });
}

const INTERRUPTED = 'Server.SpotInstanceTermination';

function excuseFor(ending: Ending, snapshot: CloudSnapshot, instance: Instance, from: string): string | undefined {
  const { instanceId, stateReason, colour } = instance;
  if (stateReason === INTERRUPTED) return 'EC2 took it back';
  const theirs = snapshot.codeDeployDeployments.find(
    ({ description, targets, createdAt }) =>
      !isOurs(description) && (createdAt ?? '') <= from && targets.some((target) => target.instanceId === instanceId),
  );
  if (theirs !== undefined) return 'a deployment that is none of ours works on it';
  const launchedSince = colour !== 'blue' || !ending.watch.before.elastigroups[0]?.members.includes(instanceId);
  if (ending.story.cloud.elastigroup?.registerAtLaunch === true && launchedSince)
    return 'Spot has put it into traffic at launch';
  if (stateReason !== undefined && !removedByUs(ending, instanceId, from)) return 'Spot or CodeDeploy took it';
  return undefined;
}

/** No target at all: the clouds have taken every one out, and no call of ours did. */
function excuseForNothing({ cloud, watch }: Ending, snapshot: CloudSnapshot, from: string): string | undefined {
  const { instances } = snapshot;
  const served = instances.filter(({ instanceId }) => watch.before.elastigroups[0]?.members.includes(instanceId));
  if (served.every(({ stateReason }) => stateReason === INTERRUPTED)) return 'EC2 took back all of blue';
  const green = instances.filter(({ colour }) => colour === 'green');
  if (green.length > 0 && green.every(({ stateReason }) => stateReason === INTERRUPTED) && isReleased(snapshot))
    return 'EC2 took back all of green, which alone served';
  const lost = instances.filter(
    ({ stateReason, elastigroupId }) => stateReason !== undefined || elastigroupId === undefined,
  );
  const ours = cloud.requests.some(
    ({ operation, atMs }) =>
      ['DeregisterTargets', 'detachInstances', 'stopDeploymentMode'].includes(operation) &&
      atMs <= Date.parse(from) - STARTS_AT,
  );
  return lost.length > 0 && !ours ? 'everything was taken away' : undefined;
}

const isReleased = ({ codeDeployDeployments }: CloudSnapshot): boolean =>
  codeDeployDeployments.some(({ description, status }) => isOurs(description) && status === 'Succeeded');

const isOurs = (description: string | undefined): boolean => /#(strays-)?\d+( |$)/.test(description ?? '');

/** When a simulated cloud is made, by the process's clock. */
const STARTS_AT = Date.UTC(2026, 0, 5, 9);

/** By a call that names it, or by the stop of its mode. */
function removedByUs({ cloud }: Ending, instanceId: string, from: string): boolean {
  const before = Date.parse(from) - STARTS_AT;
  return cloud.requests.some(
    ({ operation, body, atMs }) =>
      atMs <= before &&
      (operation === 'stopDeploymentMode' ||
        (operation === 'detachInstances' && JSON.stringify(body).includes(instanceId))),
  );
}
