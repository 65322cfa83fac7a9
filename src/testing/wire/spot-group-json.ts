import type { ElastigroupView } from '../model/elastigroup.js';
import { USER_DATA_SECRET } from '../model/elastigroup-settings.js';
import type { JsonObject } from './spot-body.js';

const nameOfArn = (arn: string) => arn.split('/')[1] ?? arn;

// Spot wants and answers user data in base64.
function base64(text: string): string {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
}

/** The Elastigroup as GET shows it. */
export function groupJson({ id, settings, createdAt, updatedAt }: ElastigroupView): JsonObject {
  const { capacity, persistence } = settings;
  return {
    id,
    name: settings.name,
    description: `${settings.name}, simulated`,
    region: 'eu-west-1',
    capacity: {
      minimum: capacity.minimum,
      maximum: capacity.maximum,
      target: capacity.target,
      unit: capacity.unit,
    },
    strategy: {
      risk: 100,
      onDemandCount: null,
      availabilityVsCost: 'balanced',
      drainingTimeout: settings.drainingTimeoutSeconds,
      fallbackToOd: true,
      utilizeReservedInstances: false,
      ...(persistence === undefined ? {} : { persistence }),
      scalingStrategy: { terminationPolicy: 'newestInstance' },
    },
    compute: {
      product: 'Linux/UNIX',
      instanceTypes: { ondemand: 'm5.large', spot: ['m5.large', 'm5a.large'] },
      elasticIps: settings.elasticIps.length === 0 ? null : settings.elasticIps,
      privateIps: settings.privateIps.length === 0 ? null : settings.privateIps,
      availabilityZones: ['a', 'b', 'c'].map((zone) => ({
        name: `eu-west-1${zone}`,
        subnetIds: [`subnet-0${zone.repeat(7)}`],
      })),
      launchSpecification: launchSpecification(settings),
    },
    scaling: { up: null, down: null },
    scheduling: {
      tasks: settings.scheduledTasks.map((task) => ({ ...task, isEnabled: task.isEnabled ?? true })),
    },
    thirdPartiesIntegration: {
      // An integration with a password: whoever writes this JSON anywhere gives it away.
      rancher: { masterHost: 'https://rancher.example', accessKey: 'simulated', secretKey: USER_DATA_SECRET },
      ...(settings.codeDeployIntegration.length === 0
        ? {}
        : {
            codeDeploy: {
              cleanUpOnFailure: false,
              terminateInstanceOnFailure: false,
              deploymentGroups: settings.codeDeployIntegration,
            },
          }),
    },
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

function launchSpecification(settings: ElastigroupView['settings']): JsonObject {
  const loadBalancers = [
    ...settings.targetGroupArns.map((arn) => ({ name: nameOfArn(arn), arn, type: 'TARGET_GROUP' })),
    ...settings.classicLoadBalancers.map((name) => ({ name, type: 'CLASSIC' })),
  ];
  return {
    loadBalancersConfig: { loadBalancers: loadBalancers.length === 0 ? null : loadBalancers },
    healthCheckType: settings.targetGroupArns.length === 0 ? 'EC2' : 'TARGET_GROUP',
    healthCheckGracePeriod: 300,
    securityGroupIds: ['sg-0123456789abcdef0'],
    monitoring: false,
    ebsOptimized: false,
    imageId: 'ami-0123456789abcdef0',
    keyPair: null,
    iamRole: { name: 'simulated-instance-profile' },
    userData: base64(settings.userData),
    tags: Object.entries(settings.launchTags).map(([tagKey, tagValue]) => ({ tagKey, tagValue })),
  };
}
