import { type DeploymentWork, labelled, type SimulatedDeployment } from './code-deploy-deployment.js';
import type { AutoRollbackEvent } from './code-deploy-groups.js';

/** Whether this deployment is one that CodeDeploy rolls back when the event happens. A rollback itself is not. */
export function rollsBackOn(deployment: SimulatedDeployment, event: AutoRollbackEvent): boolean {
  const { enabled, events } = deployment.autoRollback;
  return deployment.rollbackOf === undefined && enabled && events.includes(event);
}

/** What a rollback of the deployment does; undefined when the deployment has touched nothing. */
export function rollbackWork(deployment: SimulatedDeployment, trafficMoved: boolean): DeploymentWork | undefined {
  if (deployment.targets.length === 0) return undefined;
  const blueIds = labelled(deployment, 'Blue').map((target) => target.instanceId);
  switch (deployment.work.kind) {
    case 'in-place':
      return {
        kind: 'redeploy',
        instanceIds: deployment.targets.map((target) => target.instanceId),
        allowTraffic: deployment.settings.trafficControl,
      };
    case 'blue-green': {
      if (!trafficMoved) return { kind: 'redeploy', instanceIds: blueIds, allowTraffic: false };
      const registered = labelled(deployment, 'Green').filter((target) =>
        target.events.some((event) => event.name === 'AllowTraffic' && event.startedAt !== undefined),
      );
      return { kind: 'return-traffic', blueIds, greenIds: registered.map((target) => target.instanceId) };
    }
    case 'redeploy':
    case 'return-traffic':
      return undefined;
  }
}
