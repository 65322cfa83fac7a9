import type { RolloutResult } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { ROLLOUT_ID } from './crash.js';

/** How a tale ends, without what differs by nature: times and ids. */
export type End = ReturnType<typeof endOf>;

export function endOf(cloud: SimulatedCloud, result: RolloutResult) {
  const { serving, elastigroups, instances, codeDeployDeployments, deploymentGroup } = cloud.snapshot();
  const colourOf = new Map(instances.map(({ instanceId, colour }) => [instanceId, colour]));
  const alive = instances.filter(({ state }) => state !== 'terminated' && state !== 'shutting-down');
  const ours = codeDeployDeployments.filter(({ description }) => description?.startsWith(`${ROLLOUT_ID}#`));
  return {
    outcome: result.outcome,
    error: result.error?.code,
    notClean: result.receipt.lines.filter(({ verdict }) => verdict === 'not-checked'),
    serving,
    alive: alive.map(({ colour, revision, healthy }) => ({ colour, revision, healthy })),
    elastigroups: elastigroups.map(({ capacity, members, suspensions, deploymentModes }) => ({
      capacity,
      members: members.map((id) => colourOf.get(id)),
      suspensions,
      deploymentModes: deploymentModes.map(({ running }) => ({ running })),
    })),
    active: codeDeployDeployments.filter(({ completedAt }) => completedAt === undefined).map(({ status }) => status),
    /** One for each attempt, or somebody deployed twice. */
    ours: ours.map(({ description, targets }) => ({ attempt: description, targets: targets.length })),
    filter: deploymentGroup.filter,
    failedUserRequests: cloud.traffic.failed,
  };
}
