import type { CloudRequests } from '../ports/cloud-requests.js';
import type { Elastigroups } from '../ports/elastigroups.js';
import type { Json } from '../internal/json.js';
import { keptCapacity, keptElastigroup, keptMode, keptSuspensions, keptTags } from './kept-answers.js';
import { quietly, quietlyDone } from './quietly.js';
import { noteCall } from './trace-calls.js';
import type { TraceGround } from './trace-clouds.js';

export function traceElastigroups(spot: Elastigroups, requests: CloudRequests, ground: TraceGround): Elastigroups {
  const { sightings } = ground;
  const order = <T>(
    operation: string,
    subjects: readonly string[],
    what: Json,
    send: () => Promise<T>,
    made?: (answer: T) => string,
  ): Promise<T> => noteCall({ cloud: 'spot', operation, subjects, order: what }, ground, send, made);
  return {
    account: () => spot.account(),
    async readElastigroup(id, call) {
      const elastigroup = await spot.readElastigroup(id, call);
      quietly(() => {
        sightings.saw('spot', 'capacity', [{ subject: id, now: keptCapacity(elastigroup) }]);
        sightings.saw('spot', 'settings', [{ subject: id, now: keptElastigroup(ground, elastigroup) }]);
      });
      return elastigroup;
    },
    async listInstances(id, call) {
      const listed = await spot.listInstances(id, call);
      await quietlyDone(async () => {
        const members = listed.flatMap(({ instanceId }) => instanceId ?? []);
        const counts = { count: members.length, pending: listed.length - members.length };
        sightings.saw('spot', 'members', [{ subject: id, now: counts }]);
        await sightings.sawAll('spot', 'member', members, (subject) => ({ subject, now: true }), id);
      });
      return listed;
    },
    async listDeploymentModes(id, call) {
      const modes = await spot.listDeploymentModes(id, call);
      quietly(() => {
        const told = modes.map((mode) => ({ subject: mode.deploymentModeId, now: mode.state }));
        const settings = modes.map((mode) => ({ subject: mode.deploymentModeId, now: keptMode(ground, mode) }));
        sightings.saw('spot', 'settings', settings);
        sightings.saw('spot', 'state', told, id);
      });
      return modes;
    },
    listRolls: (id, call) => spot.listRolls(id, call),
    async listSuspensions(id, call) {
      const suspensions = await spot.listSuspensions(id, call);
      quietly(() => sightings.saw('spot', 'suspensions', [{ subject: id, now: keptSuspensions(suspensions) }]));
      return suspensions;
    },
    enterDeploymentMode: (id, mode, call) =>
      order(
        'enterDeploymentMode',
        [id],
        { tags: keptTags(ground, mode.tags), timeout: sentTimeout(requests, id, mode) },
        () => spot.enterDeploymentMode(id, mode, call),
        ({ deploymentModeId }) => deploymentModeId,
      ),
    stopDeploymentMode: (id, modeId, call) =>
      order('stopDeploymentMode', [modeId], null, () => spot.stopDeploymentMode(id, modeId, call)),
    detachInstances: (id, detach, call) =>
      order(
        'detachInstances',
        detach.instanceIds,
        { from: id, terminate: detach.terminate, decrement: detach.decrementTargetCapacity },
        () => spot.detachInstances(id, detach, call),
      ),
    setCapacity: (id, { minimum, target, maximum }, call) =>
      order('setCapacity', [id], { minimum, target, maximum }, () =>
        spot.setCapacity(id, { minimum, target, maximum }, call),
      ),
    suspendProcesses: (id, suspensions, call) =>
      order(
        'suspendProcesses',
        [id],
        suspensions.map(({ process }) => process),
        () => spot.suspendProcesses(id, suspensions, call),
      ),
    resumeProcesses: (id, processes, call) =>
      order('resumeProcesses', [id], processes, () => spot.resumeProcesses(id, processes, call)),
  };
}

/** The mode's limit as the number that is sent: its unit is one of the open questions. */
function sentTimeout(requests: CloudRequests, ...of: Parameters<CloudRequests['enterDeploymentMode']>): Json {
  const { body } = requests.enterDeploymentMode(...of);
  const { deployment } = (body ?? {}) as { readonly deployment?: { readonly timeout?: number } };
  return deployment?.timeout ?? null;
}
