import type { Leftover } from '../engine/outlook.js';
import type { OperationState } from '../engine/rollout-state.js';
import type { StepContext } from '../engine/step.js';
import { foundGreen } from './await-green.js';
import { CAPTURE_BLUE, type CapturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { ENTER_DEPLOYMENT_MODE, findOurMode } from './enter-deployment-mode.js';
import { hasEnded } from './mode-states.js';
import { healthyAnywhere, isAlive } from './observe-fleets.js';
import { observeTraffic, type Traffic } from './observe-traffic.js';
import { preflightFacts } from './preflight.js';
import { isOver } from './stop-operation.js';
import { knownDeployments } from './stop-codedeploy.js';

const SUSPEND = 'spot suspendProcesses';

/**
 * What a rollout may have left and what still stands: green, the deployment mode, CodeDeploy deployments, suspensions.
 * Past the pivot green is what serves, so there it is blue that was left.
 */
export async function findLeftovers(release: ElastigroupRelease, context: StepContext): Promise<readonly Leftover[]> {
  const sent = [...context.state.operations.values()].filter(({ status }) => status !== 'refused');
  const captured = context.output<CapturedBlue>(CAPTURE_BLUE);
  if (sent.length === 0 || captured === undefined) return [];
  const traffic = await observeTraffic(release, context);
  const instances =
    context.state.pivot === undefined
      ? await greenLeft(release, context, traffic)
      : blueLeft(release, context, traffic, captured);
  return [
    ...instances,
    ...(await modeLeft(release, context)),
    ...(await deploymentsLeft(release, context)),
    ...(await suspensionsLeft(release, context, sent, captured)),
  ];
}

async function greenLeft(
  release: ElastigroupRelease,
  context: StepContext,
  { greenIds, health }: Traffic,
): Promise<readonly Leftover[]> {
  const ids = certainlyOurs(release, context, greenIds);
  const described = await release.clouds.instances.describeInstances(ids, { signal: context.signal });
  const alive = described.filter(isAlive).map(({ instanceId }) => instanceId);
  const serving = new Set(healthyAnywhere(health, alive));
  const { elastigroupId } = release.spec;
  return alive.map((subject) => ({
    what: 'green instance',
    subject,
    since: enteredAt(context),
    serving: serving.has(subject),
    remedy: `Once blue is healthy: detach ${subject} from ${elastigroupId}, terminating it.`,
  }));
}

function blueLeft(
  { spec }: ElastigroupRelease,
  context: StepContext,
  { fleets, health }: Traffic,
  { instanceIds }: CapturedBlue,
): readonly Leftover[] {
  const serving = new Set(healthyAnywhere(health, instanceIds));
  return fleets.blueAlive
    .filter((id) => fleets.members.has(id))
    .map((subject) => ({
      what: 'blue instance',
      subject,
      since: context.state.pivot?.at ?? context.state.startedAt,
      serving: serving.has(subject),
      remedy: `Once green is healthy: detach ${subject} from ${spec.elastigroupId}, terminating it.`,
    }));
}

async function modeLeft(release: ElastigroupRelease, context: StepContext): Promise<readonly Leftover[]> {
  const mode = await findOurMode(release, context);
  const entered = typeof context.state.operations.get(ENTER_DEPLOYMENT_MODE)?.result === 'string';
  const known = entered || preflightFacts(context).adopted !== undefined;
  if (mode === undefined || hasEnded(mode) || !(known || tagsTell(release, context))) return [];
  const remedy = `Stop ${mode.deploymentModeId} (${mode.state}) once blue is healthy: stopping it removes green.`;
  const pastPivot = `Let ${mode.deploymentModeId} (${mode.state}) end: it takes blue away.`;
  return [
    {
      what: 'deployment mode',
      subject: mode.deploymentModeId,
      since: enteredAt(context),
      serving: false,
      remedy: context.state.pivot === undefined ? remedy : pastPivot,
    },
  ];
}

async function deploymentsLeft(release: ElastigroupRelease, context: StepContext): Promise<readonly Leftover[]> {
  const active = (await knownDeployments(release, context)).filter(({ status }) => !isOver(status));
  return active.map(({ codeDeployDeploymentId, status, createdAt }) => ({
    what: 'CodeDeploy deployment',
    subject: codeDeployDeploymentId,
    since: Date.parse(createdAt),
    serving: false,
    remedy: `It is ${status}: let it end, or aws deploy stop-deployment --deployment-id ${codeDeployDeploymentId}`,
  }));
}

/** Only what this rollout suspended: what had been suspended before it is somebody else's. */
async function suspensionsLeft(
  { clouds, spec }: ElastigroupRelease,
  context: StepContext,
  sent: readonly OperationState[],
  captured: CapturedBlue,
): Promise<readonly Leftover[]> {
  const ours = sent.filter(({ call }) => call === SUSPEND);
  if (ours.length === 0) return [];
  const before = new Set(captured.suspensions.map(({ process }) => process));
  const standing = await clouds.elastigroups.listSuspensions(spec.elastigroupId, { signal: context.signal });
  return standing.flatMap(({ process, expiresAt }) => {
    const by = ours.find(({ token }) => token.split(',').includes(process));
    if (by === undefined || before.has(process)) return [];
    return [
      {
        what: 'suspended process',
        subject: `${spec.elastigroupId} ${process}`,
        since: by.intendedAt,
        serving: false,
        remedy: expiresAt === undefined ? `Lift the suspension of ${process}.` : `Spot lifts it at ${expiresAt}.`,
      },
    ];
  });
}

/** Once a rollout has ended, others may have given their instances the same tags: then only ids tell. */
function certainlyOurs(
  release: ElastigroupRelease,
  context: StepContext,
  greenIds: readonly string[],
): readonly string[] {
  if (tagsTell(release, context)) return greenIds;
  const found = new Set(foundGreen(context)?.instanceIds);
  return greenIds.filter((id) => found.has(id));
}

/** While it has not ended its target is locked; and a value that is its id is nobody else's. */
function tagsTell({ rolloutId }: ElastigroupRelease, context: StepContext): boolean {
  return (
    context.state.finished === undefined || preflightFacts(context).greenTags.some(({ value }) => value === rolloutId)
  );
}

const enteredAt = ({ state }: StepContext): number =>
  state.operations.get(ENTER_DEPLOYMENT_MODE)?.intendedAt ?? state.startedAt;
