import type {
  ContinueDeploymentCommandInput,
  CreateDeploymentCommandInput,
  StopDeploymentCommandInput,
} from '@aws-sdk/client-codedeploy';
import type { CreateCodeDeployDeployment, Revision } from '../ports/code-deploy.js';

/** What CreateDeployment is sent. */
export function createDeploymentInput(deployment: CreateCodeDeployDeployment): CreateDeploymentCommandInput {
  const { deploymentConfigName, fileExistsBehavior, ignoreApplicationStopFailures, alarmNames } = deployment;
  return {
    applicationName: deployment.applicationName,
    deploymentGroupName: deployment.deploymentGroupName,
    revision: toRevisionLocation(deployment.revision),
    description: deployment.description,
    // Lists are ANDed and the entries of one list are ORed: one list for each tag asks for all of them.
    targetInstances: {
      ec2TagSet: {
        ec2TagSetList: deployment.targetTags.map(({ key, value }) => [
          { Key: key, Value: value, Type: 'KEY_AND_VALUE' },
        ]),
      },
    },
    ...(deploymentConfigName === undefined ? {} : { deploymentConfigName }),
    ...(fileExistsBehavior === undefined ? {} : { fileExistsBehavior }),
    ...(ignoreApplicationStopFailures === undefined ? {} : { ignoreApplicationStopFailures }),
    // Sent without any event too: left out, the deployment group's own configuration would hold.
    autoRollbackConfiguration: { enabled: deployment.rollBackOn.length > 0, events: [...deployment.rollBackOn] },
    ...(alarmNames === undefined
      ? {}
      : {
          overrideAlarmConfiguration: {
            alarms: alarmNames.map((name) => ({ name })),
            enabled: true,
            ignorePollAlarmFailure: false,
          },
        }),
  };
}

/** What ContinueDeployment is sent. */
export function continueDeploymentInput(
  codeDeployDeploymentId: string,
  wait: 'READY_WAIT' | 'TERMINATION_WAIT',
): ContinueDeploymentCommandInput {
  return { deploymentId: codeDeployDeploymentId, deploymentWaitType: wait };
}

/** What StopDeployment is sent. */
export function stopDeploymentInput(
  codeDeployDeploymentId: string,
  { rollBack }: { readonly rollBack: boolean },
): StopDeploymentCommandInput {
  return { deploymentId: codeDeployDeploymentId, autoRollbackEnabled: rollBack };
}

function toRevisionLocation(revision: Revision): CreateDeploymentCommandInput['revision'] {
  if ('github' in revision) {
    const { repository, commitId } = revision.github;
    return { revisionType: 'GitHub', gitHubLocation: { repository, commitId } };
  }
  const { bucket, key, bundleType, version, eTag } = revision.s3;
  return {
    revisionType: 'S3',
    s3Location: {
      bucket,
      key,
      ...(bundleType === undefined ? {} : { bundleType }),
      ...(version === undefined ? {} : { version }),
      ...(eTag === undefined ? {} : { eTag }),
    },
  };
}
