import type { Json } from '../internal/json.js';
import type { CodeDeployTarget, LifecycleEvent } from '../ports/code-deploy.js';
import type { ReleaseView } from './observe-release.js';

/** What is told of each instance is told of so many at most: a journal is read by people, too. */
const MOST_INSTANCES = 40;

/** A running release for machines: what the words of the wait count, and what is behind the counts. */
export function releaseFacts({
  deployment,
  targets,
  mode,
}: Pick<ReleaseView, 'deployment' | 'targets'> & Partial<Pick<ReleaseView, 'mode'>>): Json {
  const isBlue = ({ colour }: CodeDeployTarget): boolean => colour === 'Blue';
  const blue = targets.filter(isBlue);
  const green = targets.filter((target) => !isBlue(target));
  return {
    codeDeploy: { id: deployment.codeDeployDeploymentId, status: deployment.status },
    ...(mode === undefined ? {} : { mode: mode.state }),
    green: { ...countsOf(green), inTraffic: green.filter((target) => hasEnded(target, 'AllowTraffic')).length },
    blue: { ...countsOf(blue), inTraffic: blue.filter((target) => !hasBegun(target, 'BlockTraffic')).length },
    instances: noteworthy(targets).map(instanceFacts),
  };
}

function countsOf(targets: readonly CodeDeployTarget[]): { readonly [name: string]: number } {
  const count = (status: string): number => targets.filter((target) => target.status === status).length;
  return {
    total: targets.length,
    pending: count('Pending'),
    inProgress: count('InProgress'),
    ready: count('Ready'),
    succeeded: count('Succeeded'),
    failed: count('Failed'),
  };
}

function instanceFacts(target: CodeDeployTarget): Json {
  const { instanceId, colour, status } = target;
  const event = currentEvent(target);
  const told = event === undefined ? {} : { event: event.name, eventStatus: event.status };
  return { id: instanceId, colour: colour === 'Blue' ? 'blue' : 'green', status, ...told };
}

/** What failed, what is under way, or what was last. */
function currentEvent({ events }: CodeDeployTarget): LifecycleEvent | undefined {
  return (
    events.find(({ status }) => status === 'Failed') ??
    events.find(({ status }) => status === 'InProgress') ??
    events.findLast(({ status }) => status !== 'Pending' && status !== 'Skipped')
  );
}

/** All of a few. Of many those that failed, and those that are not where most of their colour are. */
function noteworthy(targets: readonly CodeDeployTarget[]): readonly CodeDeployTarget[] {
  if (targets.length <= MOST_INSTANCES) return targets;
  const times = new Map<string, number>();
  for (const target of targets) times.set(placeOf(target), (times.get(placeOf(target)) ?? 0) + 1);
  const most = new Map<string, string>();
  for (const target of targets) {
    const place = placeOf(target);
    const before = times.get(most.get(target.colour) ?? '') ?? 0;
    if ((times.get(place) ?? 0) > before) most.set(target.colour, place);
  }
  const failed = targets.filter(({ status }) => status === 'Failed');
  const elsewhere = targets.filter(
    (target) => target.status !== 'Failed' && placeOf(target) !== most.get(target.colour),
  );
  return [...failed, ...elsewhere].slice(0, MOST_INSTANCES);
}

const placeOf = (target: CodeDeployTarget): string => `${target.colour} ${currentEvent(target)?.name ?? target.status}`;

function hasEnded({ events }: CodeDeployTarget, name: string): boolean {
  return events.some((event) => event.name === name && event.status === 'Succeeded');
}

function hasBegun({ events }: CodeDeployTarget, name: string): boolean {
  return events.some((event) => event.name === name && event.status !== 'Pending' && event.status !== 'Skipped');
}
