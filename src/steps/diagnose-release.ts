import { BlueGreenError } from '../errors/blue-green-error.js';
import type { CodeDeployDeployment, CodeDeployTarget, LifecycleEvent } from '../ports/code-deploy.js';
import type { Instance } from '../ports/instances.js';
import { idSetOf } from './id-set.js';
import { targetTold, type UnhealthyTarget } from './unhealthy-targets.js';

/** CodeDeploy's own words for an event that the agent of the instance did not take up, or did not come back from. */
const AGENT_SILENT = /agent was not able to receive the lifecycle event/i;

/** Events in which the load balancer, not a script, decides. */
const TRAFFIC_EVENTS: ReadonlySet<string> = new Set(['AllowTraffic', 'BlockTraffic']);

/** Events for which CodeDeploy runs the script that the revision before this one left on the instance. */
const SCRIPTS_OF_BEFORE: ReadonlySet<string> = new Set(['ApplicationStop', 'BeforeBlockTraffic', 'AfterBlockTraffic']);

const STALE_SCRIPT =
  'The script came with the revision that was on the instance before: to mend it in this one does not help. Release once with codeDeploy.ignoreApplicationStopFailures: true, or remove what the agent keeps of that revision (deployment-root/deployment-instructions), on green from the image.';

export const endedBadly = ({ status }: CodeDeployDeployment): boolean => status === 'Failed' || status === 'Stopped';

export const hasFailed = ({ status }: CodeDeployTarget): boolean => status === 'Failed';

/** What other services say of the instances. */
interface Evidence {
  readonly lost?: readonly Instance[];
  readonly unhealthy?: readonly UnhealthyTarget[];
}

/**
 * Why a release did not go out, said of the first thing that went wrong: the instance, the event, the script and the end
 * of its log, which the deployment's own summary leaves out.
 */
export function releaseFailure(
  deployment: CodeDeployDeployment,
  targets: readonly CodeDeployTarget[],
  { lost = [], unhealthy = [] }: Evidence = {},
): BlueGreenError {
  const { codeDeployDeploymentId } = deployment;
  const open = idSetOf(targets.filter(({ status }) => status !== 'Succeeded'));
  const reclaimed = lost.find(({ instanceId }) => open.has(instanceId));
  const first = firstFailure(targets);
  if (first?.target.colour === 'Blue' && first.event?.name === 'BlockTraffic')
    return blueStays(codeDeployDeploymentId, first, lost);
  if (reclaimed !== undefined && (first === undefined || first.target.instanceId === reclaimed.instanceId)) {
    const event = first?.event ?? currentEvent(targets.find(({ instanceId }) => instanceId === reclaimed.instanceId));
    const message = `${reclaimed.instanceId} was lost (${reclaimed.stateReason ?? reclaimed.state}) during ${event?.name ?? 'the release'} of ${codeDeployDeploymentId}`;
    return new BlueGreenError('INSTANCE_LOST', message, {
      details: {
        codeDeployDeploymentId,
        instanceId: reclaimed.instanceId,
        reason: reclaimed.stateReason ?? null,
        event: event?.name ?? null,
      },
    });
  }
  if (first !== undefined) return eventFailure(codeDeployDeploymentId, first, unhealthy);
  if (deployment.status === 'Stopped') {
    const why = deployment.error === undefined ? '' : `: ${deployment.error.code}: ${deployment.error.message}`;
    return new BlueGreenError('RELEASE_STOPPED', `${codeDeployDeploymentId} was stopped, not by this rollout${why}`, {
      details: { codeDeployDeploymentId, error: deployment.error ?? null },
    });
  }
  const { error } = deployment;
  const message = `${codeDeployDeploymentId} is ${deployment.status}${error === undefined ? '' : `: ${error.code}: ${error.message}`}`;
  return new BlueGreenError('RELEASE_FAILED', message, { details: { codeDeployDeploymentId, error: error ?? null } });
}

interface FirstFailure {
  readonly target: CodeDeployTarget;
  readonly event: LifecycleEvent | undefined;
}

function firstFailure(targets: readonly CodeDeployTarget[]): FirstFailure | undefined {
  const failures = targets
    .filter(hasFailed)
    .map((target) => ({ target, event: target.events.find(({ status }) => status === 'Failed') }));
  const endOf = ({ event }: FirstFailure): string => event?.endedAt ?? '9999';
  return failures.sort((a, b) => (endOf(a) < endOf(b) ? -1 : endOf(a) > endOf(b) ? 1 : 0))[0];
}

function currentEvent(target: CodeDeployTarget | undefined): LifecycleEvent | undefined {
  return (
    target?.events.find(({ status }) => status === 'InProgress') ??
    target?.events.find(({ status }) => status === 'Pending')
  );
}

/** CodeDeploy could not take one blue instance out of traffic, and gave up all of it: green serves by then. */
function blueStays(codeDeployDeploymentId: string, failure: FirstFailure, lost: readonly Instance[]): BlueGreenError {
  const { instanceId } = failure.target;
  const gone = lost.find((instance) => instance.instanceId === instanceId);
  const because = [
    failure.event?.diagnostics?.message,
    gone === undefined ? undefined : `it was lost (${gone.stateReason ?? gone.state})`,
  ].filter(Boolean);
  const message = `${instanceId} (blue) could not be taken out of traffic, which fails the whole of ${codeDeployDeploymentId} although green serves: ${because.join('; ')}`;
  return new BlueGreenError('TRAFFIC_FAILED', message, {
    hint: 'Look at what became of the named blue instance, and at its state in the target group; then run it again.',
    details: { ...detailsOf(codeDeployDeploymentId, failure), lost: gone?.stateReason ?? gone?.state ?? null },
  });
}

function eventFailure(
  codeDeployDeploymentId: string,
  failure: FirstFailure,
  unhealthy: readonly UnhealthyTarget[],
): BlueGreenError {
  const { target, event } = failure;
  const diagnostics = event?.diagnostics;
  const where = `${target.instanceId} failed in ${event?.name ?? 'an unknown event'}`;
  const what =
    diagnostics === undefined
      ? ''
      : `: ${[diagnostics.scriptName, diagnostics.errorCode, diagnostics.message].filter(Boolean).join(': ')}`;
  const log = diagnostics?.logTail ? `\n${diagnostics.logTail}` : '';
  const details = detailsOf(codeDeployDeploymentId, failure);
  if (event !== undefined && TRAFFIC_EVENTS.has(event.name)) {
    const targetHealth = unhealthy.filter(({ instanceId }) => instanceId === target.instanceId);
    const told = targetHealth.map((each) => `; ${targetTold(each)}`).join('');
    return new BlueGreenError('TRAFFIC_FAILED', `${where}${what}${told}${log}`, {
      details: { ...details, targetHealth },
    });
  }
  if (AGENT_SILENT.test(diagnostics?.message ?? ''))
    return new BlueGreenError('AGENT_NOT_RESPONDING', `${where}${what}${log}`, { details });
  if (event === undefined || !SCRIPTS_OF_BEFORE.has(event.name))
    return new BlueGreenError('RELEASE_FAILED', `${where}${what}${log}`, { details });
  return new BlueGreenError('RELEASE_FAILED', `${where}, a script of the previous revision${what}${log}`, {
    hint: STALE_SCRIPT,
    details: { ...details, revision: 'previous' },
  });
}

function detailsOf(codeDeployDeploymentId: string, { target, event }: FirstFailure) {
  const diagnostics = event?.diagnostics;
  return {
    codeDeployDeploymentId,
    instanceId: target.instanceId,
    colour: target.colour,
    event: event?.name ?? null,
    script: diagnostics?.scriptName ?? null,
    errorCode: diagnostics?.errorCode ?? null,
    message: diagnostics?.message ?? null,
    logTail: diagnostics?.logTail ?? null,
  };
}
