import { BlueGreenError } from '../errors/blue-green-error.js';
import { CloudError } from '../errors/cloud-error.js';
import type { Json } from '../internal/json.js';
import { formatDuration } from '../policies/duration.js';
import type { CodeDeploy, CodeDeployDeployment } from '../ports/code-deploy.js';

const RUNNING_ID = /\bd-[A-Z0-9]+\b/;

/**
 * CodeDeploy's refusal of a deployment because another one is active in the deployment group, with the id that it names:
 * the service has changed the words around it before. Anything else as it came.
 */
export async function becauseGroupIsBusy(error: unknown, codeDeploy: CodeDeploy, now: number): Promise<unknown> {
  if (!isBusy(error)) return error;
  const running = RUNNING_ID.exec(error.message)?.[0];
  const deployment = await deploymentInTheWay(error, codeDeploy);
  if (deployment !== undefined) return groupIsBusy(deployment, now, { cause: error });
  const message = `somebody else’s CodeDeploy deployment is active in the deployment group: ${running ?? error.message}`;
  return new BlueGreenError('ALREADY_DEPLOYING', message, {
    cause: error,
    details: { codeDeployDeploymentId: running ?? null },
  });
}

/** The deployment because of which another one was refused; undefined where that was not why, or CodeDeploy does not say. */
export async function deploymentInTheWay(
  error: unknown,
  codeDeploy: CodeDeploy,
): Promise<CodeDeployDeployment | undefined> {
  const running = isBusy(error) ? RUNNING_ID.exec(error.message)?.[0] : undefined;
  // Whose it is, is worth a look; the refusal stands without it.
  return running === undefined ? undefined : codeDeploy.readDeployment(running).catch(() => undefined);
}

const isBusy = (error: unknown): error is CloudError =>
  CloudError.is(error) && error.failure.code === 'DeploymentLimitExceededException';

/** With whose deployment it is and since when; how long it was waited for, or that no order of ours may stop it. */
export function groupIsBusy(
  deployment: CodeDeployDeployment,
  now: number,
  { cause, waitedMs, notOurs }: { cause?: unknown; waitedMs?: number; notOurs?: boolean } = {},
): BlueGreenError {
  const waited = waitedMs === undefined ? '' : `; it was waited for ${formatDuration(waitedMs)}`;
  const stays = notOurs === true ? '; it is not one of our rollouts’, which alone are superseded' : '';
  const message = `somebody else’s CodeDeploy deployment is active in the deployment group: ${inWords(deployment, now)}${waited}${stays}`;
  const details = { ...factsOf(deployment, now), ...(waitedMs === undefined ? {} : { waitedMs }) };
  return new BlueGreenError('ALREADY_DEPLOYING', message, { details, ...(cause === undefined ? {} : { cause }) });
}

export function inWords(
  { codeDeployDeploymentId, status, creator, createdAt }: CodeDeployDeployment,
  now: number,
): string {
  const age = formatDuration(ageMs(createdAt, now));
  return `${codeDeployDeploymentId} (${status}, created ${createdAt}, ${age} ago, by ${creator ?? 'somebody'})`;
}

export function factsOf(deployment: CodeDeployDeployment, now: number): { readonly [key: string]: Json } {
  const { codeDeployDeploymentId, status, creator, createdAt, description } = deployment;
  return {
    codeDeployDeploymentId,
    status,
    creator: creator ?? null,
    createdAt,
    ageMs: ageMs(createdAt, now),
    description: description ?? null,
  };
}

/** The service's clock and ours may differ. */
const ageMs = (createdAt: string, now: number): number => Math.max(0, now - Date.parse(createdAt));
