import * as v from 'valibot';
import type { DeploymentGroup, TagFilter } from '../ports/code-deploy.js';
import type { TagCondition } from '../ports/instances.js';

const MINUTE_MS = 60_000;

const named = v.object({ name: v.nullish(v.string()) });
const list = <T extends v.GenericSchema>(item: T) => v.nullish(v.array(item), []);
const wait = v.nullish(v.number(), 0);

const tagFilter = v.object({
  Key: v.nullish(v.string()),
  Value: v.nullish(v.string()),
  Type: v.nullish(v.string()),
});
type Ec2TagFilter = v.InferOutput<typeof tagFilter>;

export const deploymentGroupAnswer = v.object({
  deploymentGroupInfo: v.object({
    applicationName: v.string(),
    deploymentGroupName: v.string(),
    deploymentGroupId: v.string(),
    deploymentConfigName: v.nullish(v.string(), 'CodeDeployDefault.OneAtATime'),
    computePlatform: v.nullish(v.string(), 'Server'),
    deploymentStyle: v.nullish(
      v.object({ deploymentType: v.nullish(v.string()), deploymentOption: v.nullish(v.string()) }),
      {},
    ),
    autoScalingGroups: list(named),
    ec2TagFilters: list(tagFilter),
    ec2TagSet: v.nullish(v.object({ ec2TagSetList: list(v.array(tagFilter)) })),
    loadBalancerInfo: v.nullish(
      v.object({
        elbInfoList: list(named),
        targetGroupInfoList: list(named),
        targetGroupPairInfoList: list(v.object({ targetGroups: list(named) })),
      }),
    ),
    blueGreenDeploymentConfiguration: v.nullish(
      v.object({
        deploymentReadyOption: v.nullish(v.object({ actionOnTimeout: v.nullish(v.string()), waitTimeInMinutes: wait })),
        terminateBlueInstancesOnDeploymentSuccess: v.nullish(
          v.object({ action: v.nullish(v.string()), terminationWaitTimeInMinutes: wait }),
        ),
        greenFleetProvisioningOption: v.nullish(v.object({ action: v.nullish(v.string()) })),
      }),
    ),
    alarmConfiguration: v.nullish(v.object({ enabled: v.nullish(v.boolean(), false), alarms: list(named) })),
    lastSuccessfulDeployment: v.nullish(v.object({ deploymentId: v.nullish(v.string()) })),
  }),
});

type Info = v.InferOutput<typeof deploymentGroupAnswer>['deploymentGroupInfo'];

/** The deployment group, or the filter in it that cannot be expressed. */
export function toDeploymentGroup(info: Info): DeploymentGroup | { readonly unsupported: string } {
  const filter = toFilter(info);
  if ('unsupported' in filter) return filter;
  const { deploymentReadyOption, terminateBlueInstancesOnDeploymentSuccess, greenFleetProvisioningOption } =
    info.blueGreenDeploymentConfiguration ?? {};
  const provisioning = greenFleetProvisioningOption?.action;
  const lastSuccessful = info.lastSuccessfulDeployment?.deploymentId;
  const balancers = info.loadBalancerInfo;
  return {
    applicationName: info.applicationName,
    deploymentGroupName: info.deploymentGroupName,
    deploymentGroupId: info.deploymentGroupId,
    computePlatform: info.computePlatform,
    deploymentConfigName: info.deploymentConfigName,
    deploymentType: info.deploymentStyle.deploymentType ?? 'IN_PLACE',
    trafficControl: info.deploymentStyle.deploymentOption === 'WITH_TRAFFIC_CONTROL',
    ...(provisioning ? { greenFleetProvisioning: provisioning } : {}),
    autoScalingGroups: names(info.autoScalingGroups),
    targetGroupNames: names([
      ...(balancers?.targetGroupInfoList ?? []),
      ...(balancers?.targetGroupPairInfoList ?? []).flatMap(({ targetGroups }) => targetGroups),
    ]),
    classicLoadBalancers: names(balancers?.elbInfoList ?? []),
    filter: filter.lists,
    ...(deploymentReadyOption?.actionOnTimeout === 'STOP_DEPLOYMENT'
      ? { readyWaitMs: deploymentReadyOption.waitTimeInMinutes * MINUTE_MS }
      : {}),
    ...(terminateBlueInstancesOnDeploymentSuccess?.action === 'TERMINATE'
      ? { terminationWaitMs: terminateBlueInstancesOnDeploymentSuccess.terminationWaitTimeInMinutes * MINUTE_MS }
      : {}),
    alarmNames: names(info.alarmConfiguration?.alarms ?? []),
    alarmsEnabled: info.alarmConfiguration?.enabled ?? false,
    ...(lastSuccessful ? { lastSuccessfulDeploymentId: lastSuccessful } : {}),
  };
}

/** The old form is one list of which any may match; the new one a list of such lists, of which all must. */
function toFilter(info: Info): { readonly lists: TagFilter } | { readonly unsupported: string } {
  const lists = [info.ec2TagFilters, ...(info.ec2TagSet?.ec2TagSetList ?? [])].filter((some) => some.length > 0);
  const filter: TagCondition[][] = [];
  for (const some of lists) {
    const conditions: TagCondition[] = [];
    for (const one of some) {
      const condition = toCondition(one);
      if (condition === undefined) return { unsupported: `VALUE_ONLY (${JSON.stringify(one.Value ?? '')})` };
      conditions.push(condition);
    }
    filter.push(conditions);
  }
  return { lists: filter };
}

function toCondition({ Key, Value, Type }: Ec2TagFilter): TagCondition | undefined {
  if (Type === 'VALUE_ONLY' || !Key) return undefined;
  if (Type === 'KEY_ONLY' || (Type == null && Value == null)) return { key: Key };
  return { key: Key, values: [Value ?? ''] };
}

function names(given: ReadonlyArray<{ readonly name?: string | null | undefined }>): string[] {
  return [...new Set(given.flatMap(({ name }) => (name ? [name] : [])))];
}
