import { cloudRequests } from './cloud-requests.js';
import type { BlueGreenOptions } from './options.js';
import type { ResolvedOptions } from './resolve-options.js';
import type { Clouds } from './steps/elastigroup-release.js';

export interface OpenClouds extends Clouds {
  /** Loads axios and the AWS clients before anything is timed: loading takes longer than many a call. */
  warmUp(): Promise<void>;
  close(): void;
}

/** Loads the gateways on first use: nothing of axios or the AWS SDK comes with importing the library. */
export async function openClouds({
  given,
  calls,
  clock,
  random,
  retry,
  timeout,
}: ResolvedOptions): Promise<OpenClouds> {
  const [
    { SpotClient },
    { AwsClients },
    { SdkAwsPlace },
    { CodeDeployGateway },
    { InstancesGateway },
    { TargetGroupsGateway },
    { AlarmsGateway },
  ] = await Promise.all([
    import('./spot/spot-client.js'),
    import('./aws/aws-clients.js'),
    import('./aws/aws-place.js'),
    import('./aws/code-deploy-gateway.js'),
    import('./aws/instances-gateway.js'),
    import('./aws/target-groups-gateway.js'),
    import('./aws/alarms-gateway.js'),
  ]);
  const spot: NonNullable<BlueGreenOptions['spot']> = given.spot ?? {};
  const clients = new AwsClients(given.aws);
  const elastigroups = new SpotClient({
    ...spot,
    clock,
    random,
    retry,
    retryBudget: given.retryBudget,
    limits: given.limits?.spot,
    timeouts: timeout,
    onFailedAttempt: calls.onFailedAttempt,
  });
  return {
    elastigroups,
    codeDeploy: new CodeDeployGateway(clients, calls),
    instances: new InstancesGateway(clients, calls),
    targetGroups: new TargetGroupsGateway(clients, calls),
    alarms: new AlarmsGateway(clients, calls),
    aws: new SdkAwsPlace(clients),
    requests: cloudRequests(spot),
    warmUp: async () => {
      await Promise.all([
        elastigroups.warmUp(),
        clients.codeDeploy(),
        clients.ec2(),
        clients.elasticLoadBalancingV2(),
        clients.cloudWatch(),
      ]);
    },
    close: () => {
      clients.close();
      elastigroups.close();
    },
  };
}
