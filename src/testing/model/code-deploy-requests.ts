import type { Undocumented } from '../options.js';
import type { SimulatedDeployment } from './code-deploy-deployment.js';
import type { AlarmConfiguration, AutoRollback, SimulatedDeploymentGroup } from './code-deploy-groups.js';
import { checkSelection, type InstanceSelection, selectInstances } from './code-deploy-tags.js';
import { type Ec2Model, Refusal, type SimulatedRevision } from './parts.js';

/** CreateDeployment, in the words of its request. */
export interface CreateDeploymentInput {
  readonly applicationName: string;
  readonly deploymentGroupName: string;
  readonly revision?: SimulatedRevision | undefined;
  readonly deploymentConfigName?: string | undefined;
  readonly description?: string | undefined;
  readonly ignoreApplicationStopFailures?: boolean | undefined;
  readonly targetInstances?: InstanceSelection | undefined;
  readonly autoRollback?: AutoRollback | undefined;
  readonly fileExistsBehavior?: string | undefined;
  readonly overrideAlarms?: AlarmConfiguration | undefined;
}

const LONGEST_DESCRIPTION = 256;
const FILE_EXISTS = ['DISALLOW', 'OVERWRITE', 'RETAIN'];
const ROLLBACK_EVENTS = ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'];
const MOST_ALARMS = 10;

/** What is wrong with the request whatever else goes on in the deployment group. */
export function checkRequest(
  input: CreateDeploymentInput,
  group: SimulatedDeploymentGroup,
): asserts input is CreateDeploymentInput & { readonly revision: SimulatedRevision } {
  if (group.settings.computePlatform !== 'Server') {
    throw new Refusal(
      'InvalidComputePlatformException',
      'The simulated CodeDeploy deploys on the Server platform only.',
    );
  }
  if (input.description !== undefined && input.description.length > LONGEST_DESCRIPTION) {
    throw new Refusal('DescriptionTooLongException', `Description must not exceed ${LONGEST_DESCRIPTION} characters`);
  }
  checkRevision(input.revision);
  if (input.fileExistsBehavior !== undefined && !FILE_EXISTS.includes(input.fileExistsBehavior)) {
    throw new Refusal('InvalidFileExistsBehaviorException', `Invalid fileExistsBehavior: ${input.fileExistsBehavior}`);
  }
  const { autoRollback, overrideAlarms } = input;
  if (autoRollback?.enabled === true && autoRollback.events.length === 0) {
    throw new Refusal('InvalidAutoRollbackConfigException', 'Automatic rollback is enabled but no event is given.');
  }
  const unknown = autoRollback?.events.find((event) => !ROLLBACK_EVENTS.includes(event));
  if (unknown !== undefined) {
    throw new Refusal('InvalidAutoRollbackConfigException', `Unknown automatic rollback event: ${unknown}`);
  }
  if (overrideAlarms !== undefined && overrideAlarms.names.length > MOST_ALARMS) {
    throw new Refusal('AlarmsLimitExceededException', `The maximum number of alarms (${MOST_ALARMS}) was exceeded.`);
  }
  if (overrideAlarms?.enabled === true && overrideAlarms.names.length === 0) {
    throw new Refusal('InvalidAlarmConfigException', 'The alarm configuration is enabled but names no alarm.');
  }
}

/** The green of a blue/green deployment has to be somewhere; an in-place group names its targets itself. */
export function checkTargetInstances(
  input: CreateDeploymentInput,
  group: SimulatedDeploymentGroup,
  ec2: Ec2Model,
): void {
  const { targetInstances } = input;
  if (targetInstances !== undefined) checkSelection(targetInstances, true);
  if (group.settings.deploymentType === 'IN_PLACE') {
    if (targetInstances === undefined) return;
    throw new Refusal(
      'InvalidTargetInstancesException',
      'Configuration data for target instances was entered for an in-place deployment.',
    );
  }
  if (group.settings.greenFleetProvisioning === 'COPY_AUTO_SCALING_GROUP' && targetInstances === undefined) {
    throw new Refusal('InvalidInputException', 'The simulated CodeDeploy provisions no Auto Scaling groups.');
  }
  if (selectInstances(ec2, targetInstances ?? {}).length === 0) {
    throw new Refusal(
      'InvalidTargetInstancesException',
      'The specified tags are not currently applied to any instances.',
    );
  }
}

export function checkNothingActive(
  active: SimulatedDeployment | undefined,
  wording: () => Undocumented['busyWording'] = () => 'already-has',
): void {
  if (active === undefined) return;
  const { deploymentId, group } = active;
  const says =
    wording() === 'already-has'
      ? `already has an active Deployment '${deploymentId}'`
      : `is already deploying deployment '${deploymentId}'`;
  throw new Refusal('DeploymentLimitExceededException', `The Deployment Group '${group.deploymentGroupName}' ${says}`);
}

function checkRevision(revision: SimulatedRevision | undefined): asserts revision is SimulatedRevision {
  if (revision === undefined) throw new Refusal('RevisionRequiredException', 'Revision is required');
  const has = (location: string, ...fields: readonly string[]): boolean => {
    const value = revision[location] as Record<string, unknown> | undefined;
    return fields.every((field) => typeof value?.[field] === 'string' && value[field] !== '');
  };
  const complete =
    (revision.revisionType === 'S3' && has('s3Location', 'bucket', 'key')) ||
    (revision.revisionType === 'GitHub' && has('gitHubLocation', 'repository', 'commitId'));
  if (!complete) {
    throw new Refusal('InvalidRevisionException', `Revision is not valid: ${JSON.stringify(revision)}`);
  }
}
