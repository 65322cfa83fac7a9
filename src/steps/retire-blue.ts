import { BlueGreenError } from '../errors/blue-green-error.js';
import type { EffectStep, StepContext, WaitStep } from '../engine/step.js';
import type { RolloutState } from '../engine/rollout-state.js';
import {
  AWAIT_BLUE_RETIRED_MS,
  AWAIT_GONE_MS,
  CONFIRMATION_MS,
  RELEASE_ATTEMPTS,
  RETIREMENT_GRACE_MS,
} from './budgets.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { hasEnded, isGoingBack } from './mode-states.js';
import { healthyEverywhere, observeFleets, observeHealth, type Fleets } from './observe-fleets.js';
import { preflightFacts } from './preflight.js';
import { provenGreen } from './proven-green.js';
import { ourDeploymentId } from './release-green.js';
import { takeOut, TAKE_OUT_CALLS } from './take-out.js';
import { statesIn } from './target-states.js';

export const AWAIT_BLUE_RETIRED = 'await-blue-retired';

type Retirement = { readonly left: readonly string[] };

interface Observation {
  readonly fleets: Fleets;
  /** CodeDeploy says Succeeded and keeps blue for a while all the same, as the deployment group has it. */
  readonly codeDeployKeepsBlue: boolean;
}

/** Leaves it to Spot to take blue away, and stops waiting for that when nothing more happens. */
export function awaitBlueRetired(release: ElastigroupRelease): WaitStep<Observation> {
  return {
    type: 'wait',
    id: AWAIT_BLUE_RETIRED,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until Spot has taken blue away',
    within: (context) => AWAIT_BLUE_RETIRED_MS + (preflightFacts(context).terminationWaitMs ?? 0),
    observe: async (context) => {
      const id = ourDeploymentId(context, RELEASE_ATTEMPTS);
      const deployment = await release.clouds.codeDeploy.readDeployment(id, { signal: context.signal });
      const codeDeployKeepsBlue = deployment.instanceTerminationWaitStarted && deployment.completedAt === undefined;
      return { fleets: await observeFleets(release, context), codeDeployKeepsBlue };
    },
    judge: ({ fleets, codeDeployKeepsBlue }, look, context) => {
      const { mode } = fleets;
      const left = leftOfBlue(fleets, context);
      // Once it is over, the only question left is whether green carries: that is asked before anything is detached.
      if (isGoingBack(mode) && !hasEnded(mode)) return { failed: modeTurned(mode?.state) };
      if (left.length === 0 && hasEnded(mode)) return { ready: { left } satisfies Retirement };
      const seen = `${mode?.state ?? 'the mode is over'}; blue left ${left.length}`;
      const memo = (look.memo ?? {}) as { seen?: string; since?: number };
      const since = memo.seen === seen && memo.since !== undefined ? memo.since : look.at;
      const keptMs = codeDeployKeepsBlue ? (preflightFacts(context).terminationWaitMs ?? 0) : 0;
      const graceMs = keptMs + (hasEnded(mode) ? CONFIRMATION_MS * 6 : RETIREMENT_GRACE_MS);
      if (look.at - since >= graceMs || look.last) return { ready: { left } satisfies Retirement };
      const facts = { mode: mode?.state, blue: { left: left.length } };
      return { pending: seen, facts, memo: { seen, since } };
    },
  };
}

export function retireBlue(release: ElastigroupRelease): EffectStep {
  return {
    type: 'effect',
    id: 'retire-blue',
    version: 1,
    stage: 'CLEAN_UP',
    title: 'detach what Spot left of blue',
    when: someBlueLeft,
    calls: TAKE_OUT_CALLS,
    run: async (context) => {
      const left = context.output<Retirement>(AWAIT_BLUE_RETIRED)?.left ?? [];
      const taken = await takeOut(release, context, {
        key: 'retire-blue',
        instanceIds: left,
        guard: () => greenMustCarry(release, context),
      });
      return { taken };
    },
  };
}

export function awaitBlueGone(release: ElastigroupRelease): WaitStep<Fleets> {
  return {
    type: 'wait',
    id: 'await-blue-gone',
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until blue is gone',
    when: someBlueLeft,
    within: () => AWAIT_GONE_MS,
    observe: (context) => observeFleets(release, context),
    judge: (fleets, look, context) => {
      const left = leftOfBlue(fleets, context);
      if (left.length > 0) {
        const message = `captured blue is still in the Elastigroup: ${left.join(', ')}`;
        if (look.last)
          return { failed: new BlueGreenError('RETIRE_FAILED', message, { details: { instanceIds: left } }) };
        return { pending: `blue left ${left.length}` };
      }
      const { since = look.at } = (look.memo ?? {}) as { since?: number };
      if (hasEnded(fleets.mode) || look.at - since >= CONFIRMATION_MS * 6)
        return { ready: { mode: fleets.mode?.state ?? null } };
      return { pending: `blue is gone; Spot says ${fleets.mode?.state}`, memo: { since } };
    },
  };
}

function someBlueLeft(state: RolloutState): boolean {
  const retirement = state.steps.get(AWAIT_BLUE_RETIRED)?.output as Retirement | undefined;
  return (retirement?.left.length ?? 0) > 0;
}

/** Captured blue that still stands in the Elastigroup: by id, in both clouds. */
function leftOfBlue({ members, blueAlive }: Fleets, context: StepContext): readonly string[] {
  const alive = new Set(blueAlive);
  return capturedBlue(context).instanceIds.filter((id) => alive.has(id) && members.has(id));
}

/**
 * Blue is only ever detached while at least as many of proven green are healthy in every production target group as blue
 * had there, and as blue has now.
 */
async function greenMustCarry(release: ElastigroupRelease, context: StepContext): Promise<void> {
  const health = await observeHealth(release, context);
  const proven = await provenGreen(release, context);
  const { healthyCount, instanceIds } = capturedBlue(context);
  const green = healthyEverywhere(health, proven).length;
  for (const [arn, states] of statesIn(health)) {
    const blueNow = instanceIds.filter((id) => states.get(id) === 'healthy').length;
    const needed = Math.max(healthyCount[arn] ?? 0, blueNow);
    if (green >= needed) continue;
    const message = `blue was left alone: ${green} of proven green are healthy, and blue had ${needed} in ${arn}`;
    throw new BlueGreenError('RETIRE_FAILED', message, { details: { green, needed, targetGroup: arn } });
  }
}

function modeTurned(state: string | undefined): BlueGreenError {
  const message = `the release is out, and Spot turned back all the same (${state ?? 'absent'}): nothing more was touched`;
  return new BlueGreenError('DEPLOYMENT_MODE_FAILED', message, { details: { state: state ?? null } });
}
