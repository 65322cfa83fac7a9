import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Look, StepContext } from '../engine/step.js';
import { formatDuration } from '../policies/duration.js';
import type { CodeDeployTarget, LifecycleEvent } from '../ports/code-deploy.js';
import { atATime } from './at-a-time.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { idSetOf } from './id-set.js';
import type { ReleaseView } from './observe-release.js';
import { owedBefore, owedMemo, type Owed, type OwedEvent } from './owed-events.js';
import { preflightFacts } from './preflight.js';

/** Green whose agents have owed an event for longer than they may. */
export interface SilentAgents {
  readonly instanceIds: readonly string[];
  /** So many of them are silent at least; the others may only wait for their turn. */
  readonly atLeast: number;
  readonly event: string;
  readonly forMs: number;
}

export interface WatchedAgents {
  readonly silent: SilentAgents | undefined;
  /** For the verdict: what to remember, and when the next agent will have been silent for too long. */
  readonly watch: { readonly memo?: unknown; readonly lookAgainInMs?: number };
}

/** Events that begin where another instance, CodeDeploy itself or the load balancer decides when. */
const NOT_THE_AGENTS: ReadonlySet<string> = new Set(['BeforeAllowTraffic', 'AllowTraffic']);
const OVER: ReadonlySet<string> = new Set(['Succeeded', 'Failed', 'Skipped', 'Unknown', 'Ready']);

/** Which agents owe the start of an event, and for how long they have been seen to. */
export function watchAgents(
  release: ElastigroupRelease,
  view: ReleaseView,
  look: Look,
  context: StepContext,
): WatchedAgents {
  const owedSince = owedBefore(look.memo);
  const green = view.targets.filter(({ colour }) => colour !== 'Blue');
  const room = atATime(preflightFacts(context).minimumHealthyHosts, green.length);
  const lost = idSetOf(view.lostGreen);
  const owed: Array<readonly [string, Owed]> = [];
  const late: Array<readonly [string, Owed]> = [];
  let nextAt = Number.POSITIVE_INFINITY;
  let latest: Owed | undefined;
  const { agentTimeoutMs } = release;
  for (const [instanceId, now] of owedNow(view, green, room)) {
    if (lost.has(instanceId)) continue;
    const since = owedSince(instanceId, now) ?? look.at;
    // One object for all that owe the same.
    if (latest?.since !== since || latest.event !== now.event || latest.after !== now.after) latest = { ...now, since };
    owed.push([instanceId, latest]);
    if (look.at - since >= agentTimeoutMs) late.push([instanceId, latest]);
    else nextAt = Math.min(nextAt, since + agentTimeoutMs);
  }
  return {
    silent: silentOf(late, room, look.at),
    watch: {
      ...(owed.length === 0 ? {} : { memo: owedMemo(owed) }),
      ...(Number.isFinite(nextAt) ? { lookAgainInMs: nextAt - look.at } : {}),
    },
  };
}

function silentOf(late: ReadonlyArray<readonly [string, Owed]>, room: number, at: number): SilentAgents | undefined {
  const [first] = late;
  if (first === undefined) return undefined;
  const certain = late.filter(([, { after }]) => after === undefined).length;
  return {
    instanceIds: late.map(([instanceId]) => instanceId),
    atLeast: certain + Math.min(room, late.length - certain),
    event: first[1].event,
    forMs: at - first[1].since,
  };
}

/**
 * Whose turn it is, of those whose next event is Pending. An instance on which something has begun is at its turn. One on
 * which nothing has may have to wait until others are through: it is its turn where CodeDeploy has room for it beside what
 * has begun, or where nothing is under way at all.
 */
function owedNow(
  { deployment }: ReleaseView,
  green: readonly CodeDeployTarget[],
  room: number,
): ReadonlyArray<readonly [string, OwedEvent]> {
  if (deployment.status !== 'InProgress') return [];
  const notOver = green.filter(({ status }) => !OVER.has(status));
  const [inTraffic, open] = split(notOver, isInstalled);
  const [begun, untouched] = split(open, hasBegun);
  const fits = (targets: readonly CodeDeployTarget[]): boolean => begun.length + targets.length <= room;
  const atWork = untouched.filter(({ status }) => status !== 'Pending');
  const certain = fits(untouched) ? untouched : fits(atWork) ? atWork : [];
  const idle = certain.length === 0 && begun.length === 0;
  const owed: Array<readonly [string, OwedEvent]> = [];
  const add = (targets: readonly CodeDeployTarget[], after?: number): void => {
    const known = new Map<string, OwedEvent>();
    for (const target of targets) {
      const name = pendingEvent(target)?.name;
      if (name === undefined) continue;
      const event = known.get(name) ?? { event: name, ...(after === undefined ? {} : { after }) };
      known.set(name, event);
      owed.push([target.instanceId, event]);
    }
  };
  add(begun);
  add(inTraffic);
  add(certain);
  if (idle) add(untouched, green.length - open.length);
  return owed;
}

/** Those for which it holds, and the others, each in their order. */
function split<T>(all: readonly T[], holds: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  const [those, others]: [T[], T[]] = [[], []];
  for (const one of all) (holds(one) ? those : others).push(one);
  return [those, others];
}

function pendingEvent({ events }: CodeDeployTarget): LifecycleEvent | undefined {
  let pending: LifecycleEvent | undefined;
  for (const event of events) {
    if (event.status === 'InProgress') return undefined;
    if (event.status === 'Pending') pending ??= event;
  }
  return pending === undefined || NOT_THE_AGENTS.has(pending.name) ? undefined : pending;
}

const hasBegun = ({ events }: CodeDeployTarget): boolean =>
  events.some(({ status }) => status !== 'Pending' && status !== 'Skipped');

const isInstalled = ({ events }: CodeDeployTarget): boolean =>
  events.some(({ name, status }) => name === 'ValidateService' && status === 'Succeeded');

/** Said before CodeDeploy says it, which waits longer. */
export function agentsSilent(
  { deployment }: ReleaseView,
  silent: SilentAgents,
  agentTimeoutMs: number,
): BlueGreenError {
  const { codeDeployDeploymentId } = deployment;
  const { instanceIds, event, forMs } = silent;
  const message = `the CodeDeploy agent of ${instanceIds.join(', ')} has not taken up ${event} of ${codeDeployDeploymentId} in ${formatDuration(forMs)}`;
  return new BlueGreenError('AGENT_NOT_RESPONDING', message, {
    details: {
      codeDeployDeploymentId,
      instanceId: instanceIds[0] ?? null,
      instanceIds,
      colour: 'Green',
      event,
      waitedMs: forMs,
      agentTimeoutMs,
    },
  });
}

/** For the words of a wait that goes on without them. */
export function silenceTold(silent: SilentAgents | undefined): string {
  return silent === undefined ? '' : `; no word from the agent of ${silent.instanceIds.join(', ')}`;
}

/** Silent agents beside the instances that have failed already. */
export function alsoSilent(silent: SilentAgents | undefined, failed: ReadonlySet<string>): number {
  if (silent === undefined) return 0;
  return Math.min(silent.atLeast, silent.instanceIds.filter((id) => !failed.has(id)).length);
}
