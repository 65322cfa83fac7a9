import { BlueGreenError } from '../errors/blue-green-error.js';
import type { ReadStep, StepContext } from '../engine/step.js';
import { parseDuration } from '../policies/duration.js';
import type { DeploymentGroup, MinimumHealthyHosts } from '../ports/code-deploy.js';
import type { DeploymentMode, Elastigroup, Tag } from '../ports/elastigroups.js';
import type { TargetGroup } from '../ports/target-groups.js';
import { limitTooShort, modeToAdopt } from './adopted-mode.js';
import { minimumHealthyHostsOf } from './at-a-time.js';
import { derivedModeTimeoutMs } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { refuse, type Finding } from './findings.js';
import { checkColours } from './preflight-colours.js';
import { checkDeploymentGroup } from './preflight-deployment-group.js';
import { checkElastigroup } from './preflight-elastigroup.js';
import { checkAlarms } from './preflight-alarms.js';
import { checkBake, checkStops, stopsBy } from './preflight-gates.js';
import { checkTargetGroups } from './preflight-target-groups.js';

/** What later steps need of the configuration as it was found. */
export type PreflightFacts = {
  readonly account: string | null;
  readonly region: string;
  readonly greenTags: readonly Tag[];
  readonly targetGroups: ReadonlyArray<{
    readonly arn: string;
    readonly name: string;
    readonly deregistrationDelayMs: number;
  }>;
  /** Production target groups in which Spot itself registers instances when it launches them. */
  readonly registeredAtLaunch: readonly string[];
  readonly readyWaitMs: number | null;
  readonly terminationWaitMs: number | null;
  readonly modeTimeoutMs: number;
  /** Deployment modes that are none of ours, ended or not. */
  readonly formerModeIds: readonly string[];
  /** The deployment mode that a person started and this rollout takes over; Spot's limit where Spot tells it. */
  readonly adopted?: { readonly deploymentModeId: string; readonly timeoutMs: number | null };
  readonly deploymentGroupId: string;
  /** How many instances CodeDeploy keeps healthy while it releases: how many it works on at a time follows. */
  readonly minimumHealthyHosts?: MinimumHealthyHosts;
};

export const PREFLIGHT = 'preflight';

export function preflight(release: ElastigroupRelease): ReadStep {
  const { clouds, spec } = release;
  return {
    type: 'read',
    id: PREFLIGHT,
    version: 1,
    stage: 'RECONCILE_SERVICE',
    title: 'check that the release can start',
    read: async (context): Promise<PreflightFacts> => {
      const call = { signal: context.signal };
      const elastigroup = await clouds.elastigroups.readElastigroup(spec.elastigroupId, call);
      const deploymentGroup = await clouds.codeDeploy.readDeploymentGroup(release.deploymentGroup, call);
      const modes = await clouds.elastigroups.listDeploymentModes(spec.elastigroupId, call);
      const { adopted, findings: againstAdoption } = modeToAdopt(release, modes);
      const judged = adopted !== undefined || againstAdoption.length > 0;
      const findings: Finding[] = [
        ...againstAdoption,
        ...(await checkElastigroup(release, elastigroup, judged ? [] : modes, call)),
        ...(await checkDeploymentGroup(release, deploymentGroup, elastigroup, context)),
        ...checkStops(spec.gates ?? [], release.hooks, deploymentGroup),
        ...checkBake(release.bakeMs, deploymentGroup),
        ...(await checkAlarms(release, call)),
      ];
      const targetGroups = await productionTargetGroups(release, deploymentGroup, context);
      const colours = await checkColours(release, elastigroup, deploymentGroup, adopted, call);
      findings.push(...colours.findings);
      findings.push(...(await checkTargetGroups(release, targetGroups, colours.members, call)));
      const registeredAtLaunch = elastigroup.targetGroupArns.filter((arn) =>
        targetGroups.some((group) => group.arn === arn),
      );
      const stops = stopsBy(spec.gates ?? [], release.hooks, release.bakeMs);
      if (registeredAtLaunch.length > 0 && stops.before) findings.push(launchesIntoTraffic(registeredAtLaunch));
      const modeTimeoutMs = modeTimeout(release, deploymentGroup, targetGroups, adopted, findings);
      refuse(findings);
      await warn(context, {
        elastigroup,
        deploymentGroup,
        modeTimeoutMs,
        registeredAtLaunch,
        holdsAfterTraffic: stops.after,
      });
      if (adopted !== undefined) await warnOfItsLimit(context, release, adopted, deploymentGroup, targetGroups);
      const minimumHealthyHosts = await minimumHealthyHostsOf(release, deploymentGroup, call);
      return {
        account: (await clouds.elastigroups.account()) ?? null,
        region: await clouds.aws.region(call),
        greenTags: colours.greenTags,
        targetGroups: targetGroups.map(({ arn, name, deregistrationDelayMs }) => ({
          arn,
          name,
          deregistrationDelayMs,
        })),
        registeredAtLaunch,
        readyWaitMs: deploymentGroup.readyWaitMs ?? null,
        terminationWaitMs: deploymentGroup.terminationWaitMs ?? null,
        modeTimeoutMs,
        formerModeIds: modes.flatMap(({ deploymentModeId }) =>
          deploymentModeId === adopted?.deploymentModeId ? [] : [deploymentModeId],
        ),
        ...(adopted === undefined
          ? {}
          : { adopted: { deploymentModeId: adopted.deploymentModeId, timeoutMs: adopted.timeoutMs ?? null } }),
        deploymentGroupId: deploymentGroup.deploymentGroupId,
        ...(minimumHealthyHosts === undefined ? {} : { minimumHealthyHosts }),
      };
    },
  };
}

export function preflightFacts(context: Pick<StepContext, 'output'>): PreflightFacts {
  const facts = context.output<PreflightFacts>(PREFLIGHT);
  if (facts === undefined) throw new BlueGreenError('INTERNAL', 'a step needs the facts of preflight before it ran');
  return facts;
}

async function productionTargetGroups(
  { clouds }: ElastigroupRelease,
  { targetGroupNames }: DeploymentGroup,
  context: StepContext,
): Promise<readonly TargetGroup[]> {
  if (targetGroupNames.length === 0) return [];
  return clouds.targetGroups.describeTargetGroups(targetGroupNames, { signal: context.signal });
}

function launchesIntoTraffic(arns: readonly string[]): Finding {
  return {
    check: 'gates',
    found: `the Elastigroup registers instances in ${arns.join(', ')} when they launch, which would put green into traffic before every gate`,
    fix: 'Take the production target group out of the Elastigroup’s load balancers: CodeDeploy registers instances by itself.',
  };
}

function modeTimeout(
  release: ElastigroupRelease,
  deploymentGroup: DeploymentGroup,
  targetGroups: readonly TargetGroup[],
  adopted: DeploymentMode | undefined,
  findings: Finding[],
): number {
  const derivedMs = derivedMsOf(release, deploymentGroup, targetGroups);
  const { modeTimeout: given } = release.spec;
  // Of a mode that is taken over the limit is what it is.
  if (given === undefined || given === 'derived') return adopted?.timeoutMs ?? derivedMs;
  const givenMs = parseDuration(given, 'modeTimeout');
  if (givenMs < derivedMs) {
    findings.push({
      check: 'modeTimeout',
      found: `it is ${givenMs} ms, and the waits inside the deployment mode may take ${derivedMs} ms`,
      fix: 'Leave it out, or raise it.',
    });
  }
  if (adopted !== undefined && (adopted.timeoutMs ?? 0) < givenMs) findings.push(limitTooShort(adopted, givenMs));
  return adopted?.timeoutMs ?? givenMs;
}

function derivedMsOf(
  release: ElastigroupRelease,
  deploymentGroup: DeploymentGroup,
  targetGroups: readonly TargetGroup[],
): number {
  return derivedModeTimeoutMs({
    tagSettleMs: release.tagSettleMs,
    replaces: release.onInterruption === 'replace',
    readyWaitMs: deploymentGroup.readyWaitMs ?? 0,
    terminationWaitMs: deploymentGroup.terminationWaitMs ?? 0,
    deregistrationDelayMs: Math.max(0, ...targetGroups.map(({ deregistrationDelayMs }) => deregistrationDelayMs)),
  });
}

/** Whoever started the mode chose its limit: Spot may end it under the release, which is then taken back. */
async function warnOfItsLimit(
  context: StepContext,
  release: ElastigroupRelease,
  adopted: DeploymentMode,
  deploymentGroup: DeploymentGroup,
  targetGroups: readonly TargetGroup[],
): Promise<void> {
  const derivedMs = derivedMsOf(release, deploymentGroup, targetGroups);
  const { deploymentModeId, timeoutMs } = adopted;
  if (timeoutMs !== undefined && timeoutMs >= derivedMs) return;
  const limit = timeoutMs === undefined ? 'does not tell its limit' : `was started with a limit of ${timeoutMs} ms`;
  await context.warn(
    'ADOPTED_MODE_MAY_END',
    `${deploymentModeId} ${limit}, counted from its start; the waits inside it may take ${derivedMs} ms`,
  );
}

async function warn(
  context: StepContext,
  facts: {
    readonly elastigroup: Elastigroup;
    readonly deploymentGroup: DeploymentGroup;
    readonly modeTimeoutMs: number;
    readonly registeredAtLaunch: readonly string[];
    /** The deployment group's wait after traffic is there to be used. */
    readonly holdsAfterTraffic: boolean;
  },
): Promise<void> {
  const { elastigroup, deploymentGroup, modeTimeoutMs, registeredAtLaunch } = facts;
  const { target, maximum } = elastigroup.capacity;
  if (deploymentGroup.terminationWaitMs !== undefined && !facts.holdsAfterTraffic) {
    await context.warn(
      'BLUE_TERMINATED_TWICE',
      'the deployment group terminates blue by itself, and so does Spot: set it to KEEP_ALIVE',
    );
  }
  if (maximum < 2 * target) {
    await context.warn(
      'MAXIMUM_BELOW_DOUBLE',
      `the Elastigroup’s maximum is ${maximum}; both fleets together are ${2 * target} instances`,
    );
  }
  for (const { taskType, when, enabled } of elastigroup.scheduledTasks) {
    if (enabled)
      await context.warn('SCHEDULED_TASK', `the scheduled task ${taskType} (${when}) may run during the release`);
  }
  if (deploymentGroup.readyWaitMs === undefined) {
    await context.warn(
      'NO_READY_WAIT',
      'the deployment group does not wait in Ready: traffic may move before failed instances can be counted, and CodeDeploy may call a part a success',
    );
  }
  if (registeredAtLaunch.length > 0) {
    await context.warn(
      'REGISTERED_AT_LAUNCH',
      `Spot registers green in ${registeredAtLaunch.join(', ')} when it launches`,
    );
  }
  if (modeTimeoutMs < 300_000)
    await context.warn('MODE_TIMEOUT_SHORT', `the deployment mode’s timeout is ${modeTimeoutMs} ms`);
}
