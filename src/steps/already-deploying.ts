import { BlueGreenError } from '../errors/blue-green-error.js';
import { CloudError } from '../errors/cloud-error.js';

const RUNNING_ID = /\bd-[A-Z0-9]+\b/;

/**
 * CodeDeploy's refusal of a deployment because another one is active in the deployment group, with the id that it names:
 * the service has changed the words around it before. Anything else as it came.
 */
export function becauseGroupIsBusy(error: unknown): unknown {
  if (!CloudError.is(error) || error.failure.code !== 'DeploymentLimitExceededException') return error;
  const running = RUNNING_ID.exec(error.message)?.[0] ?? null;
  const message = `somebody else’s CodeDeploy deployment is active in the deployment group: ${running ?? error.message}`;
  return new BlueGreenError('ALREADY_DEPLOYING', message, {
    cause: error,
    details: { codeDeployDeploymentId: running },
  });
}
