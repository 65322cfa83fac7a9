import { BlueGreenError } from '../errors/blue-green-error.js';
import type { CloudError } from '../errors/cloud-error.js';
import type { EffectStep, StepContext } from '../engine/step.js';
import type { CodeDeployDeployment, Revision } from '../ports/code-deploy.js';
import { becauseGroupIsBusy } from './already-deploying.js';
import { TAGS_SEEN_MS } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { enteredMode, findOurMode } from './enter-deployment-mode.js';
import { isAwaitingDeployment } from './mode-states.js';
import { preflightFacts } from './preflight.js';

/** CodeDeploy's own limit for a description. */
export const DESCRIPTION_LENGTH = 256;
const SETTLE_MS = 20_000;
/** By how much the clocks of the clouds and ours may differ: a clock that runs by local time is off by hours. */
export const CLOCK_SKEW_MS = 24 * 3_600_000;
const TAGS_AGAIN_MS = 10_000;

export const releaseGreenId = (attempt: number): string => `release-green/${attempt}`;

/** Starts the CodeDeploy deployment onto exactly the green tags; each attempt is an operation of its own. */
export function releaseGreen(release: ElastigroupRelease, attempt: number, when: EffectStep['when']): EffectStep {
  const { clouds, spec, deploymentGroup } = release;
  return {
    type: 'effect',
    id: releaseGreenId(attempt),
    version: 1,
    stage: 'SCALE_UP',
    title: 'start the CodeDeploy deployment onto green',
    ...(when === undefined ? {} : { when }),
    calls: ['codedeploy createDeployment'],
    run: async (context): Promise<{ codeDeployDeploymentId: string }> => {
      const { greenTags } = preflightFacts(context);
      const marker = markerOf(release, attempt);
      const deploying = context.effect({
        key: releaseGreenId(attempt),
        call: 'codedeploy createDeployment',
        token: marker,
        settleMs: SETTLE_MS,
        guard: () => mustStillAwait(release, context),
        find: async () => {
          const ours = await findOurDeployments(release, context);
          const found = ours.find((each) => describedAs(each, marker));
          return found === undefined ? 'absent' : { present: found.codeDeployDeploymentId };
        },
        send: async (call) => {
          const created = await clouds.codeDeploy.createDeployment(
            {
              ...deploymentGroup,
              revision: revisionOf(release),
              description: [marker, spec.codeDeploy.description].filter(Boolean).join(' ').slice(0, DESCRIPTION_LENGTH),
              targetTags: greenTags,
              deploymentConfigName: spec.codeDeploy.deploymentConfigName,
              fileExistsBehavior: spec.codeDeploy.fileExistsBehavior,
              ignoreApplicationStopFailures: spec.codeDeploy.ignoreApplicationStopFailures,
              rollBackOn: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'],
              alarmNames: (spec.alarms ?? []).length === 0 ? undefined : spec.alarms,
            },
            call,
          );
          return created.codeDeployDeploymentId;
        },
        sendAgainAfterMs: seenLaterMs,
      });
      const codeDeployDeploymentId = await deploying.catch((error: unknown) => {
        throw becauseGroupIsBusy(error);
      });
      return { codeDeployDeploymentId };
    },
  };
}

export function markerOf({ rolloutId }: ElastigroupRelease, attempt: number): string {
  return `${rolloutId}#${attempt}`;
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
  return all.filter(({ description }) => description?.startsWith(`${release.rolloutId}#`) === true);
}

/** The deployment that this rollout is on: of the latest attempt. */
export function ourDeploymentId(context: Pick<StepContext, 'output'>, attempts: number): string {
  const id = latestDeploymentId(context, attempts);
  if (id === undefined)
    throw new BlueGreenError('INTERNAL', 'a step needs the CodeDeploy deployment before it was started');
  return id;
}

/** The same; undefined where none was started. */
export function latestDeploymentId(context: Pick<StepContext, 'output'>, attempts: number): string | undefined {
  for (let attempt = attempts; attempt >= 1; attempt -= 1) {
    const output = context.output<{ codeDeployDeploymentId: string }>(releaseGreenId(attempt));
    if (output !== undefined) return output.codeDeployDeploymentId;
  }
  return undefined;
}

/** Whether the deployment is the one with this marker. */
export function describedAs({ description }: CodeDeployDeployment, marker: string): boolean {
  return description === marker || description?.startsWith(`${marker} `) === true;
}

/** CodeDeploy may see tags later than EC2 does: when to ask again for a deployment onto tags that no instance carries yet. */
export function seenLaterMs({ failure }: CloudError, sinceMs: number): number | undefined {
  return failure.code === 'InvalidTargetInstancesException' && sinceMs < TAGS_SEEN_MS ? TAGS_AGAIN_MS : undefined;
}

/** Green is only ever released onto while Spot waits for that: otherwise Spot would not follow the deployment. */
async function mustStillAwait(release: ElastigroupRelease, context: StepContext): Promise<void> {
  const mode = await findOurMode(release, context);
  if (isAwaitingDeployment(mode)) return;
  const { deploymentModeId } = enteredMode(context);
  const message = `${deploymentModeId} no longer waits for a release: ${mode?.state ?? 'Spot does not list it'}`;
  throw new BlueGreenError('DEPLOYMENT_MODE_FAILED', message, { details: { state: mode?.state ?? null } });
}

/** What CodeDeploy is asked to release: the bundle's type told from its name where the spec leaves it out. */
export function revisionOf({ spec }: ElastigroupRelease): Revision {
  const { revision } = spec.codeDeploy;
  if (!('s3' in revision) || revision.s3.bundleType !== undefined) return revision;
  const bundleType = /\.(tar|tgz|zip)$/i.exec(revision.s3.key)?.[1]?.toLowerCase() as 'tar' | 'tgz' | 'zip' | undefined;
  return { s3: { ...revision.s3, bundleType } };
}
