import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Look, StepContext } from '../engine/step.js';
import { formatDuration } from '../policies/duration.js';
import type { CodeDeployTarget, LifecycleEvent } from '../ports/code-deploy.js';
import { atATime } from './at-a-time.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import type { ReleaseView } from './observe-release.js';
import { preflightFacts } from './preflight.js';

/** An event that the agent of an instance has been seen to owe. */
interface Owed {
  readonly event: string;
  /** Engine time of the first look that saw it: no clock of CodeDeploy's is compared with ours. */
  readonly since: number;
  /** Instances that had been through by then, where only that nobody moves tells whose turn it is. */
  readonly after?: number;
}

type OwedEvents = Readonly<Record<string, Owed>>;

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
  const before = ((look.memo ?? {}) as { readonly owed?: OwedEvents }).owed ?? {};
  const green = view.targets.filter(({ colour }) => colour !== 'Blue');
  const room = atATime(preflightFacts(context).minimumHealthyHosts, green.length);
  const lost = new Set(view.lostGreen.map(({ instanceId }) => instanceId));
  const owed: Record<string, Owed> = {};
  for (const [instanceId, now] of owedNow(view, green, room)) {
    const known = before[instanceId];
    const same = known?.event === now.event && known.after === now.after;
    if (!lost.has(instanceId)) owed[instanceId] = { ...now, since: same ? known.since : look.at };
  }
  const { agentTimeoutMs } = release;
  const late = Object.entries(owed).filter(([, { since }]) => look.at - since >= agentTimeoutMs);
  const nextAt = Math.min(
    ...Object.values(owed).flatMap(({ since }) => (look.at - since < agentTimeoutMs ? since + agentTimeoutMs : [])),
  );
  return {
    silent: silentOf(late, room, look.at),
    watch: {
      ...(Object.keys(owed).length === 0 ? {} : { memo: { owed } }),
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
): ReadonlyArray<readonly [string, Omit<Owed, 'since'>]> {
  if (deployment.status !== 'InProgress') return [];
  const open = green.filter((target) => !OVER.has(target.status) && !isInstalled(target));
  const begun = open.filter(hasBegun);
  const untouched = open.filter((target) => !hasBegun(target));
  const fits = (targets: readonly CodeDeployTarget[]): boolean => begun.length + targets.length <= room;
  const atWork = untouched.filter(({ status }) => status !== 'Pending');
  const certain = fits(untouched) ? untouched : fits(atWork) ? atWork : [];
  const idle = certain.length === 0 && begun.length === 0;
  const of = (targets: readonly CodeDeployTarget[], after?: number) =>
    targets.flatMap((target): ReadonlyArray<readonly [string, Omit<Owed, 'since'>]> => {
      const event = pendingEvent(target);
      if (event === undefined) return [];
      return [[target.instanceId, { event: event.name, ...(after === undefined ? {} : { after }) }]];
    });
  const inTraffic = green.filter((target) => !OVER.has(target.status) && isInstalled(target));
  return [...of(begun), ...of(inTraffic), ...of(certain), ...of(idle ? untouched : [], green.length - open.length)];
}

function pendingEvent({ events }: CodeDeployTarget): LifecycleEvent | undefined {
  if (events.some(({ status }) => status === 'InProgress')) return undefined;
  const pending = events.find(({ status }) => status === 'Pending');
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
