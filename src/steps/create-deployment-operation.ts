import type { Operation } from '../engine/effect.js';
import type { StepContext } from '../engine/step.js';
import type { CloudError } from '../errors/cloud-error.js';
import type { CodeDeployDeployment, CreateCodeDeployDeployment, Revision } from '../ports/code-deploy.js';
import { deploymentInTheWay } from './already-deploying.js';
import { TAGS_SEEN_MS } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';

/** CodeDeploy's own limit for a description. */
const DESCRIPTION_LENGTH = 256;
const SETTLE_MS = 20_000;
/** By how much the clocks of the clouds and ours may differ: a clock that runs by local time is off by hours. */
export const CLOCK_SKEW_MS = 24 * 3_600_000;
const TAGS_AGAIN_MS = 10_000;

/** What differs between a deployment onto green and one onto strays. */
export interface DeploymentOfOurs
  extends Pick<CreateCodeDeployDeployment, 'targetTags' | 'deploymentConfigName' | 'rollBackOn'> {
  /** At the start of its description: by this it is found again. */
  readonly marker: string;
}

/** Starts a CodeDeploy deployment of the release's revision; answers its id. */
export function createDeploymentOperation(
  release: ElastigroupRelease,
  context: StepContext,
  { key, guard, ...ours }: DeploymentOfOurs & { readonly key: string; readonly guard: () => Promise<void> },
): Operation<string> {
  const { clouds } = release;
  const { marker } = ours;
  return {
    key,
    call: 'codedeploy createDeployment',
    token: marker,
    settleMs: SETTLE_MS,
    guard,
    find: async () => {
      const ours = await findOurDeployments(release, context);
      const found = ours.find((each) => describedAs(each, marker));
      return found === undefined ? 'absent' : { present: found.codeDeployDeploymentId };
    },
    send: async (call) => {
      try {
        const created = await clouds.codeDeploy.createDeployment(deploymentToCreate(release, ours), call);
        return created.codeDeployDeploymentId;
      } catch (error) {
        // What is in the way may be this very deployment: its answer was lost, and it was not listed yet.
        const running = await deploymentInTheWay(error, clouds.codeDeploy);
        if (running !== undefined && describedAs(running, marker)) return running.codeDeployDeploymentId;
        throw error;
      }
    },
    sendAgainAfterMs: seenLaterMs,
  };
}

/** What CodeDeploy is asked for. */
export function deploymentToCreate(
  release: ElastigroupRelease,
  { marker, ...which }: DeploymentOfOurs,
): CreateCodeDeployDeployment {
  const { spec, deploymentGroup } = release;
  const { description, fileExistsBehavior, ignoreApplicationStopFailures } = spec.codeDeploy;
  return {
    ...deploymentGroup,
    ...which,
    revision: revisionOf(release),
    description: [marker, description].filter(Boolean).join(' ').slice(0, DESCRIPTION_LENGTH),
    fileExistsBehavior,
    ignoreApplicationStopFailures,
    alarmNames: (spec.alarms ?? []).length === 0 ? undefined : spec.alarms,
  };
}

/** Deployments of this rollout that CodeDeploy knows, latest first: told by the marker, whether or not their answer came. */
export async function findOurDeployments(
  release: ElastigroupRelease,
  context: StepContext,
): Promise<readonly CodeDeployDeployment[]> {
  const since = context.state.startedAt - CLOCK_SKEW_MS;
  const all = await release.clouds.codeDeploy.listDeploymentsSince(release.deploymentGroup, since, {
    signal: context.signal,
  });
  return all.filter((deployment) => isOurs(release, deployment));
}

/** Told by the marker that every deployment of a rollout carries. */
export function isOurs({ rolloutId }: ElastigroupRelease, { description }: CodeDeployDeployment): boolean {
  return description?.startsWith(`${rolloutId}#`) === true;
}

/** Whether the deployment is the one with this marker. */
function describedAs({ description }: CodeDeployDeployment, marker: string): boolean {
  return description === marker || description?.startsWith(`${marker} `) === true;
}

/** What CodeDeploy is asked to release: the bundle's type told from its name where the spec leaves it out. */
export function revisionOf({ spec }: ElastigroupRelease): Revision {
  const { revision } = spec.codeDeploy;
  if (!('s3' in revision) || revision.s3.bundleType !== undefined) return revision;
  const bundleType = /\.(tar|tgz|zip)$/i.exec(revision.s3.key)?.[1]?.toLowerCase() as 'tar' | 'tgz' | 'zip' | undefined;
  return { s3: { ...revision.s3, bundleType } };
}

/** CodeDeploy may see tags later than EC2 does: when to ask again for a deployment onto tags that no instance carries yet. */
function seenLaterMs({ failure }: CloudError, sinceMs: number): number | undefined {
  return failure.code === 'InvalidTargetInstancesException' && sinceMs < TAGS_SEEN_MS ? TAGS_AGAIN_MS : undefined;
}
