import type { StepContext } from '../engine/step.js';
import { giveWay } from '../internal/give-way.js';
import { toJson, type Json } from '../internal/json.js';
import type { AlarmState } from '../ports/alarms.js';
import type { TargetHealth } from '../ports/target-groups.js';
import { foundGreen } from './await-green.js';
import { CAPTURE_BLUE, type CapturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { observeAlarms } from './fired-alarms.js';
import { greenPercentOf } from './hook-facts.js';
import { observeHealth } from './observe-fleets.js';
import type { ReleaseView } from './observe-release.js';
import { PREFLIGHT } from './preflight.js';

/**
 * What there is to be seen at a gate, as far as the stage has it. Lists are in the order of their ids and there is no time
 * in it: as long as nothing changes it stays the same, letter by letter.
 */
export async function gateEvidence(
  release: ElastigroupRelease,
  context: StepContext,
  view: ReleaseView | undefined,
): Promise<Json> {
  const blue = context.output<CapturedBlue>(CAPTURE_BLUE)?.instanceIds ?? [];
  const green = foundGreen(context)?.instanceIds ?? [];
  const known = context.output(PREFLIGHT) !== undefined;
  const health = known ? [...(await observeHealth(release, context))] : [];
  const alarms = view?.alarms ?? (await observeAlarms(release, context));
  // Thousands of instances take long to be put in order, to be copied, and to be hashed: each in a turn of its own.
  const instances = blue.length + green.length;
  const codeDeploy = view === undefined ? undefined : codeDeployOf(view);
  await giveWay(instances);
  const evidence = toJson({
    revision: release.spec.codeDeploy.revision,
    greenPercent: greenPercentOf(new Map(health), green),
    health: sortedBy(
      health.map(([targetGroupArn, targets]) => healthIn(targetGroupArn, targets, blue, green)),
      ({ targetGroupArn }) => targetGroupArn,
    ),
    codeDeploy,
    alarms: alarmsOf(alarms),
    ...(view === undefined || view.checks.length === 0
      ? {}
      : { checks: view.checks.map(({ name, latest }) => ({ name, latest })) }),
  });
  await giveWay(instances);
  return evidence;
}

function healthIn(
  targetGroupArn: string,
  targets: readonly TargetHealth[],
  blue: readonly string[],
  green: readonly string[],
) {
  const [isBlue, isGreen] = [new Set(blue), new Set(green)];
  const colourOf = (id: string): string => (isBlue.has(id) ? 'blue' : isGreen.has(id) ? 'green' : 'other');
  const counts: Record<string, Record<string, number>> = { blue: {}, green: {} };
  for (const { targetId, state } of targets) {
    const ofColour = (counts[colourOf(targetId)] ??= {});
    ofColour[state] = (ofColour[state] ?? 0) + 1;
  }
  const notHealthy = sortedBy(
    targets.filter(({ state }) => state !== 'healthy'),
    ({ targetId }) => targetId,
  );
  return {
    targetGroupArn,
    ...counts,
    notHealthy: notHealthy.map(({ targetId, state, reason }) => ({
      instanceId: targetId,
      colour: colourOf(targetId),
      state,
      reason,
    })),
  };
}

function codeDeployOf({ deployment, targets }: ReleaseView) {
  const { codeDeployDeploymentId, status } = deployment;
  return {
    codeDeployDeploymentId,
    status,
    targets: sortedBy(targets, ({ instanceId }) => instanceId).map((target) => ({
      instanceId: target.instanceId,
      colour: target.colour,
      status: target.status,
      failedEvent: target.events.find((event) => event.status === 'Failed')?.name,
    })),
  };
}

const alarmsOf = (alarms: readonly AlarmState[]) =>
  sortedBy(alarms, ({ name }) => name).map(({ name, state }) => ({ name, state }));

function sortedBy<T>(list: readonly T[], key: (one: T) => string): readonly T[] {
  return [...list].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
