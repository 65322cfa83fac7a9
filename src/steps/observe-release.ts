import type { CheckOutcome } from '../engine/checks.js';
import type { StepContext } from '../engine/step.js';
import type { CodeDeployDeployment, CodeDeployTarget } from '../ports/code-deploy.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import type { AlarmState } from '../ports/alarms.js';
import type { Instance } from '../ports/instances.js';
import { askChecks, failuresTold, trafficHasBegun } from './ask-checks.js';
import { greenOf } from './await-green.js';
import { RELEASE_ATTEMPTS } from './budgets.js';
import { endedBadly, hasFailed } from './diagnose-release.js';
import { firing, observeAlarms } from './fired-alarms.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { findOurMode } from './enter-deployment-mode.js';
import { giveWay } from '../internal/give-way.js';
import { idSetOf } from './id-set.js';
import { blueToLeave, lostOf, warnOfLostBlue } from './lost-blue.js';
import { blueIsLeaving } from './mode-states.js';
import { isAlive } from './observe-fleets.js';
import { ourDeploymentId } from './release-green.js';
import { observeUnhealthy, type UnhealthyTarget } from './unhealthy-targets.js';
import { warnIfUnstable } from './warn-unstable.js';

/** A running release as CodeDeploy, EC2 and Spot tell at one instant. */
export interface ReleaseView {
  readonly deployment: CodeDeployDeployment;
  readonly targets: readonly CodeDeployTarget[];
  readonly mode: DeploymentMode | undefined;
  /** How many fewer green instances there were than there should have been when it was released onto. */
  readonly missing: number;
  /** Green instances that EC2 no longer runs. */
  readonly lostGreen: readonly Instance[];
  /** Blue that EC2 no longer runs, and that CodeDeploy had not taken out of traffic. */
  readonly lostBlue: readonly Instance[];
  /** Green that the load balancer does not call healthy, while CodeDeploy puts it into traffic or where it could not. */
  readonly unhealthy: readonly UnhealthyTarget[];
  readonly alarms: readonly AlarmState[];
  /** Those that fire now. */
  readonly fired: readonly AlarmState[];
  /** What the checks have said last; empty before traffic moves, and once blue is let go. */
  readonly checks: readonly CheckOutcome[];
}

export async function observeRelease(release: ElastigroupRelease, context: StepContext): Promise<ReleaseView> {
  const { codeDeploy, instances } = release.clouds;
  const call = { signal: context.signal };
  const id = ourDeploymentId(context, RELEASE_ATTEMPTS);
  const deployment = await codeDeploy.readDeployment(id, call);
  const targets = await codeDeploy.listTargets(id, call);
  const mode = await findOurMode(release, context);
  await warnIfUnstable(context, mode);
  const { instanceIds: wanted, missing = 0 } = greenOf(context);
  const blue = blueToLeave(targets);
  const described = await instances.describeInstances([...wanted, ...blue], call);
  await giveWay(described.length);
  const isGreen = new Set(wanted);
  const green = described.filter(({ instanceId }) => isGreen.has(instanceId));
  const known = idSetOf(green);
  const forgotten = wanted
    .filter((id) => !known.has(id))
    .map((instanceId): Instance => ({ instanceId, state: 'terminated', tags: [] }));
  // A single instance that EC2 does not mention may be a lagging answer; none at all says nothing.
  const lostGreen = [...green.filter((instance) => !isAlive(instance)), ...(green.length === 0 ? [] : forgotten)];
  const lostBlue = lostOf(blue, described);
  await warnOfLostBlue(context, { deployment, targets, lostBlue });
  const unhealthy = await observeUnhealthy(release, context, targets);
  const alarms = await observeAlarms(release, context);
  const moves = trafficHasBegun(targets) || deployment.instanceTerminationWaitStarted;
  const over = endedBadly(deployment) || waitIsOver(deployment) || (mode !== undefined && blueIsLeaving(mode));
  const checks = await askChecks(release, context, moves && !over);
  // What is judged next goes through all of them.
  await giveWay(targets.length);
  return { deployment, targets, mode, missing, lostGreen, lostBlue, unhealthy, alarms, fired: firing(alarms), checks };
}

/**
 * Whether CodeDeploy has stopped keeping blue. During the termination wait its status may say Succeeded already; the time of
 * completion comes at the end.
 */
export function waitIsOver({ status, instanceTerminationWaitStarted, completedAt }: CodeDeployDeployment): boolean {
  return status === 'Succeeded' && (!instanceTerminationWaitStarted || completedAt !== undefined);
}

/** Engine time at which a wait last saw something new, or began. */
export function lastSeenAt(context: StepContext, stepId: string): number {
  const step = context.state.steps.get(stepId);
  return step?.sawAt ?? step?.startedAt ?? context.now();
}

/**
 * Engine time at which a wait of CodeDeploy's began: when the last lifecycle event of these targets ended. Its clock may be
 * another than ours; the wait began between the last look that did not see it and now.
 */
export function waitBeganAt(
  { deployment, targets }: ReleaseView,
  colour: 'Blue' | 'Green',
  notYetAt: number,
  now: number,
): number {
  const ends = targets
    .filter((target) => (target.colour === 'Blue') === (colour === 'Blue'))
    .flatMap(({ events }) => events.flatMap(({ endedAt }) => (endedAt === undefined ? [] : [Date.parse(endedAt)])));
  const last = ends.reduce((latest, end) => Math.max(latest, end), Date.parse(deployment.createdAt));
  return Number.isNaN(last) ? notYetAt : Math.min(now, Math.max(notYetAt, last));
}

/** Green that can no longer carry the release: failed on it, or gone. */
export function failedGreen({ targets, lostGreen }: ReleaseView): ReadonlySet<string> {
  const failed = idSetOf(targets.filter((target) => target.colour !== 'Blue' && hasFailed(target)));
  if (lostGreen.length === 0) return failed;
  const open = idSetOf(targets.filter(({ status }) => status !== 'Succeeded'));
  return new Set([...failed, ...[...idSetOf(lostGreen)].filter((id) => open.has(id))]);
}

/** Whether so many failures still leave the share of green that must carry the revision. */
export function stillEnough(release: ElastigroupRelease, green: number, failed: number): boolean {
  return ((green - failed) / green) * 100 >= release.minimumHealthyPercent;
}

export function progressOf({ deployment, targets, checks }: ReleaseView): string {
  const statuses = new Map<string, number>();
  const events = new Map<string, number>();
  let green = 0;
  let blocking = 0;
  for (const { colour, status, events: lifecycle } of targets) {
    if (colour === 'Blue') {
      if (status !== 'Pending') blocking += 1;
      continue;
    }
    green += 1;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const current = lifecycle.find((event) => event.status === 'InProgress')?.name;
    if (current !== undefined) events.set(current, (events.get(current) ?? 0) + 1);
  }
  const count = (status: string): number => statuses.get(status) ?? 0;
  const parts = [
    `${count('Succeeded')}/${green} succeeded`,
    ...(count('Failed') > 0 ? [`${count('Failed')} failed`] : []),
    ...(count('Ready') > 0 ? [`${count('Ready')} ready`] : []),
    ...[...events].map(([event, times]) => `${event} on ${times}`),
    ...(blocking > 0 ? [`blue leaving traffic: ${blocking}`] : []),
    ...(deployment.instanceTerminationWaitStarted ? ['termination wait'] : []),
  ];
  return `${deployment.status}; ${parts.join(', ')}${failuresTold(checks)}`;
}

const TRAFFIC: ReadonlySet<string> = new Set([
  'BeforeAllowTraffic',
  'AllowTraffic',
  'AfterAllowTraffic',
  'BeforeBlockTraffic',
  'BlockTraffic',
]);

/** A failure, or traffic on its way: a late look costs users. */
export function isUrgent(view: ReleaseView): boolean {
  if (failedGreen(view).size > 0) return true;
  if (view.deployment.instanceTerminationWaitStarted) return false;
  return view.targets.some(({ events }) =>
    events.some(({ name, status }) => TRAFFIC.has(name) && status !== 'Pending'),
  );
}
