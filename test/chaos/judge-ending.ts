import type { SimulatedCloud } from '../../src/testing/index.js';
import type { DeploymentModeConfig } from '../../src/testing/model/deployment-mode.js';
import { SHOP } from '../../src/testing/shop.js';
import type { CloudSnapshot } from '../../src/testing/snapshot.js';
import type { Watch } from '../helpers/invariants.js';
import { notAsBefore } from '../helpers/rollback.js';
import type { Ending } from './ending.js';
import { unexplained } from './excuses.js';
import { unasked } from './judge-calls.js';
import { neverPutBack } from './judge-capacity.js';

const LATER_MS = 6 * 3_600_000;
/** What Spot launched in the last instant may be listed too late for a receipt. */
const LATE_LISTS_MS = 20_000;
/** Spot counts the time that a process stands still in whole minutes. */
const ROUNDING_MS = 3 * 60_000;

/** What is wrong with how a story ended. Moves the cloud's time on: nothing that it still does may undo what was put right. */
export function judgeEnding(ending: Ending): string[] {
  const { result, watch } = ending;
  if (result === undefined) return [];
  const { lines } = result.receipt;
  const unclean = lines.filter(({ verdict }) => verdict === 'differs' || verdict === 'not-checked');
  const failures = [...unexplained(ending), ...unasked(ending)];
  switch (result.outcome) {
    case 'succeeded':
      return [...failures, ...unproven(ending)];
    case 'rolled-back':
      return [
        ...failures,
        ...(unclean.length > 0 ? ['it is rolled back, and the receipt is not clean'] : []),
        ...notRestored(ending, 'at the end'),
        ...later(ending),
      ];
    case 'refused':
      return [...failures, ...(watch.sent.length > 0 ? [`it is refused, and has sent ${watch.sent.join(', ')}`] : [])];
    case 'failed':
      return [
        ...failures,
        ...(unclean.length > 0 ? [] : ['it failed, and the receipt names nothing']),
        ...unnamed(ending),
        ...(claimsThePivot(ending) ? ['it failed past a pivot that was never passed'] : []),
        ...(nothingWentWrong(ending) ? [`it failed, and nothing went wrong: ${result.error?.message}`] : []),
        ...neverPutBack(ending),
        ...down(ending),
      ];
    case 'suspended':
      return ['it is suspended, and this is taken for an end'];
  }
}

/** Past the pivot whatever is neither blue nor proven green, and stays in the Elastigroup, is named to whoever has to see to it. */
function unnamed({ cloud, id, result, story }: Ending): string[] {
  if (result?.receipt.pivotPassedAt === undefined) return [];
  const lastSeen = Date.parse(result.finishedAt ?? '') + (story.cloud.clockSkewMs ?? 0) - LATE_LISTS_MS;
  const { elastigroups, instances, codeDeployDeployments } = cloud.snapshot();
  const proven = provenIn(codeDeployDeployments, id);
  const named = JSON.stringify(result.receipt.lines);
  return (elastigroups[0]?.members ?? [])
    .filter((member) => {
      const instance = instances.find(({ instanceId }) => instanceId === member);
      const seen = Date.parse(instance?.launchedAt ?? '') <= lastSeen;
      return seen && instance?.state === 'running' && instance.colour !== 'blue' && !proven.has(member);
    })
    .filter((member) => !named.includes(member))
    .map((member) => `it failed, and the receipt does not name the stray ${member}`);
}

/** Who believes that there is no way back takes nothing back. */
function claimsThePivot({ result, watch, cloud }: Ending): boolean {
  const { codeDeployDeployments } = cloud.snapshot();
  const others = codeDeployDeployments.some(
    ({ description, status }) => description === 'by hand' && status === 'Succeeded',
  );
  return result?.receipt.pivotPassedAt !== undefined && !watch.pivotPassed && !others;
}

/** Whatever else happened was a process that died, or somebody's order: both ways have to stay open then. */
function nothingWentWrong({ story, result }: Ending): boolean {
  if (result?.receipt.pivotPassedAt !== undefined) return false;
  const { modeByHand, rivalMode, tagsElsewhere, check, hooks } = story.company ?? {};
  const others = [modeByHand, rivalMode, tagsElsewhere, check, hooks].some((each) => each !== undefined);
  const limited = story.timeLimits !== undefined;
  return !limited && story.faults.length === 0 && (story.mishaps ?? []).length === 0 && !others;
}

const provenIn = (deployments: CloudSnapshot['codeDeployDeployments'], id: string): ReadonlySet<string> =>
  new Set(
    deployments
      .filter(({ description }) => description?.startsWith(`${id}#`))
      .flatMap(({ targets }) => targets.filter(({ label, status }) => label !== 'Blue' && status === 'Succeeded'))
      .map(({ instanceId }) => instanceId),
  );

/** Everything that serves carries the revision under a deployment of ours, and enough of green does. */
function unproven({ cloud, story, id, watch }: Ending): string[] {
  const { targetGroups, codeDeployDeployments, instances } = cloud.snapshot();
  const proven = provenIn(codeDeployDeployments, id);
  const serving = targetGroups.flatMap(({ targets }) => targets.filter(({ state }) => state === 'healthy'));
  const others = serving.filter(({ instanceId }) => !proven.has(instanceId));
  // What was lost before there was a release onto it is none of what had to carry it.
  const targeted = new Set(
    codeDeployDeployments
      .filter(({ description }) => description?.startsWith(`${id}#`))
      .flatMap(({ targets }) => targets.map(({ instanceId }) => instanceId)),
  );
  const green = instances.filter(
    ({ colour, state, instanceId }) => colour === 'green' && (targeted.has(instanceId) || state !== 'terminated'),
  );
  const carries = green.filter(({ instanceId }) => proven.has(instanceId)).length;
  const wanted = story.spec.minimumHealthyPercent ?? 100;
  return [
    ...others.map(({ instanceId, colour }) => `it succeeded, and ${colour} ${instanceId} serves unproven`),
    ...(green.length > 0 && (carries / green.length) * 100 < wanted
      ? [`it succeeded with ${carries} of ${green.length} green`]
      : []),
    ...(serving.length === 0 && !allLost(cloud.snapshot(), watch) && !reclaimed(instances, proven)
      ? ['it succeeded, and nothing serves']
      : []),
  ];
}

/** EC2 took back every one of them, after the proof: whoever was to write the end down may have taken its time. */
const reclaimed = (instances: CloudSnapshot['instances'], ids: ReadonlySet<string>): boolean =>
  instances
    .filter(({ instanceId }) => ids.has(instanceId))
    .every(({ stateReason }) => stateReason === 'Server.SpotInstanceTermination');

/** Like before, or lost to the cloud. */
function notRestored({ watch, cloud, story }: Ending, when: string): string[] {
  const now = cloud.snapshot();
  const listed = cloud.elastigroups.deploymentModes(SHOP.elastigroupId);
  const rivals = [...new Set([...watch.rivals, ...listed.filter(({ config }) => config.aside === true)])];
  const theirs = new Set(rivals.flatMap((mode) => mode.greenInstances().map(({ instanceId }) => instanceId)));
  const dueBy = Date.parse(now.at) + ROUNDING_MS + Math.abs(story.cloud.clockSkewMs ?? 0);
  const served = new Set(watch.before.elastigroups[0]?.members);
  // What Spot launched in the place of a loss before the release began is captured with blue, and has never served.
  const released = story.spec.detach?.terminate === false;
  const instances = now.instances
    // Detached, and left running as the spec says.
    .filter(({ instanceId }) => !theirs.has(instanceId))
    .filter(({ colour, elastigroupId }) => !(released && colour === 'green' && elastigroupId === undefined))
    .map((each) =>
      each.colour === 'blue' && !served.has(each.instanceId) ? { ...each, colour: 'other' as const } : each,
    );
  const doubled = rivals.some(({ isRunning }) => isRunning) && story.cloud.undocumented?.targetDuringMode === 'doubled';
  const target = watch.before.elastigroups[0]?.capacity.target;
  const elastigroups = now.elastigroups.map((each) => ({
    ...each,
    // For as long as a mode runs Spot may ask for twice as many.
    ...(doubled && each.capacity.target === 2 * (target ?? 0)
      ? { capacity: { ...each.capacity, target: each.capacity.target / 2 } }
      : {}),
    // Listed too late to be seen by preflight, it was started first, and was not taken over.
    deploymentModes:
      story.company?.modeByHand !== undefined && watch.sent.includes('spot enterDeploymentMode')
        ? each.deploymentModes.slice(0, -1)
        : each.deploymentModes,
  }));
  const found = notAsBefore(compared(watch.before, dueBy), compared({ ...now, instances, elastigroups }, dueBy), when);
  // Who forbids that the target goes down with what is detached asks Spot for something in its place, as the minimum does.
  const minimum = watch.before.elastigroups[0]?.capacity.minimum ?? 0;
  const standing = now.instances.filter(({ colour, state }) => colour === 'blue' && state === 'running').length;
  const atMinimum =
    standing < minimum &&
    cloud.requests.some(
      ({ operation, body }) =>
        operation === 'detachInstances' &&
        (body as { readonly shouldDecrementTargetCapacity?: boolean }).shouldDecrementTargetCapacity === false,
    );
  const alwaysReplaces = story.cloud.undocumented?.detachWithoutDecrement === 'always-replaces';
  const replaced = story.spec.detach?.decrementTargetCapacity === false || (atMinimum && alwaysReplaces);
  const byHand = story.company?.modeByHand !== undefined || story.company?.rivalMode !== undefined;
  const left = found.filter((what) => / green \S+ is left$/.test(what));
  const lost = now.instances.filter(({ stateReason }) => stateReason === 'Server.SpotInstanceTermination').length;
  const strays = now.instances.filter(
    ({ colour, elastigroupId, state }) => colour === 'other' && elastigroupId !== undefined && state === 'running',
  );
  // Launched for the mode and never tagged, it cannot be told from what stands in for a loss; one of them has to.
  const standIns = left.length + strays.length <= lost ? left : [];
  const takenByTheirs = rivals.some((mode) => mode.shownState() === 'FINISHED');
  return found.filter(
    (what) =>
      !standIns.includes(what) &&
      // Launched for ours and never tagged, it may as well be of the mode that somebody else has entered beside it.
      !(rivals.length > 0 && left.includes(what) && untagged(cloud).some((id) => what.includes(id))) &&
      // Somebody has released onto the green of their own mode, and Spot has taken blue away for it.
      !(takenByTheirs && / blue \S+ was taken$/.test(what)) &&
      !((replaced || byHand) && what.includes('more strays than it lost')) &&
      // How much of a suspension is left is counted by a clock that was set meanwhile.
      !(story.clockJump !== undefined && what.includes('suspended is')) &&
      // Of a mode that is taken over nobody can tell who suspended what: the release warns that none of it is put back.
      !(byHand && story.spec.adopt === true && what.includes('suspended is')) &&
      // Nor what the target was before Spot doubled it, where what runs besides has grown meanwhile.
      !(byHand && story.spec.adopt === true && what.includes('the capacity is')) &&
      // What somebody else started, and nothing of ours has touched, is theirs.
      !(byHand && watch.sent.length === 0),
  );
}

/** What carries none of the tags that we have entered a mode with. */
function untagged(cloud: SimulatedCloud): readonly string[] {
  const entered = cloud.requests.filter(({ operation }) => operation === 'enterDeploymentMode').map(({ body }) => body);
  const tags = entered.flatMap((body) => (body as { readonly deployment: DeploymentModeConfig }).deployment.tags);
  const { instances } = cloud.snapshot();
  return instances
    .filter((instance) => tags.every(({ tagKey, tagValue }) => instance.tags[tagKey] !== tagValue))
    .map(({ instanceId }) => instanceId);
}

/** What is compared. Suspensions by name: what ends by itself ends at its time, which is not looked at to the minute. */
function compared(snapshot: CloudSnapshot, dueBy: number): CloudSnapshot {
  const elastigroups = snapshot.elastigroups.map((each) => ({
    ...each,
    // What somebody else entered, once nothing of ours was in their way, is theirs.
    deploymentModes: each.deploymentModes.filter(({ tags }) => !tags.some(({ tagValue }) => tagValue === 'rival')),
    suspensions: each.suspensions
      .filter(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > dueBy)
      .map(({ name }) => ({ name, expiresAt: undefined }))
      .sort((one, other) => one.name.localeCompare(other.name)),
  }));
  return { ...snapshot, elastigroups };
}

function later(ending: Ending): string[] {
  ending.cloud.advance(LATER_MS);
  return notRestored(ending, 'six hours later');
}

/** Where neither way could be finished something still serves, unless the cloud took it. */
function down(ending: Ending): string[] {
  const { cloud, watch } = ending;
  const healthy = cloud.loadBalancing.health(SHOP.targetGroupName).filter(({ state }) => state === 'healthy');
  return healthy.length > 0 || allLost(cloud.snapshot(), watch) || greenTaken(ending) || mayNotRegister(ending)
    ? []
    : ['it failed, and production is down'];
}

const TAKES_OUT = ['stopDeploymentMode', 'detachInstances', 'DeregisterTargets', 'StopDeployment'];

/** The clouds took both fleets out, no call of ours did, and blue could not be put back: that was denied. */
function mayNotRegister({ cloud }: Ending): boolean {
  const tries = cloud.requests.filter(({ operation }) => operation === 'RegisterTargets');
  const ours = cloud.requests.some(({ operation }) => TAKES_OUT.includes(operation));
  return tries.length > 0 && tries.every(({ status }) => status === 403) && !ours;
}

/** Past the pivot, nothing but green serves: what the clouds take of it is lost, and nothing of ours may bring blue back. */
function greenTaken({ cloud, result }: Ending): boolean {
  const { instances, codeDeployDeployments } = cloud.snapshot();
  const green = instances.filter(({ colour }) => colour === 'green');
  const worked = workedOnByOthers(codeDeployDeployments);
  const byUs = JSON.stringify(
    cloud.requests.filter(({ operation }) =>
      ['stopDeploymentMode', 'detachInstances', 'DeregisterTargets'].includes(operation),
    ),
  );
  const ourStop = byUs.includes('stopDeploymentMode');
  return (
    result?.receipt.pivotPassedAt !== undefined &&
    !ourStop &&
    green.every(
      ({ instanceId, state, elastigroupId }) =>
        worked.includes(instanceId) ||
        // Spot lets it drain first, and ends it after that.
        ((state !== 'running' || elastigroupId === undefined) && !byUs.includes(instanceId)),
    )
  );
}

/** Everything that served at the start was taken back by EC2, or is being worked on by a deployment that is none of ours. */
function allLost({ instances, codeDeployDeployments }: CloudSnapshot, { before }: Watch): boolean {
  const worked = workedOnByOthers(codeDeployDeployments);
  return (before.elastigroups[0]?.members ?? []).every(
    (id) =>
      worked.includes(id) ||
      instances.find(({ instanceId }) => instanceId === id)?.stateReason === 'Server.SpotInstanceTermination',
  );
}

const workedOnByOthers = (deployments: CloudSnapshot['codeDeployDeployments']): readonly string[] =>
  deployments
    .filter(({ description }) => !/#(strays-)?\d+( |$)/.test(description ?? ''))
    .flatMap(({ targets }) => targets.map(({ instanceId }) => instanceId));
