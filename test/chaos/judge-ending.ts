import { SHOP } from '../../src/testing/shop.js';
import type { CloudSnapshot } from '../../src/testing/snapshot.js';
import type { Watch } from '../helpers/invariants.js';
import { notAsBefore } from '../helpers/rollback.js';
import type { Ending } from './ending.js';
import { unexplained } from './excuses.js';

const LATER_MS = 6 * 3_600_000;
/** Spot counts the time that a process stands still in whole minutes. */
const ROUNDING_MS = 3 * 60_000;

/** What is wrong with how a story ended. Moves the cloud's time on: nothing that it still does may undo what was put right. */
export function judgeEnding(ending: Ending): string[] {
  const { result, watch } = ending;
  if (result === undefined) return [];
  const { lines } = result.receipt;
  const unclean = lines.filter(({ verdict }) => verdict === 'differs' || verdict === 'not-checked');
  const failures = unexplained(ending);
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
        ...down(ending),
      ];
    case 'suspended':
      return ['it is suspended, and this is taken for an end'];
  }
}

/** Everything that serves carries the revision under a deployment of ours, and enough of green does. */
function unproven({ cloud, story, id, watch }: Ending): string[] {
  const { targetGroups, codeDeployDeployments, instances } = cloud.snapshot();
  const proven = new Set(
    codeDeployDeployments
      .filter(({ description }) => description?.startsWith(`${id}#`))
      .flatMap(({ targets }) => targets.filter(({ label, status }) => label !== 'Blue' && status === 'Succeeded'))
      .map(({ instanceId }) => instanceId),
  );
  const serving = targetGroups.flatMap(({ targets }) => targets.filter(({ state }) => state === 'healthy'));
  const others = serving.filter(({ instanceId }) => !proven.has(instanceId));
  const green = instances.filter(({ colour }) => colour === 'green');
  const carries = green.filter(({ instanceId }) => proven.has(instanceId)).length;
  const wanted = story.spec.minimumHealthyPercent ?? 100;
  return [
    ...others.map(({ instanceId, colour }) => `it succeeded, and ${colour} ${instanceId} serves unproven`),
    ...((carries / green.length) * 100 < wanted ? [`it succeeded with ${carries} of ${green.length} green`] : []),
    ...(serving.length === 0 && !allLost(cloud.snapshot(), watch) ? ['it succeeded, and nothing serves'] : []),
  ];
}

/** Like before, or lost to the cloud. */
function notRestored({ watch, cloud, story }: Ending, when: string): string[] {
  const now = cloud.snapshot();
  const dueBy = Date.parse(now.at) + ROUNDING_MS;
  const served = new Set(watch.before.elastigroups[0]?.members);
  // What Spot launched in the place of a loss before the release began is captured with blue, and has never served.
  const instances = now.instances.map((each) =>
    each.colour === 'blue' && !served.has(each.instanceId) ? { ...each, colour: 'other' as const } : each,
  );
  const found = notAsBefore(withSuspensions(watch.before, dueBy), withSuspensions({ ...now, instances }, dueBy), when);
  // Who forbids that the target goes down with what is detached asks Spot for something in its place.
  const replaced = story.spec.detach?.decrementTargetCapacity === false;
  return found.filter((what) => !(replaced && what.includes('more strays than it lost')));
}

/** Suspensions by name: what ends by itself ends at its time, which is not looked at to the minute. */
function withSuspensions(snapshot: CloudSnapshot, dueBy: number): CloudSnapshot {
  const elastigroups = snapshot.elastigroups.map((each) => ({
    ...each,
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
function down({ cloud, watch }: Ending): string[] {
  const healthy = cloud.loadBalancing.health(SHOP.targetGroupName).filter(({ state }) => state === 'healthy');
  return healthy.length > 0 || allLost(cloud.snapshot(), watch) ? [] : ['it failed, and production is down'];
}

/** Everything that served at the start was taken back by EC2, or is being worked on by a deployment that is none of ours. */
function allLost({ instances, codeDeployDeployments }: CloudSnapshot, { before }: Watch): boolean {
  const worked = codeDeployDeployments
    .filter(({ description }) => !/#(strays-)?\d+( |$)/.test(description ?? ''))
    .flatMap(({ targets }) => targets.map(({ instanceId }) => instanceId));
  return (before.elastigroups[0]?.members ?? []).every(
    (id) =>
      worked.includes(id) ||
      instances.find(({ instanceId }) => instanceId === id)?.stateReason === 'Server.SpotInstanceTermination',
  );
}
