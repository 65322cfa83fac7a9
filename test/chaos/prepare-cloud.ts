import { SHOP } from '../../src/testing/shop.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import type { Story } from './story.js';
import { ALARM } from './write-faults.js';

/** How people left the cloud before the release. */
export function prepareCloud(cloud: SimulatedCloud, { suspended, spec }: Story): void {
  for (const { process, minutes } of suspended) cloud.elastigroups.suspend(SHOP.elastigroupId, process, minutes);
  if (spec.alarms !== undefined && !cloud.alarms.all().some(({ name }) => name === ALARM))
    cloud.alarms.createAlarm({ name: ALARM });
  rememberLastRelease(cloud);
}

/** What serves now is the green of the last release; its blue is gone. */
function rememberLastRelease({ codeDeploy, elastigroups }: SimulatedCloud): void {
  const [last] = codeDeploy.deployments(SHOP.applicationName, SHOP.deploymentGroupName);
  if (last === undefined) return;
  const deployment = codeDeploy.find(last.deploymentId);
  const green = elastigroups.members(SHOP.elastigroupId).map(({ instanceId }) => instanceId);
  const done = { events: [], status: 'Succeeded', lastUpdatedAt: deployment.createdAt } as const;
  deployment.targets = [
    ...green.map((instanceId, index) => ({
      instanceId,
      label: 'Green' as const,
      colour: 'green' as const,
      index,
      ...done,
    })),
    { instanceId: 'i-00000000000000bad', label: 'Blue', colour: 'blue', index: 0, ...done },
  ];
}
