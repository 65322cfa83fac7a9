import { BlueGreenError } from '../errors/blue-green-error.js';
import type { EffectStep, ReadStep, StepContext, WaitStep } from '../engine/step.js';
import type { RolloutState } from '../engine/rollout-state.js';
import { AWAIT_GONE_MS } from './budgets.js';
import { capturedBlue } from './capture-blue.js';
import { deregisterOperation } from './deregister-operation.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { idSetOf } from './id-set.js';
import { healthyEverywhere, isAlive, observeHealth } from './observe-fleets.js';
import { isRegistered } from './observe-traffic.js';
import { besideOthers, modesNow } from './others-mode.js';
import { provenGreen } from './proven-green.js';
import { whyNotReleased } from './stray-release.js';
import { takeOut, TAKE_OUT_CALLS } from './take-out.js';
import { statesIn } from './target-states.js';

export type FoundStrays = { readonly strays: readonly string[] };

export const findStraysId = (round: number): string => `find-strays/${round}`;
const settleStraysId = (round: number): string => `settle-strays/${round}`;

/** Instances of the Elastigroup that are neither captured blue nor proven green: told by id, never by number. */
export function findStrays(release: ElastigroupRelease, round: number): ReadStep {
  return {
    type: 'read',
    id: findStraysId(round),
    version: 1,
    stage: 'CLEAN_UP',
    title: 'look for instances that are neither blue nor green',
    when: (state) => round === 1 || straysIn(state, round - 1).length > 0,
    read: async (context): Promise<FoundStrays> => {
      const strays = await currentStrays(release, context);
      const theirs = strays.length > 0 ? (await modesNow(release, context)).theirs : undefined;
      if (theirs === undefined) return { strays };
      await context.warn('STRAYS_LEFT', besideOthers(strays, theirs));
      return { strays: [] };
    },
  };
}

export function settleStrays(release: ElastigroupRelease, round: number): EffectStep {
  return {
    type: 'effect',
    id: settleStraysId(round),
    version: 1,
    stage: 'CLEAN_UP',
    title: 'settle instances that are neither blue nor green',
    when: (state) => straysIn(state, round).length > 0,
    calls: release.strays === 'fail' ? [] : ['elbv2 deregisterTargets', ...TAKE_OUT_CALLS],
    run: async (context) => {
      const found = straysIn(context.state, round);
      const unreleased = whyNotReleased(context, round);
      // Meanwhile one may have been proven, or lost: Spot refuses to detach what it no longer has.
      const still = new Set(await currentStrays(release, context));
      const strays = found.filter((id) => still.has(id));
      if (unreleased !== undefined && strays.length > 0)
        await context.warn('STRAYS_NOT_RELEASED', `to be detached: ${strays.join(', ')}; ${unreleased}`);
      if (release.strays === 'fail') {
        const message = `the Elastigroup holds instances that are neither blue nor proven green: ${found.join(', ')}`;
        throw new BlueGreenError('STRAYS_FOUND', message, { details: { instanceIds: found } });
      }
      const key = settleStraysId(round);
      const guard = async (): Promise<void> => {
        await greenMustServe(release, context);
        const { theirs } = await modesNow(release, context);
        if (theirs === undefined) return;
        throw new BlueGreenError('STRAYS_FOUND', `left alone: ${besideOthers(strays, theirs)}`, {
          details: { instanceIds: strays },
        });
      };
      // Green on which the release failed may serve all the same: Spot would end it with users still sent there.
      for (const [arn, states] of statesIn(await observeHealth(release, context))) {
        const instanceIds = strays.filter((id) => isRegistered(states.get(id)));
        if (instanceIds.length > 0)
          await context.effect(
            deregisterOperation(release, context, { key: `${key}/${arn}`, arn, instanceIds, guard }),
          );
      }
      const taken = await takeOut(release, context, { key, instanceIds: strays, guard });
      return { taken };
    },
  };
}

export function awaitStraysGone(release: ElastigroupRelease, round: number): WaitStep<readonly string[]> {
  return {
    type: 'wait',
    id: `await-strays-gone/${round}`,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until those instances are gone',
    when: (state) => straysIn(state, round).length > 0,
    within: () => AWAIT_GONE_MS,
    observe: async (context) => {
      const strays = context.output<{ readonly taken: readonly string[] }>(settleStraysId(round))?.taken ?? [];
      const listed = await release.clouds.elastigroups.listInstances(release.spec.elastigroupId, {
        signal: context.signal,
      });
      const members = idSetOf(listed);
      return strays.filter((id) => members.has(id));
    },
    // What is still there is judged by the proof: only what serves can make the release fail.
    judge: (left, look) => (left.length === 0 || look.last ? { ready: { left } } : { pending: `${left.length} left` }),
  };
}

export async function currentStrays(release: ElastigroupRelease, context: StepContext): Promise<readonly string[]> {
  const { clouds, spec } = release;
  const call = { signal: context.signal };
  const listed = await clouds.elastigroups.listInstances(spec.elastigroupId, call);
  const known = new Set([...capturedBlue(context).instanceIds, ...(await provenGreen(release, context))]);
  const others = listed.flatMap(({ instanceId }) => (instanceId === null || known.has(instanceId) ? [] : [instanceId]));
  if (others.length === 0) return [];
  const alive = idSetOf((await clouds.instances.describeInstances(others, call)).filter(isAlive));
  return others.filter((id) => alive.has(id));
}

export function straysIn(state: RolloutState, round: number): readonly string[] {
  return (state.steps.get(findStraysId(round))?.output as FoundStrays | undefined)?.strays ?? [];
}

/** Nothing is taken away before proven green is seen to serve. */
export async function greenMustServe(release: ElastigroupRelease, context: StepContext): Promise<void> {
  const health = await observeHealth(release, context);
  if (healthyEverywhere(health, await provenGreen(release, context)).length > 0) return;
  throw new BlueGreenError(
    'PROOF_FAILED',
    'strays were left alone: no proven green instance is healthy in every production target group',
  );
}
