import type { StepContext } from '../engine/step.js';
import type { CodeDeployTarget, LifecycleEvent } from '../ports/code-deploy.js';
import type { PollingProgress } from '../policies/polling.js';
import { failedGreen, type ReleaseView } from './observe-release.js';
import { preflightFacts } from './preflight.js';
import { releaseGreenId } from './release-green.js';
import { RELEASE_ATTEMPTS } from './budgets.js';

/** The event whose length a setting of the target group tells. */
const DRAINING = 'BlockTraffic';

/** As many lifecycle events come at least once CodeDeploy has decided the targets. */
const EVENTS_TO_READY = 7;

/** From here on a lifecycle event moves traffic: in a deployment group that waits in Ready, these come after the wait. */
const ALLOWING: ReadonlySet<string> = new Set(['BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic']);

/**
 * How far a release has come on its way to the end, or to Ready: its lifecycle events, and the draining of blue. Undefined once
 * green has failed somewhere: then the next failure may be the one too many, and is not foreseen by how far the others are.
 */
export function progressOfRelease(
  view: ReleaseView,
  context: StepContext,
  until: 'ready' | 'end',
): PollingProgress | undefined {
  if (failedGreen(view).size > 0) return undefined;
  const delays = preflightFacts(context).targetGroups.map((group) => group.deregistrationDelayMs);
  return releaseProgress(view.targets, cloudsTime(view, context), Math.max(0, ...delays), until);
}

/** `now` is CodeDeploy's: its times are compared with nothing else. */
export function releaseProgress(
  targets: readonly CodeDeployTarget[],
  now: number,
  deregistrationDelayMs: number,
  until: 'ready' | 'end',
): PollingProgress {
  if (targets.length === 0) return { done: 0, toDo: 1, ahead: EVENTS_TO_READY, presentMs: 0, waitLeftMs: 0 };
  const fleets = [
    targets.filter(({ colour }) => colour !== 'Blue').map(({ events }) => eventsUntil(events, until)),
    until === 'ready' ? [] : targets.filter(({ colour }) => colour === 'Blue').map(({ events }) => events),
  ];
  const drainingMs = longestDrainingMs(fleets, deregistrationDelayMs) ?? deregistrationDelayMs;
  const isKnown = (event: LifecycleEvent): boolean => drainingMs > 0 && isDraining(event);
  const typicalMs = typicalOf(fleets, isKnown);
  let done = 0;
  let toDo = 0;
  let ahead = 0;
  let presentMs: number | undefined;
  let waitLeftMs = 0;
  for (const fleet of fleets) {
    let most = 0;
    for (const events of fleet) {
      let pending = 0;
      for (const event of events) {
        const { status, startedAt } = event;
        if (hasEnded(event)) done += 1;
        if (status === 'Pending' || status === 'InProgress') toDo += 1;
        if (status === 'InProgress' && startedAt !== undefined)
          presentMs = Math.min(presentMs ?? Number.POSITIVE_INFINITY, ageMs(event, now));
        if (isKnown(event)) waitLeftMs = Math.max(waitLeftMs, drainingLeftMs(event, drainingMs, now));
        else if (status === 'Pending') pending += 1;
      }
      most = Math.max(most, pending);
    }
    // Blue follows green, and instances of one colour may go side by side: it is at least as far as that.
    ahead += most;
  }
  return {
    done,
    toDo,
    ahead,
    presentMs: presentMs ?? 0,
    ...(typicalMs === undefined ? {} : { typicalMs }),
    waitLeftMs,
  };
}

/** The lifecycle events of each instance. */
type FleetEvents = readonly (readonly LifecycleEvent[])[];

const isDraining = ({ name }: LifecycleEvent): boolean => name === DRAINING;
const hasEnded = ({ status }: LifecycleEvent): boolean => status === 'Succeeded';

const eventsUntil = (events: readonly LifecycleEvent[], until: 'ready' | 'end'): readonly LifecycleEvent[] =>
  until === 'ready' ? events.filter(({ name }) => !ALLOWING.has(name)) : events;

function tookMs({ status, startedAt, endedAt }: LifecycleEvent): number | undefined {
  if (status !== 'Succeeded' || startedAt === undefined || endedAt === undefined) return undefined;
  return Math.max(0, Date.parse(endedAt) - Date.parse(startedAt));
}

/** What a lifecycle event takes that is rather short: the first quartile. */
function typicalOf(fleets: readonly FleetEvents[], isKnown: (event: LifecycleEvent) => boolean): number | undefined {
  const took = fleets
    .flatMap((fleet) => someOf(fleet))
    .flatMap((events) => events.flatMap((event) => (isKnown(event) ? [] : (tookMs(event) ?? []))))
    .sort((a, b) => a - b);
  return took[Math.floor((took.length - 1) / 4)];
}

/** Of a large fleet so many instances tell as much as all: reading the times of everybody's events takes long. */
const MOST_READ = 200;

function someOf<T>(all: readonly T[]): readonly T[] {
  if (all.length <= MOST_READ) return all;
  return Array.from({ length: MOST_READ }, (_, index) => all[Math.floor((index * all.length) / MOST_READ)]!);
}

/** An instance that was drained sooner than its target group says tells how long it takes here; it is never told as more. */
function longestDrainingMs(fleets: readonly FleetEvents[], mostMs: number): number | undefined {
  let longest: number | undefined;
  for (const fleet of fleets)
    for (const events of fleet)
      for (const event of events) {
        const took = isDraining(event) ? tookMs(event) : undefined;
        if (took === undefined) continue;
        if (took >= mostMs) return mostMs;
        longest = Math.max(longest ?? 0, took);
      }
  return longest;
}

const ageMs = ({ startedAt = '' }: LifecycleEvent, now: number): number => Math.max(0, now - Date.parse(startedAt));

function drainingLeftMs(event: LifecycleEvent, drainingMs: number, now: number): number {
  if (event.status === 'Pending') return drainingMs;
  return event.status === 'InProgress' ? Math.max(0, drainingMs - ageMs(event, now)) : 0;
}

/** CodeDeploy's clock may be another than ours: the deployment was created at the same instant by both. */
function cloudsTime({ deployment }: Pick<ReleaseView, 'deployment'>, context: StepContext): number {
  const { operations } = context.state;
  for (let attempt = RELEASE_ATTEMPTS; attempt >= 1; attempt -= 1) {
    const operation = operations.get(releaseGreenId(attempt));
    if (operation?.answeredAt !== undefined)
      return Date.parse(deployment.createdAt) + context.now() - operation.answeredAt;
  }
  return context.now();
}
