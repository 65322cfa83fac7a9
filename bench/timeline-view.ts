import type { CodeDeployDeployment, CodeDeployTarget, LifecycleEvent } from '../src/ports/code-deploy.js';
import type { Timeline, TimelineTarget } from './timeline.js';

const GROUP = { applicationName: 'shop', deploymentGroupName: 'shop-prod' };

export interface TimelineView {
  readonly deployment: CodeDeployDeployment;
  readonly targets: readonly CodeDeployTarget[];
}

/** What CodeDeploy would answer `sinceMs` after the deployment was created at `createdAt`. */
export function viewOf(timeline: Timeline, createdAt: number, sinceMs: number): TimelineView {
  const { failure } = timeline;
  const over = sinceMs >= (failure?.deploymentAtMs ?? timeline.totalMs);
  const begun = sinceMs >= timeline.queuedMs;
  return {
    deployment: {
      ...GROUP,
      codeDeployDeploymentId: 'd-TIMELINE1',
      status: over ? (failure === undefined ? 'Succeeded' : 'Failed') : begun ? 'InProgress' : 'Queued',
      createdAt: new Date(createdAt).toISOString(),
      instanceTerminationWaitStarted: false,
    },
    // Targets are decided when a deployment starts: before that it has none.
    targets: begun ? timeline.targets.map((target) => targetAt(timeline, target, createdAt, sinceMs)) : [],
  };
}

function targetAt(
  { failure }: Timeline,
  { instanceId, colour, events: planned }: TimelineTarget,
  createdAt: number,
  sinceMs: number,
): CodeDeployTarget {
  const iso = (ms: number): string => new Date(Math.round(createdAt + ms)).toISOString();
  const failedAtMs = failure?.instanceId === instanceId ? failure.atMs : Number.POSITIVE_INFINITY;
  const failed = sinceMs >= failedAtMs;
  // Of a deployment that has given up, nothing begins any more.
  const untilMs = Math.min(sinceMs, failure?.deploymentAtMs ?? sinceMs);
  const events = planned.map(({ name, startMs, endMs }): LifecycleEvent => {
    if (startMs > Math.min(failedAtMs, untilMs)) return { name, status: failed ? 'Skipped' : 'Pending' };
    if (failed && endMs > failedAtMs)
      return { name, status: 'Failed', startedAt: iso(startMs), endedAt: iso(failedAtMs) };
    if (endMs <= untilMs) return { name, status: 'Succeeded', startedAt: iso(startMs), endedAt: iso(endMs) };
    return { name, status: 'InProgress', startedAt: iso(startMs) };
  });
  const is = (status: string) => (event: LifecycleEvent) => event.status === status;
  const status = failed
    ? 'Failed'
    : events.every(is('Succeeded'))
      ? 'Succeeded'
      : events.every(is('Pending'))
        ? 'Pending'
        : 'InProgress';
  return { instanceId, colour, status, events };
}
