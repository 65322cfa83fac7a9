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
  const times = new Map<string, number>();
  for (const { status } of targets) times.set(status, (times.get(status) ?? 0) + 1);
  const count = (status: string): number => times.get(status) ?? 0;
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
  let underWay: LifecycleEvent | undefined;
  let last: LifecycleEvent | undefined;
  for (const event of events) {
    if (event.status === 'Failed') return event;
    if (event.status === 'InProgress') underWay ??= event;
    if (event.status !== 'Pending' && event.status !== 'Skipped') last = event;
  }
  return underWay ?? last;
}

/** All of a few. Of many those that failed, and those that are not where most of their colour are. */
function noteworthy(targets: readonly CodeDeployTarget[]): readonly CodeDeployTarget[] {
  if (targets.length <= MOST_INSTANCES) return targets;
  const places = targets.map(placeOf);
  const times = new Map<string, Map<string, number>>();
  for (const [index, { colour }] of targets.entries()) {
    const ofColour = times.get(colour) ?? new Map<string, number>();
    times.set(colour, ofColour);
    const place = places[index] ?? '';
    ofColour.set(place, (ofColour.get(place) ?? 0) + 1);
  }
  const most = new Map([...times].map(([colour, ofColour]) => [colour, mostOf(ofColour)]));
  const failed = targets.filter(({ status }) => status === 'Failed');
  const elsewhere = targets.filter(
    ({ colour, status }, index) => status !== 'Failed' && places[index] !== most.get(colour),
  );
  return [...failed, ...elsewhere].slice(0, MOST_INSTANCES);
}

/** Where most are; of places with as many the first that was seen. */
function mostOf(times: ReadonlyMap<string, number>): string | undefined {
  let most: readonly [string, number] | undefined;
  for (const each of times) if (most === undefined || each[1] > most[1]) most = each;
  return most?.[0];
}

const placeOf = (target: CodeDeployTarget): string => currentEvent(target)?.name ?? target.status;

function hasEnded({ events }: CodeDeployTarget, name: string): boolean {
  return events.some((event) => event.name === name && event.status === 'Succeeded');
}

function hasBegun({ events }: CodeDeployTarget, name: string): boolean {
  return events.some((event) => event.name === name && event.status !== 'Pending' && event.status !== 'Skipped');
}
