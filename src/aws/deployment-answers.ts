import * as v from 'valibot';
import type { CodeDeployDeployment, CodeDeployTarget, Revision } from '../ports/code-deploy.js';

const list = <T extends v.GenericSchema>(item: T) => v.nullish(v.array(item), []);
const word = v.nullish(v.string());
const time = v.nullish(v.date());

const revision = v.object({
  revisionType: word,
  s3Location: v.nullish(v.object({ bucket: v.string(), key: v.string(), bundleType: word, version: word, eTag: word })),
  gitHubLocation: v.nullish(v.object({ repository: v.string(), commitId: v.string() })),
});

const deploymentAnswer = v.pipe(
  v.object({
    deploymentId: v.string(),
    applicationName: v.string(),
    deploymentGroupName: v.nullish(v.string(), ''),
    status: v.string(),
    createTime: v.date(),
    completeTime: time,
    description: word,
    creator: word,
    errorInformation: v.nullish(
      v.object({ code: v.nullish(v.string(), 'UNKNOWN'), message: v.nullish(v.string(), '') }),
    ),
    instanceTerminationWaitTimeStarted: v.nullish(v.boolean(), false),
    rollbackInfo: v.nullish(v.object({ rollbackDeploymentId: word, rollbackTriggeringDeploymentId: word })),
    revision: v.nullish(revision),
  }),
  v.transform((info): CodeDeployDeployment => {
    const released = toRevision(info.revision);
    const { rollbackDeploymentId, rollbackTriggeringDeploymentId } = info.rollbackInfo ?? {};
    return {
      codeDeployDeploymentId: info.deploymentId,
      applicationName: info.applicationName,
      deploymentGroupName: info.deploymentGroupName,
      status: info.status,
      ...(info.description ? { description: info.description } : {}),
      ...(info.creator ? { creator: info.creator } : {}),
      createdAt: info.createTime.toISOString(),
      ...(info.completeTime ? { completedAt: info.completeTime.toISOString() } : {}),
      ...(info.errorInformation ? { error: info.errorInformation } : {}),
      instanceTerminationWaitStarted: info.instanceTerminationWaitTimeStarted,
      ...(rollbackDeploymentId ? { rollbackDeploymentId } : {}),
      ...(rollbackTriggeringDeploymentId ? { rollbackTriggeredBy: rollbackTriggeringDeploymentId } : {}),
      ...(released === undefined ? {} : { revision: released }),
    };
  }),
);

/** S3 and GitHub; the other kinds of revision are not released onto instances. */
function toRevision(given: v.InferOutput<typeof revision> | null | undefined): Revision | undefined {
  if (given?.s3Location) {
    const { bucket, key, bundleType, version, eTag } = given.s3Location;
    const bundle = BUNDLE_TYPES.find((known) => known === bundleType);
    return {
      s3: {
        bucket,
        key,
        ...(bundle ? { bundleType: bundle } : {}),
        ...(version ? { version } : {}),
        ...(eTag ? { eTag } : {}),
      },
    };
  }
  if (given?.gitHubLocation) {
    const { repository, commitId } = given.gitHubLocation;
    return { github: { repository, commitId } };
  }
  return undefined;
}

const BUNDLE_TYPES = ['tar', 'tgz', 'zip'] as const;

export const oneDeployment = v.object({ deploymentInfo: deploymentAnswer });

/** Those of the deployments asked for that there are. */
export const deploymentsFound = v.pipe(
  v.object({ deploymentsInfo: list(deploymentAnswer) }),
  v.transform(({ deploymentsInfo }) => deploymentsInfo),
);

/** All of the deployments that were asked for: one that is left out would look as if it did not exist. */
export const deploymentBatch = (ids: readonly string[]) =>
  v.pipe(
    v.object({ deploymentsInfo: v.array(deploymentAnswer) }),
    v.transform(({ deploymentsInfo }) => deploymentsInfo),
    v.check(
      (all) => ids.every((id) => all.some(({ codeDeployDeploymentId }) => codeDeployDeploymentId === id)),
      'a deployment is listed, but nothing is told about it',
    ),
  );

// "Nothing is active" is concluded from an empty list, so the list must be there.
export const deploymentIdPage = v.pipe(
  v.object({ deployments: v.array(v.string()), nextToken: word }),
  v.transform(({ deployments, nextToken }) => ({ items: deployments, next: nextToken ?? undefined })),
);
export const targetIdPage = v.pipe(
  v.object({ targetIds: v.array(v.string()), nextToken: word }),
  v.transform(({ targetIds, nextToken }) => ({ items: targetIds, next: nextToken ?? undefined })),
);

const eventAnswer = v.object({
  lifecycleEventName: v.string(),
  status: v.nullish(v.string(), 'Unknown'),
  startTime: time,
  endTime: time,
  diagnostics: v.nullish(
    v.object({
      errorCode: v.nullish(v.string(), 'UnknownError'),
      scriptName: v.nullish(v.string(), ''),
      message: v.nullish(v.string(), ''),
      logTail: v.nullish(v.string(), ''),
    }),
  ),
});

/**
 * Answers about thousands of targets say the same few words anew each time: as one and the same string they take no room, and
 * are compared at once.
 */
const WORDS: ReadonlyMap<string, string> = new Map(
  [
    ...['ApplicationStop', 'DownloadBundle', 'BeforeInstall', 'Install', 'AfterInstall', 'ApplicationStart'],
    ...['ValidateService', 'BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic'],
    ...['BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic'],
    ...['Pending', 'InProgress', 'Succeeded', 'Failed', 'Skipped', 'Unknown', 'Ready', 'Blue', 'Green'],
  ].map((each) => [each, each]),
);

const known = (told: string): string => WORDS.get(told) ?? told;

const instanceTarget = v.pipe(
  v.object({
    targetId: v.string(),
    status: v.nullish(v.string(), 'Unknown'),
    instanceLabel: word,
    lastUpdatedAt: time,
    lifecycleEvents: list(eventAnswer),
  }),
  v.transform(
    (target): CodeDeployTarget => ({
      instanceId: target.targetId,
      // An in-place deployment has no blue: what it deploys to is what CodeDeploy would call green.
      colour: known(target.instanceLabel ?? 'Green'),
      status: known(target.status),
      events: target.lifecycleEvents.map(({ lifecycleEventName, status, startTime, endTime, diagnostics }) => ({
        name: known(lifecycleEventName),
        status: known(status),
        ...(startTime ? { startedAt: startTime.toISOString() } : {}),
        ...(endTime ? { endedAt: endTime.toISOString() } : {}),
        ...(diagnostics ? { diagnostics } : {}),
      })),
      ...(target.lastUpdatedAt ? { lastUpdatedAt: target.lastUpdatedAt.toISOString() } : {}),
    }),
  ),
);

/** All of the targets that were asked for; those that are not instances are left out. */
export const targetBatch = (ids: readonly string[]) =>
  v.pipe(
    v.object({ deploymentTargets: v.array(v.object({ instanceTarget: v.nullish(instanceTarget) })) }),
    v.check(
      ({ deploymentTargets }) => deploymentTargets.length >= ids.length,
      'a target is listed, but nothing is told about it',
    ),
    v.transform(({ deploymentTargets }) =>
      deploymentTargets.flatMap(({ instanceTarget: target }) => (target ? [target] : [])),
    ),
  );

export const minimumHealthyHosts = v.object({
  deploymentConfigInfo: v.object({
    minimumHealthyHosts: v.nullish(v.object({ type: v.string(), value: v.nullish(v.number(), 0) })),
  }),
});

export const created = v.object({ deploymentId: v.string() });
