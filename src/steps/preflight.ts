import { BlueGreenError } from '../errors/blue-green-error.js';
import type { ReadStep, StepContext } from '../engine/step.js';
import { parseDuration } from '../policies/duration.js';
import type { DeploymentGroup } from '../ports/code-deploy.js';
import type { Elastigroup, Tag } from '../ports/elastigroups.js';
import type { TargetGroup } from '../ports/target-groups.js';
import { derivedModeTimeoutMs } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { refuse, type Finding } from './findings.js';
import { checkColours } from './preflight-colours.js';
import { checkDeploymentGroup } from './preflight-deployment-group.js';
import { checkElastigroup } from './preflight-elastigroup.js';
import { checkAlarms } from './preflight-alarms.js';
import { checkStops } from './preflight-gates.js';
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
  readonly deploymentGroupId: string;
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
      const findings: Finding[] = [
        ...(await checkElastigroup(release, elastigroup, modes, call)),
        ...(await checkDeploymentGroup(release, deploymentGroup, elastigroup, call)),
        ...checkStops(spec.gates ?? [], release.hooks, deploymentGroup),
        ...(await checkAlarms(release, call)),
      ];
      const targetGroups = await productionTargetGroups(release, deploymentGroup, context);
      const colours = await checkColours(release, elastigroup, deploymentGroup, call);
      findings.push(...colours.findings);
      findings.push(...(await checkTargetGroups(release, targetGroups, colours.members, call)));
      const registeredAtLaunch = elastigroup.targetGroupArns.filter((arn) =>
        targetGroups.some((group) => group.arn === arn),
      );
      if (registeredAtLaunch.length > 0 && (spec.gates ?? []).length + release.hooks.length > 0)
        findings.push(launchesIntoTraffic(registeredAtLaunch));
      const modeTimeoutMs = modeTimeout(release, deploymentGroup, targetGroups, findings);
      refuse(findings);
      await warn(context, { elastigroup, deploymentGroup, modeTimeoutMs, registeredAtLaunch });
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
        formerModeIds: modes.map(({ deploymentModeId }) => deploymentModeId),
        deploymentGroupId: deploymentGroup.deploymentGroupId,
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
  findings: Finding[],
): number {
  const derivedMs = derivedModeTimeoutMs({
    tagSettleMs: release.tagSettleMs,
    readyWaitMs: deploymentGroup.readyWaitMs ?? 0,
    terminationWaitMs: deploymentGroup.terminationWaitMs ?? 0,
    deregistrationDelayMs: Math.max(0, ...targetGroups.map(({ deregistrationDelayMs }) => deregistrationDelayMs)),
  });
  const { modeTimeout: given } = release.spec;
  if (given === undefined || given === 'derived') return derivedMs;
  const givenMs = parseDuration(given, 'modeTimeout');
  if (givenMs < derivedMs) {
    findings.push({
      check: 'modeTimeout',
      found: `it is ${givenMs} ms, and the waits inside the deployment mode may take ${derivedMs} ms`,
      fix: 'Leave it out, or raise it.',
    });
  }
  return givenMs;
}

async function warn(
  context: StepContext,
  facts: {
    readonly elastigroup: Elastigroup;
    readonly deploymentGroup: DeploymentGroup;
    readonly modeTimeoutMs: number;
    readonly registeredAtLaunch: readonly string[];
  },
): Promise<void> {
  const { elastigroup, deploymentGroup, modeTimeoutMs, registeredAtLaunch } = facts;
  const { target, maximum } = elastigroup.capacity;
  if (deploymentGroup.terminationWaitMs !== undefined) {
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
