import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Plan, PlanFleets } from '../engine/plan.js';
import type { RolloutState } from '../engine/rollout-state.js';
import type { Step, StepContext } from '../engine/step.js';
import { toJson } from '../internal/json.js';
import type { ElastigroupSpec } from '../specs/elastigroup-spec.js';
import { awaitBake } from '../steps/await-bake.js';
import { awaitAdoptedMode } from '../steps/await-adopted-mode.js';
import { awaitDeploymentGroup } from '../steps/await-deployment-group.js';
import { awaitCodeDeploy } from '../steps/await-codedeploy.js';
import { awaitGreen, foundGreen } from '../steps/await-green.js';
import { awaitReady, continueCodeDeploy } from '../steps/await-ready.js';
import {
  AWAIT_DEPLOYMENT_GROUP_MS,
  RELEASE_ATTEMPTS,
  REPLACEMENT_ROUNDS,
  derivedModeTimeoutMs,
} from '../steps/budgets.js';
import { awaitBlueBack, bringBlueBack } from '../steps/bring-blue-back.js';
import { captureBlue, CAPTURE_BLUE, type CapturedBlue } from '../steps/capture-blue.js';
import { awaitStraysReleased, confirmStrays, continueStrays } from '../steps/await-strays-released.js';
import { checkSameRevision, sameRevisionOf, unlessSameRevision } from '../steps/check-same-revision.js';
import { confirmTargets, confirmTargetsId, type ConfirmedTargets } from '../steps/confirm-targets.js';
import { awaitGreenDrained, drainGreen } from '../steps/drain-green.js';
import {
  elastigroupRelease,
  type Clouds,
  type ElastigroupRelease,
  type Surroundings,
} from '../steps/elastigroup-release.js';
import { awaitTermination, endBake } from '../steps/end-bake.js';
import { enterDeploymentMode, findOurMode } from '../steps/enter-deployment-mode.js';
import { pivotOf } from '../steps/judge-release.js';
import { findLeftovers } from '../steps/find-leftovers.js';
import { awaitModeEnded, leaveDeploymentMode } from '../steps/leave-deployment-mode.js';
import { awaitStraysMarked, markStrays } from '../steps/mark-strays.js';
import { blueIsLeaving } from '../steps/mode-states.js';
import { preflight, PREFLIGHT, type PreflightFacts } from '../steps/preflight.js';
import { proveRelease, PROVE_RELEASE, takeStock, TAKE_STOCK, type Proof } from '../steps/prove-release.js';
import { releaseGreen, releaseGreenId } from '../steps/release-green.js';
import { releaseStrays } from '../steps/release-strays.js';
import { awaitGreenGone, removeGreen } from '../steps/remove-green.js';
import { awaitBlueHealthy, restoreBlue } from '../steps/restore-blue.js';
import { restoreSettings } from '../steps/restore-settings.js';
import { awaitBlueGone, awaitBlueRetired, retireBlue } from '../steps/retire-blue.js';
import { awaitStraysGone, findStrays, settleStrays } from '../steps/settle-strays.js';
import { awaitQuiet, knownDeployments, stopCodeDeploy } from '../steps/stop-codedeploy.js';
import { keepSuspended, suspendProcesses } from '../steps/suspend-processes.js';
import { awaitStraysStopped, stopStrays } from '../steps/stop-strays.js';
import { strayDeploymentIds } from '../steps/stray-release.js';
import { awaitStraysDrained, tidyStrays } from '../steps/tidy-strays.js';
import { replacementsIn, tagReplacements } from '../steps/tag-replacements.js';
import { takenByAnother } from '../steps/taken-by-another.js';
import { verifyRestored } from '../steps/verify-restored.js';
import { awaitWithdrawn, withdrawRelease } from '../steps/withdraw-release.js';
import { foresee } from './elastigroup-outlook.js';
import { heldForMs, withStops } from './stops.js';

const STRAY_ROUNDS = [1, 2];
const DAY_MS = 24 * 3_600_000;

/** A release onto one Elastigroup. */
export function elastigroupPlan(
  rolloutId: string,
  spec: ElastigroupSpec,
  clouds: Clouds,
  surroundings: Surroundings,
): Plan {
  const release = elastigroupRelease(rolloutId, spec, clouds, surroundings);
  const { applicationName, deploymentGroupName } = release.deploymentGroup;
  const whenBusy = spec.codeDeploy.onAlreadyDeploying ?? 'fail';
  const planned = withStops(release, stepsOf(release));
  const steps = whenBusy === 'fail' ? planned : [awaitDeploymentGroup(release), ...planned];
  return {
    kind: spec.kind,
    spec: toJson(spec),
    steps: spec.onSameRevision === 'skip' ? unlessSameRevision(steps) : steps,
    checks: release.checks.checks.map(({ name }) => name),
    targets: [`elastigroup/${spec.elastigroupId}`, `deployment-group/${applicationName}/${deploymentGroupName}`],
    whenBusy,
    upkeep: (state) => keepSuspended(release, state),
    withinMs: rolloutBudgetMs(release) + (whenBusy === 'fail' ? 0 : AWAIT_DEPLOYMENT_GROUP_MS),
    readAnchors: (context) => readAnchors(release, context),
    observePivot: (context) => observePivot(release, context),
    verifyRestored: verifyRestored(release),
    takeStock: takeStock(release),
    fleets: fleetsOf(spec),
    foresee: (context) => foresee(release, context),
    findLeftovers: (context) => findLeftovers(release, context),
  };
}

function stepsOf(release: ElastigroupRelease): readonly Step[] {
  const stopRelease = [
    bringBlueBack(release),
    awaitBlueBack(release),
    stopCodeDeploy(release),
    awaitQuiet(release),
    restoreBlue(release),
    awaitBlueHealthy(release, 'await-blue-healthy'),
    drainGreen(release),
    awaitGreenDrained(release),
  ];
  const leaveMode = [
    leaveDeploymentMode(release),
    awaitModeEnded(release),
    awaitBlueHealthy(release, 'await-blue-healthy/again'),
    removeGreen(release),
    awaitGreenGone(release),
    restoreSettings(release),
  ];
  const attempts = Array.from({ length: RELEASE_ATTEMPTS }, (_, index) => index + 1).flatMap((attempt): Step[] => {
    const isDue = (state: RolloutState): boolean => attempt === 1 || verdictOf(state, attempt - 1) === 'too-few';
    const tooFew = (state: RolloutState): boolean => verdictOf(state, attempt) === 'too-few';
    return [
      releaseGreen(release, attempt, isDue),
      confirmTargets(release, attempt, isDue),
      withdrawRelease(release, attempt, tooFew),
      awaitWithdrawn(release, attempt, tooFew),
    ];
  });
  const throughout = release.suspend?.throughout === true;
  return [
    preflight(release),
    ...(release.spec.onSameRevision === 'skip' ? [checkSameRevision(release)] : []),
    ...(release.spec.adopt === true ? [awaitAdoptedMode(release)] : []),
    captureBlue(release),
    ...(throughout ? [{ ...suspendProcesses(release), undo: [restoreSettings(release)] }] : []),
    // Spot may follow a release onto green that is none of ours: it is waited for, like one of ours, before the mode is left.
    enterDeploymentMode(release, [...stopRelease, ...leaveMode]),
    awaitGreen(release),
    ...(release.onInterruption === 'replace' ? withReplacements(release) : []),
    ...attempts,
    awaitReady(release),
    continueCodeDeploy(release),
    awaitCodeDeploy(release),
    ...(throughout ? [] : [suspendProcesses(release)]),
    awaitBake(release),
    endBake(release),
    awaitTermination(release),
    awaitBlueRetired(release),
    retireBlue(release),
    awaitBlueGone(release),
    ...STRAY_ROUNDS.flatMap((round) => [
      findStrays(release, round),
      ...(release.strays === 'release' ? releaseOntoStrays(release, round) : []),
      settleStrays(release, round),
      awaitStraysGone(release, round),
    ]),
    restoreSettings(release),
    proveRelease(release),
  ];
}

/** As long as CodeDeploy has not been asked, what Spot launches in the place of lost green can still become green. */
function withReplacements(release: ElastigroupRelease): readonly Step[] {
  const rounds = Array.from({ length: REPLACEMENT_ROUNDS }, (_, index) => index + 1);
  return rounds.flatMap((round): readonly Step[] => [
    tagReplacements(release, round),
    awaitGreen(release, round + 1, (state) => replacementsIn(state, round).length > 0),
  ]);
}

/** What is left of the strays after these steps is detached. */
function releaseOntoStrays(release: ElastigroupRelease, round: number): readonly Step[] {
  return [
    markStrays(release, round),
    awaitStraysMarked(release, round),
    releaseStrays(release, round),
    confirmStrays(release, round),
    continueStrays(release, round),
    awaitStraysReleased(release, round),
    stopStrays(release, round),
    awaitStraysStopped(release, round),
    tidyStrays(release, round),
    awaitStraysDrained(release, round),
  ];
}

const verdictOf = (state: RolloutState, attempt: number): ConfirmedTargets['verdict'] | undefined =>
  (state.steps.get(confirmTargetsId(attempt))?.output as ConfirmedTargets | undefined)?.verdict;

/** What the deployment group waits for is not known before preflight: room for its longest waits. */
function rolloutBudgetMs(release: ElastigroupRelease): number {
  const waits = {
    tagSettleMs: release.tagSettleMs,
    replaces: release.onInterruption === 'replace',
    readyWaitMs: 2 * DAY_MS,
    terminationWaitMs: 2 * DAY_MS,
    deregistrationDelayMs: 3_600_000,
  };
  return derivedModeTimeoutMs(waits) + heldForMs(release);
}

async function observePivot(release: ElastigroupRelease, context: StepContext): Promise<string | undefined> {
  const taken = context.state.operations.get('retire-blue/detach');
  if (taken !== undefined && taken.status !== 'refused') return 'blue was detached';
  if (context.output(PREFLIGHT) === undefined) return undefined;
  const mode = await findOurMode(release, context);
  for (const deployment of await knownDeployments(release, context)) {
    const fact = pivotOf({ deployment, mode });
    if (fact !== undefined) return fact;
  }
  // Without a release of ours Spot may follow somebody else's.
  return blueIsLeaving(mode) ? `Spot is taking blue away (${mode?.state})` : takenByAnother(release, context, mode);
}

/** The same place as at the start, and sight of something that stood there then. */
async function readAnchors({ clouds, spec }: ElastigroupRelease, context: StepContext): Promise<void> {
  const facts = context.output<PreflightFacts>(PREFLIGHT);
  const captured = context.output<CapturedBlue>(CAPTURE_BLUE);
  if (facts === undefined || captured === undefined) return;
  const refuse = (message: string): never => {
    throw new BlueGreenError('ANCHOR_UNREADABLE', message);
  };
  const region = await clouds.aws.region();
  if (region !== facts.region)
    refuse(`the rollout was started in ${facts.region}, and this process works in ${region}`);
  const account = (await clouds.elastigroups.account()) ?? null;
  if (account !== facts.account)
    refuse(`the rollout was started for Spot account ${facts.account}, and this process works for ${account}`);
  const members = (await clouds.elastigroups.listInstances(spec.elastigroupId)).flatMap(
    ({ instanceId }) => instanceId ?? [],
  );
  const seen = await clouds.instances.describeInstances([...new Set([...captured.instanceIds, ...members])]);
  if (seen.length === 0) refuse('EC2 shows none of the instances that were captured, nor any of the Elastigroup’s');
}

function fleetsOf(spec: ElastigroupSpec): (state: RolloutState) => PlanFleets {
  return (state) => {
    const outputOf = <T>(id: string): T | undefined => state.steps.get(id)?.output as T | undefined;
    const blue = outputOf<CapturedBlue>(CAPTURE_BLUE);
    const green = foundGreen({ output: outputOf });
    const facts = outputOf<PreflightFacts>(PREFLIGHT);
    const proof = outputOf<Proof>(PROVE_RELEASE) ?? (state.undone.get(TAKE_STOCK)?.output as Proof | undefined);
    const same = sameRevisionOf(state);
    const tags = Object.fromEntries((facts?.greenTags ?? []).map(({ key, value }) => [key, value]));
    const { elastigroupId } = spec;
    const ids = Array.from(
      { length: RELEASE_ATTEMPTS },
      (_, index) => state.operations.get(releaseGreenId(index + 1))?.result,
    );
    return {
      ...(blue === undefined ? {} : { blue: { elastigroupId, instanceIds: blue.instanceIds } }),
      ...(green === undefined
        ? {}
        : { green: { elastigroupId, instanceIds: proof?.proven ?? green.instanceIds, tags } }),
      strays: (proof?.strays ?? []).map((instanceId) => ({ instanceId, elastigroupId })),
      codeDeployDeploymentIds: [
        ...ids.filter((id): id is string => typeof id === 'string'),
        ...strayDeploymentIds(state),
      ],
      lines: proof?.lines ?? (same?.same === true ? same.lines : []),
    };
  };
}
