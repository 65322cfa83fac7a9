import { BlueGreenError } from '../errors/blue-green-error.js';
import type { CodeDeployDeployment, CodeDeployTarget, LifecycleEvent } from '../ports/code-deploy.js';
import type { Instance } from '../ports/instances.js';

/** CodeDeploy's own words for an event that the agent of the instance did not take up, or did not come back from. */
const AGENT_SILENT = /agent was not able to receive the lifecycle event/i;

/** Events in which the load balancer, not a script, decides. */
const TRAFFIC_EVENTS: ReadonlySet<string> = new Set(['AllowTraffic', 'BlockTraffic']);

export const endedBadly = ({ status }: CodeDeployDeployment): boolean => status === 'Failed' || status === 'Stopped';

export const hasFailed = ({ status }: CodeDeployTarget): boolean => status === 'Failed';

/**
 * Why a release did not go out, said of the first thing that went wrong: the instance, the event, the script and the end
 * of its log, which the deployment's own summary leaves out.
 */
export function releaseFailure(
  deployment: CodeDeployDeployment,
  targets: readonly CodeDeployTarget[],
  lost: readonly Instance[] = [],
): BlueGreenError {
  const { codeDeployDeploymentId } = deployment;
  const reclaimed = lost.find(({ instanceId }) =>
    targets.some((target) => target.instanceId === instanceId && target.status !== 'Succeeded'),
  );
  const first = firstFailure(targets);
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
  if (first !== undefined) return scriptFailure(codeDeployDeploymentId, first);
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

function scriptFailure(codeDeployDeploymentId: string, { target, event }: FirstFailure): BlueGreenError {
  const diagnostics = event?.diagnostics;
  const where = `${target.instanceId} failed in ${event?.name ?? 'an unknown event'}`;
  const what =
    diagnostics === undefined
      ? ''
      : `: ${[diagnostics.scriptName, diagnostics.errorCode, diagnostics.message].filter(Boolean).join(': ')}`;
  const log = diagnostics?.logTail ? `\n${diagnostics.logTail}` : '';
  const traffic = event !== undefined && TRAFFIC_EVENTS.has(event.name);
  const silent = AGENT_SILENT.test(diagnostics?.message ?? '');
  const code = traffic ? 'TRAFFIC_FAILED' : silent ? 'AGENT_NOT_RESPONDING' : 'RELEASE_FAILED';
  return new BlueGreenError(code, `${where}${what}${log}`, {
    details: {
      codeDeployDeploymentId,
      instanceId: target.instanceId,
      colour: target.colour,
      event: event?.name ?? null,
      script: diagnostics?.scriptName ?? null,
      errorCode: diagnostics?.errorCode ?? null,
      message: diagnostics?.message ?? null,
      logTail: diagnostics?.logTail ?? null,
    },
  });
}
