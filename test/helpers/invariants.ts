import type { SimulatedCloud } from '../../src/testing/index.js';
import type { CloudSnapshot } from '../../src/testing/snapshot.js';
import type { DeploymentMode } from '../../src/testing/model/deployment-mode.js';
import { SHOP } from '../../src/testing/shop.js';
import type { CloudRequest } from '../../src/testing/wire/request-log.js';

/** What must hold at every instant of every rollout, whatever else goes wrong. */
export interface Watch {
  /** The cloud as it was when the watch began. */
  readonly before: CloudSnapshot;
  /** What was broken, in words; empty is right. */
  readonly violations: readonly string[];
  /** The smallest number of instances that were healthy in production and really answered, over the whole time. */
  readonly lowestServing: number;
  /** The mutating requests in order, each as `service operation`. */
  readonly sent: readonly string[];
  /** Whether the point of no return was ever passed: blue leaves, because a release of this one's is out. */
  readonly pivotPassed: boolean;
  /** Modes of somebody else's that have run meanwhile. */
  readonly rivals: ReadonlySet<DeploymentMode>;
}

const SHOP_GROUP = [SHOP.applicationName, SHOP.deploymentGroupName] as const;
const PAST_PIVOT: ReadonlySet<string> = new Set([
  'WAIT_BEFORE_TERMINATION',
  'REMOVE_OLD_INSTANCES',
  'REMOVE_ALL_SUSPENSIONS',
  'FINISHED',
]);

/** What the cloud really is at this instant. */
function truth(cloud: SimulatedCloud, blue: ReadonlySet<string>, earlier: ReadonlySet<string>) {
  const { ec2, loadBalancing, elastigroups, codeDeploy } = cloud;
  const targets = loadBalancing.health(SHOP.targetGroupName);
  const green = new Set(elastigroups.coloured(SHOP.elastigroupId, 'green').map(({ instanceId }) => instanceId));
  const healthy = targets.filter(({ state }) => state === 'healthy').map(({ instanceId }) => instanceId);
  const registered = targets.filter(({ state }) => state !== 'draining').map(({ instanceId }) => instanceId);
  const ours = codeDeploy
    .deployments(...SHOP_GROUP)
    .filter(({ deploymentId }) => !earlier.has(deploymentId))
    .map(({ deploymentId }) => codeDeploy.find(deploymentId))
    .filter(({ description }) => description !== undefined && /#(strays-)?\d+( |$)/.test(description));
  const modes = elastigroups.deploymentModes(SHOP.elastigroupId);
  const mode = modes.find(({ config }) => config.aside !== true);
  const alive = [...blue].filter((id) => ec2.get(id)?.state === 'running');
  const released = ours.find(({ description, status }) => status === 'Succeeded' && !isOntoStrays(description));
  const provenBy = (deployments: typeof ours): ReadonlySet<string> =>
    new Set(
      deployments.flatMap(({ targets }) =>
        targets.filter(({ status }) => status === 'Succeeded').map((each) => each.instanceId),
      ),
    );
  return {
    green,
    healthy,
    of: (fleet: ReadonlySet<string>) => healthy.filter((id) => fleet.has(id)).length,
    answering: healthy.filter((id) => {
      const instance = ec2.get(id);
      return instance?.state === 'running' && instance.application?.healthy === true;
    }).length,
    /** On which a deployment of ours has succeeded, blue that it took out of traffic included. */
    proven: provenBy(ours),
    /** Of a release of ours: what was tagged for it in the place of a loss as well. */
    targeted: new Set(
      ours.flatMap(({ targets }) => targets.filter(({ label }) => label === 'Green').map((each) => each.instanceId)),
    ),
    /** By the release itself. */
    provenAtOnce: provenBy(ours.filter(({ description }) => !isOntoStrays(description))),
    ontoStrays: new Set(
      ours.filter(({ description }) => isOntoStrays(description)).map(({ deploymentId }) => deploymentId),
    ),
    ours: new Set(ours.map(({ deploymentId }) => deploymentId)),
    active: ours.filter(({ status }) => !['Succeeded', 'Failed', 'Stopped'].includes(status)),
    greenRegistered: registered.filter((id) => green.has(id)),
    blueOut: alive.filter((id) => !registered.includes(id)),
    members: elastigroups.status(SHOP.elastigroupId).length,
    target: elastigroups.read(SHOP.elastigroupId).settings.capacity.target,
    rivals: modes.filter(({ config }) => config.aside === true),
    /** What a mode of somebody else's has launched, while it runs. */
    ofTheRival: new Set(
      modes
        .filter(({ config, isRunning }) => config.aside === true && isRunning)
        .flatMap((each) => each.greenInstances().map(({ instanceId }) => instanceId)),
    ),
    mode,
    pastPivot: released !== undefined || (mode !== undefined && PAST_PIVOT.has(mode.shownState())),
  };
}

const isOntoStrays = (description: string | undefined): boolean => /#strays-\d+( |$)/.test(description ?? '');

type Truth = ReturnType<typeof truth>;

/** Watches a cloud from now on: every state that it takes, and every request at the instant at which it arrives. */
export function watchInvariants(cloud: SimulatedCloud): Watch {
  const blue = new Set(cloud.elastigroups.members(SHOP.elastigroupId).map(({ instanceId }) => instanceId));
  // Of an earlier release: what they did is blue by now.
  const earlier = new Set(cloud.codeDeploy.deployments(...SHOP_GROUP).map(({ deploymentId }) => deploymentId));
  const violations: string[] = [];
  const sent: string[] = [];
  const rivals = new Set<DeploymentMode>();
  const lowestServing = truth(cloud, blue, earlier).answering;
  const watch = { before: cloud.snapshot(), violations, sent, lowestServing, pivotPassed: false, rivals };
  let carried = 0;
  let blueOutAt = Number.POSITIVE_INFINITY;
  const look = (): void => {
    const now = truth(cloud, blue, earlier);
    blueOutAt = now.blueOut.length === 0 ? Number.POSITIVE_INFINITY : Math.min(blueOutAt, cloud.clock.now());
    watch.lowestServing = Math.min(watch.lowestServing, now.answering);
    watch.pivotPassed ||= now.pastPivot;
    if (now.active.length > 1)
      violations.push(`${now.active.length} CodeDeploy deployments of ours are active at once`);
  };
  cloud.ec2.onChange(look);
  cloud.loadBalancing.onChange(look);
  // The log is written before a request is acted upon: the one place from which the cloud can be seen as it was then.
  const { requests } = cloud;
  const push = requests.push.bind(requests);
  requests.push = (...arrived) => {
    for (const request of arrived) {
      const now = truth(cloud, blue, earlier);
      watch.pivotPassed ||= now.pastPivot;
      for (const mode of now.rivals) rivals.add(mode);
      if (request.operation === 'CreateDeployment' && !now.pastPivot) carried = now.of(blue);
      const outForMs = cloud.clock.now() - blueOutAt;
      const broken = judge(request, now, blue, { carried, outForMs });
      if (broken === undefined) continue;
      sent.push(`${request.service} ${request.operation}`);
      violations.push(...broken.map((what) => `${request.operation} at ${request.atMs} ms: ${what}`));
    }
    return push(...arrived);
  };
  return watch;
}

interface Before {
  /** How many of blue were healthy when the release went out. */
  readonly carried: number;
  /** How long blue, or some of it, has been out of traffic; negative where it is not. */
  readonly outForMs: number;
}

/** What happens in the instant after a look, nobody can have seen. */
const SEEN_MS = 1_000;

/** What is wrong with sending this now; undefined for a read. */
function judge(
  { operation, body }: CloudRequest,
  now: Truth,
  blue: ReadonlySet<string>,
  { carried, outForMs }: Before,
): string[] | undefined {
  const fields = (body ?? {}) as Record<string, unknown>;
  switch (operation) {
    case 'detachInstances':
      return [
        ...judgeRemoval(now, blue, fields['instancesToDetach'] as readonly string[]),
        ...judgeRetirement(now, blue, { carried, ids: fields['instancesToDetach'] as readonly string[] }),
      ];
    case 'DeregisterTargets':
      return judgeRemoval(now, blue, idsOf(fields));
    case 'stopDeploymentMode':
      return [...(now.pastPivot ? ['after the pivot'] : []), ...judgeCapacity(now, blue, now.green)];
    case 'ContinueDeployment':
      return now.ours.has(String(fields['deploymentId'])) ? [] : ['which is none of ours'];
    case 'StopDeployment': {
      if (!now.ours.has(String(fields['deploymentId']))) return ['which is none of ours'];
      // Past the pivot by nature, and onto nothing that serves: stopping one takes nothing back.
      if (now.ontoStrays.has(String(fields['deploymentId']))) return [];
      const moved = now.greenRegistered.length > 0 || now.blueOut.length > 0;
      const rollBack = fields['autoRollbackEnabled'] === true;
      const needless = rollBack && !moved ? ['with a rollback, although all the traffic is on blue'] : [];
      const missing = !rollBack && outForMs > SEEN_MS ? ['without a rollback, although blue is out of traffic'] : [];
      return [...(now.pastPivot ? ['after the pivot'] : []), ...needless, ...missing];
    }
    case 'RegisterTargets': {
      const others = idsOf(fields).filter((id) => !blue.has(id));
      return [
        ...(now.pastPivot ? ['after the pivot'] : []),
        ...(others.length > 0 ? [`registers what is not blue: ${others.join(', ')}`] : []),
      ];
    }
    case 'CreateDeployment':
      return now.active.length > 0 ? ['while one of ours is active'] : [];
    case 'updateCapacity': {
      const { target } = fields['capacity'] as { target: number };
      return target < now.members && target < now.target
        ? [`to ${target}, with ${now.members} instances there: Spot would choose who goes`]
        : [];
    }
    case 'enterDeploymentMode':
      return now.mode?.isRunning === true ? ['while a mode runs'] : [];
    case 'suspendProcesses':
    case 'resumeProcesses':
      return [];
    case 'CreateTags': {
      const known = Object.entries(fields).flatMap(([field, value]) =>
        /^ResourceId\.\d+$/.test(field) ? [String(value)] : [],
      );
      // A stray that has been released onto is told what it is.
      const serving = known.filter((id) => blue.has(id) || (now.green.has(id) && now.provenAtOnce.has(id)));
      return serving.length > 0 ? [`tags what is no stray: ${serving.join(', ')}`] : [];
    }
    default:
      return /^(list|read|describe|get|batchget)/i.test(operation) ? undefined : [`never expected: ${operation}`];
  }
}

function judgeRemoval(now: Truth, blue: ReadonlySet<string>, ids: readonly string[]): string[] {
  const ofBlue = ids.filter((id) => blue.has(id));
  const ofGreen = ids.filter((id) => now.green.has(id) && now.proven.has(id));
  // Launched for the mode and never tagged, or in the place of such a one: it may go as long as it serves nobody.
  const others = ids.filter(
    (id) => !blue.has(id) && !now.green.has(id) && !now.targeted.has(id) && now.healthy.includes(id),
  );
  const theirs = ids.filter((id) => now.ofTheRival.has(id));
  return [
    ...(theirs.length > 0 ? [`takes out green of somebody else’s mode: ${theirs.join(', ')}`] : []),
    ...(others.length > 0 && !now.pastPivot ? [`takes out what serves, and is not green: ${others.join(', ')}`] : []),
    ...(ofBlue.length > 0 && !now.pastPivot ? [`takes out blue before the pivot: ${ofBlue.join(', ')}`] : []),
    ...(ofGreen.length > 0 && now.pastPivot ? [`takes out green after the pivot: ${ofGreen.join(', ')}`] : []),
    ...judgeCapacity(now, blue, new Set(ids)),
  ];
}

/** Blue is what one could still go back to by hand, for as long as not as much of green carries the load. */
function judgeRetirement(
  now: Truth,
  blue: ReadonlySet<string>,
  { carried, ids }: { readonly carried: number; readonly ids: readonly string[] },
): string[] {
  const carries = now.healthy.filter((id) => now.proven.has(id) && !blue.has(id)).length;
  return ids.some((id) => blue.has(id)) && carries < carried
    ? [`detaches blue while ${carries} of green carry what ${carried} of blue did`]
    : [];
}

/** No action of ours leaves less that serves than the larger of the two fleets at that instant. */
function judgeCapacity(now: Truth, blue: ReadonlySet<string>, leaving: ReadonlySet<string>): string[] {
  const left = now.healthy.filter((id) => !leaving.has(id)).length;
  // Past the pivot, green on which the release has failed is a stray, and what it serves is none of green's.
  const green = now.pastPivot ? new Set([...now.green].filter((id) => now.proven.has(id))) : now.green;
  const larger = Math.max(now.of(blue), now.of(green));
  return left < larger ? [`would leave ${left} that serve, where a fleet of ${larger} does`] : [];
}

/** Of a form of Elastic Load Balancing. */
function idsOf(form: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(form).flatMap(([field, value]) =>
    /^Targets\.member\.\d+\.Id$/.test(field) ? [String(value)] : [],
  );
}
