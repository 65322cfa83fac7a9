import type { SimulatedCodeDeployTarget, SimulatedDeployment } from '../model/code-deploy-deployment.js';
import type {
  AlarmConfiguration,
  AutoRollback,
  DeploymentConfig,
  LastDeployment,
  SimulatedDeploymentGroup,
} from '../model/code-deploy-groups.js';

type Json = Record<string, unknown>;

const ACCOUNT = '123456789012';

/** JSON 1.1 carries a timestamp as seconds, fractions included. */
const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

export function deploymentGroupShape(
  group: SimulatedDeploymentGroup,
  last: Readonly<Record<'successful' | 'attempted', LastDeployment | undefined>>,
): Json {
  const { settings, filter } = group;
  return {
    applicationName: group.applicationName,
    deploymentGroupId: group.deploymentGroupId,
    deploymentGroupName: group.deploymentGroupName,
    deploymentConfigName: settings.deploymentConfigName,
    ec2TagFilters: filter.tagFilters ?? [],
    ...(filter.ec2TagSet === undefined ? {} : { ec2TagSet: { ec2TagSetList: filter.ec2TagSet } }),
    onPremisesInstanceTagFilters: [],
    autoScalingGroups: settings.autoScalingGroups.map((name) => ({ name, hook: `CodeDeploy-managed-${name}` })),
    serviceRoleArn: `arn:aws:iam::${ACCOUNT}:role/CodeDeployServiceRole`,
    triggerConfigurations: [],
    alarmConfiguration: alarmShape(settings.alarms),
    autoRollbackConfiguration: autoRollbackShape(settings.autoRollback),
    deploymentStyle: styleShape(settings),
    outdatedInstancesStrategy: 'UPDATE',
    blueGreenDeploymentConfiguration: blueGreenShape(settings),
    loadBalancerInfo: loadBalancerShape(settings),
    lastSuccessfulDeployment: lastShape(last.successful),
    lastAttemptedDeployment: lastShape(last.attempted),
    computePlatform: settings.computePlatform,
    terminationHookEnabled: false,
  };
}

export function deploymentConfigShape(config: DeploymentConfig): Json {
  return {
    deploymentConfigName: config.deploymentConfigName,
    minimumHealthyHosts: config.minimumHealthyHosts,
    computePlatform: 'Server',
  };
}

export function deploymentShape(deployment: SimulatedDeployment): Json {
  const { group, settings, targetInstances } = deployment;
  return {
    applicationName: group.applicationName,
    deploymentGroupName: group.deploymentGroupName,
    deploymentConfigName: deployment.deploymentConfigName,
    deploymentId: deployment.deploymentId,
    previousRevision: deployment.previousRevision,
    revision: deployment.revision,
    status: deployment.status,
    errorInformation: deployment.error,
    createTime: seconds(deployment.createdAt),
    startTime: seconds(deployment.startedAt),
    completeTime: seconds(deployment.completedAt),
    deploymentOverview: overview(deployment.targets),
    description: deployment.description,
    // Spot calls the same API as everybody: CodeDeploy cannot tell.
    creator: deployment.creator === 'spot' ? 'user' : deployment.creator,
    ignoreApplicationStopFailures: deployment.ignoreApplicationStopFailures,
    autoRollbackConfiguration: autoRollbackShape(deployment.autoRollback),
    updateOutdatedInstancesOnly: false,
    rollbackInfo: rollbackShape(deployment),
    deploymentStyle: styleShape(settings),
    targetInstances: targetInstances && {
      ...(targetInstances.tagFilters === undefined ? {} : { tagFilters: targetInstances.tagFilters }),
      ...(targetInstances.ec2TagSet === undefined ? {} : { ec2TagSet: { ec2TagSetList: targetInstances.ec2TagSet } }),
    },
    instanceTerminationWaitTimeStarted: deployment.terminationWaitStarted,
    blueGreenDeploymentConfiguration: blueGreenShape(settings),
    loadBalancerInfo: loadBalancerShape(settings),
    fileExistsBehavior: deployment.fileExistsBehavior ?? 'DISALLOW',
    computePlatform: settings.computePlatform,
    overrideAlarmConfiguration: deployment.overrideAlarms && alarmShape(deployment.overrideAlarms),
  };
}

export function targetShape(deploymentId: string, target: SimulatedCodeDeployTarget): Json {
  return {
    deploymentTargetType: 'InstanceTarget',
    instanceTarget: {
      deploymentId,
      targetId: target.instanceId,
      targetArn: `arn:aws:ec2:eu-west-1:${ACCOUNT}:instance/${target.instanceId}`,
      status: target.status,
      lastUpdatedAt: seconds(target.lastUpdatedAt),
      lifecycleEvents: target.events.map((event) => ({
        lifecycleEventName: event.name,
        diagnostics: event.diagnostics,
        startTime: seconds(event.startedAt),
        endTime: seconds(event.endedAt),
        status: event.status,
      })),
      instanceLabel: target.label,
    },
  };
}

function overview(targets: readonly SimulatedCodeDeployTarget[]): Json {
  const count = (status: SimulatedCodeDeployTarget['status']): number =>
    targets.filter((target) => target.status === status).length;
  return {
    Pending: count('Pending'),
    InProgress: count('InProgress'),
    Succeeded: count('Succeeded'),
    Failed: count('Failed'),
    Skipped: count('Skipped'),
    Ready: count('Ready'),
  };
}

function rollbackShape(deployment: SimulatedDeployment): Json | undefined {
  const { rollbackDeploymentId, rollbackOf } = deployment;
  if (rollbackDeploymentId === undefined && rollbackOf === undefined) return undefined;
  return {
    rollbackDeploymentId,
    rollbackTriggeringDeploymentId: rollbackOf,
    rollbackMessage:
      rollbackOf === undefined
        ? `Deployment ${rollbackDeploymentId ?? ''} rolls this deployment back`
        : `This deployment rolls back deployment ${rollbackOf}`,
  };
}

function styleShape(settings: SimulatedDeploymentGroup['settings']): Json {
  return {
    deploymentType: settings.deploymentType,
    deploymentOption: settings.trafficControl ? 'WITH_TRAFFIC_CONTROL' : 'WITHOUT_TRAFFIC_CONTROL',
  };
}

function blueGreenShape(settings: SimulatedDeploymentGroup['settings']): Json | undefined {
  if (settings.deploymentType !== 'BLUE_GREEN') return undefined;
  const { readyWaitMinutes, terminateBlueAfterMinutes } = settings;
  return {
    terminateBlueInstancesOnDeploymentSuccess:
      terminateBlueAfterMinutes === undefined
        ? { action: 'KEEP_ALIVE' }
        : { action: 'TERMINATE', terminationWaitTimeInMinutes: terminateBlueAfterMinutes },
    deploymentReadyOption:
      readyWaitMinutes === undefined
        ? { actionOnTimeout: 'CONTINUE_DEPLOYMENT', waitTimeInMinutes: 0 }
        : { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: readyWaitMinutes },
    greenFleetProvisioningOption: { action: settings.greenFleetProvisioning },
  };
}

function loadBalancerShape(settings: SimulatedDeploymentGroup['settings']): Json {
  return {
    ...(settings.classicLoadBalancers.length > 0 && {
      elbInfoList: settings.classicLoadBalancers.map((name) => ({ name })),
    }),
    ...(settings.targetGroupNames.length > 0 && {
      targetGroupInfoList: settings.targetGroupNames.map((name) => ({ name })),
    }),
  };
}

function alarmShape(alarms: AlarmConfiguration): Json {
  return {
    enabled: alarms.enabled,
    ignorePollAlarmFailure: alarms.ignorePollAlarmFailure ?? false,
    alarms: alarms.names.map((name) => ({ name })),
  };
}

function autoRollbackShape(autoRollback: AutoRollback): Json {
  return { enabled: autoRollback.enabled, events: autoRollback.events };
}

function lastShape(last: LastDeployment | undefined): Json | undefined {
  return (
    last && {
      deploymentId: last.deploymentId,
      status: last.status,
      createTime: seconds(last.createdAt),
      endTime: seconds(last.endedAt),
    }
  );
}
