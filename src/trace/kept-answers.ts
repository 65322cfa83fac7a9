import { digestOf } from '../internal/digest.js';
import { toJson, type Json } from '../internal/json.js';
import type { CodeDeployDeployment, CodeDeployTarget, DeploymentGroup } from '../ports/code-deploy.js';
import type { DeploymentMode, Elastigroup, Suspension, Tag } from '../ports/elastigroups.js';
import type { Instance } from '../ports/instances.js';
import type { TargetHealth } from '../ports/target-groups.js';

/** Whose trace it is, and which tags it may tell: those by which green is known. */
export interface TraceScope {
  readonly rolloutId: string;
  readonly greenKeys: ReadonlySet<string>;
}

/** What is kept of an answer. Whatever is not named in this file never comes into a trace. */
export const keptTags = ({ greenKeys }: TraceScope, tags: readonly Tag[]): Json =>
  Object.fromEntries(tags.filter(({ key }) => greenKeys.has(key)).map(({ key, value }) => [key, value]));

export const keptCapacity = ({ capacity: { minimum, target, maximum, unit } }: Elastigroup): Json => ({
  minimum,
  target,
  maximum,
  unit,
});

export const keptElastigroup = (scope: TraceScope, { targetGroupArns, launchTags }: Elastigroup): Json => ({
  targetGroups: targetGroupArns.map(nameOfTargetGroup),
  launchTags: keptTags(scope, launchTags),
});

export const keptMode = (scope: TraceScope, { tags, timeoutMs }: DeploymentMode): Json =>
  toJson({ tags: keptTags(scope, tags), timeoutMs });

/** By process; null where nobody but people lifts it. */
export const keptSuspensions = (suspensions: readonly Suspension[]): Json =>
  Object.fromEntries(suspensions.map(({ process, expiresAt }) => [process, expiresAt ?? null]));

/** Values only under green's keys; of others a digest, which tells that one has changed and not what it says. */
export const keptFilter = ({ greenKeys }: TraceScope, { filter }: DeploymentGroup): Json =>
  filter.map((any) =>
    any.map(({ key, values }) => ({
      key,
      ...(values === undefined
        ? {}
        : { values: values.map((value) => (greenKeys.has(key) ? value : `digest ${digestOf(value).slice(0, 12)}`)) }),
    })),
  );

export const keptGroup = ({ deploymentType, readyWaitMs, terminationWaitMs }: DeploymentGroup): Json =>
  toJson({ deploymentType, readyWaitMs, terminationWaitMs });

export function keptDeployment({ rolloutId }: TraceScope, deployment: CodeDeployDeployment): Json {
  const { status, creator, createdAt, completedAt, description = '', error } = deployment;
  const [marker = ''] = description.split(' ', 1);
  return toJson({
    status,
    creator,
    createdAt,
    completedAt,
    // The words of people's that may follow the marker are not kept, and nothing of another's description.
    marker: marker.startsWith(`${rolloutId}#`) ? marker : undefined,
    errorCode: error?.code,
    terminationWait: deployment.instanceTerminationWaitStarted ? true : undefined,
    rollback: deployment.rollbackDeploymentId,
    rollbackOf: deployment.rollbackTriggeredBy,
  });
}

/** The last lifecycle event that was begun, if one was: those before it have ended. */
export function keptCodeDeployTarget({ colour, status, events }: CodeDeployTarget): Json {
  const last = events.findLast((event) => event.status !== 'Pending' && event.status !== 'Skipped');
  return toJson({ colour, status, event: last?.name, eventStatus: last?.status });
}

export const keptInstance = ({ state, stateReason }: Instance): Json => toJson({ state, reason: stateReason });

export const keptTarget = ({ state, reason }: TargetHealth): Json => toJson({ state, reason });

/** `arn:…:targetgroup/name/0123…` without what tells the account. */
export const nameOfTargetGroup = (arn: string): string => arn.split('/').at(-2) ?? arn;
