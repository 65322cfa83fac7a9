import { BlueGreenError } from '../errors/blue-green-error.js';
import type { EffectStep, StepContext, WaitStep } from '../engine/step.js';
import { AWAIT_GONE_MS } from './budgets.js';
import { capturedBlue } from './capture-blue.js';
import { drainWhatWasLeft } from './drain-green.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { healthyAnywhere, isAlive, observeFleets, type Fleets } from './observe-fleets.js';
import { launchingBeyondTarget } from './leave-deployment-mode.js';
import { observeTraffic, type Traffic } from './observe-traffic.js';
import { modesNow } from './others-mode.js';
import { CLOCK_SKEW_MS } from './create-deployment-operation.js';
import { greenMayGo } from './restore-blue.js';
import { takeOut, TAKE_OUT_CALLS } from './take-out.js';

type RemovedGreen = { readonly removed: readonly string[] };

export const REMOVE_GREEN = 'remove-green';

/** Removes what Spot left of green, once blue carries as much. */
export function removeGreen(release: ElastigroupRelease): EffectStep {
  return {
    type: 'effect',
    id: REMOVE_GREEN,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'remove what is left of green',
    calls: ['elbv2 deregisterTargets', ...TAKE_OUT_CALLS],
    run: async (context): Promise<RemovedGreen> => {
      const traffic = await observeTraffic(release, context);
      const { theirs } = await modesNow(release, context);
      const left = [
        ...(await greenLeft(release, context, traffic)),
        ...(theirs === undefined ? await launchedByTheMode(release, context, traffic) : []),
      ];
      const launching = await launchingBeyondTarget(release, context);
      if (launching > 0)
        await context.warn(
          'GREEN_STILL_LAUNCHING',
          `Spot still asks EC2 for ${launching} of green: should they ever come, detach them`,
        );
      if (left.length === 0) return { removed: [] };
      await drainWhatWasLeft(release, context, REMOVE_GREEN);
      const removed = await takeOut(release, context, {
        key: REMOVE_GREEN,
        instanceIds: left,
        guard: () => greenMayGo(release, context),
      });
      return { removed };
    },
  };
}

/** Of green, what was detached and runs on, as the spec says. */
export function leftRunning({ terminate }: ElastigroupRelease, { state }: StepContext): ReadonlySet<string> {
  const detached = state.operations.get(`${REMOVE_GREEN}/detach`);
  return new Set(terminate || detached === undefined || detached.status === 'refused' ? [] : detached.token.split(','));
}

interface Observation {
  readonly fleets: Fleets;
  /** Of what this rollout removed, what EC2 still runs: Spot lets it drain first. */
  readonly running: readonly string[];
}

export function awaitGreenGone(release: ElastigroupRelease): WaitStep<Observation> {
  return {
    type: 'wait',
    id: 'await-green-gone',
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until green is gone',
    within: () => AWAIT_GONE_MS,
    observe: async (context) => {
      const removed = removedGreen(context);
      const fleets = await observeFleets(release, context);
      const call = { signal: context.signal };
      const described = release.terminate ? await release.clouds.instances.describeInstances(removed, call) : [];
      return { fleets, running: described.filter(isAlive).map(({ instanceId }) => instanceId) };
    },
    judge: ({ fleets, running }, look, context) => {
      const left = new Set([
        ...fleets.green.map(({ instanceId }) => instanceId),
        ...removedGreen(context).filter((id) => fleets.members.has(id)),
        ...running,
      ]);
      if (left.size === 0) return { ready: null };
      const facts = { mode: fleets.mode?.state, green: { left: left.size } };
      if (!look.last) return { pending: `green left ${left.size}`, facts };
      const message = `green is still there: ${[...left].join(', ')}`;
      return { failed: new BlueGreenError('RESTORE_FAILED', message, { details: { instanceIds: [...left] } }) };
    },
  };
}

const removedGreen = (context: StepContext): readonly string[] =>
  context.output<RemovedGreen>(REMOVE_GREEN, 'undo')?.removed ?? [];

async function greenLeft(
  release: ElastigroupRelease,
  context: StepContext,
  { fleets, greenIds }: Traffic,
): Promise<readonly string[]> {
  const members = greenIds.filter((id) => fleets.members.has(id));
  if (members.length === 0) return [];
  const described = await release.clouds.instances.describeInstances(members, { signal: context.signal });
  return described.filter(isAlive).map(({ instanceId }) => instanceId);
}

/**
 * Instances that were launched for the mode and never got their tags: in the Elastigroup, not there before, launched
 * since the start, serving nowhere, and more than the captured target asks for. What stands in for lost blue stays.
 */
export async function launchedByTheMode(
  release: ElastigroupRelease,
  context: StepContext,
  traffic: Traffic,
): Promise<readonly string[]> {
  const captured = capturedBlue(context);
  const known = new Set([...captured.instanceIds, ...captured.otherMembers, ...traffic.greenIds]);
  const listed = await release.clouds.elastigroups.listInstances(release.spec.elastigroupId, {
    signal: context.signal,
  });
  const unknown = listed
    .filter(
      ({ instanceId, createdAt }) =>
        instanceId !== null &&
        !known.has(instanceId) &&
        Date.parse(createdAt ?? '') >= context.state.startedAt - CLOCK_SKEW_MS,
    )
    .sort((a, b) => Date.parse(b.createdAt ?? '') - Date.parse(a.createdAt ?? ''))
    .flatMap(({ instanceId }) => instanceId ?? []);
  const serving = new Set(healthyAnywhere(traffic.health, unknown));
  const isGreen = new Set(traffic.greenIds);
  const green = listed.filter(({ instanceId }) => instanceId !== null && isGreen.has(instanceId)).length;
  const surplus = listed.length - green - captured.capacity.target;
  return unknown.filter((id) => !serving.has(id)).slice(0, Math.max(0, surplus));
}
