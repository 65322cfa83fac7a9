import { BlueGreenError } from '../errors/blue-green-error.js';
import type { EffectStep, StepContext, WaitStep } from '../engine/step.js';
import { AWAIT_BLUE_HEALTHY_MS } from './budgets.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { healthFacts } from './health-facts.js';
import { blueIsLeaving } from './mode-states.js';
import { observeFleets, observeHealth } from './observe-fleets.js';
import {
  blueBelowCapture,
  blueCarriesAsMuch,
  blueOut,
  isRegistered,
  observeTraffic,
  type Traffic,
} from './observe-traffic.js';
import { stoppedCodeDeploy } from './stop-codedeploy.js';
import { takenByAnother } from './taken-by-another.js';
import { statesIn, statesOf } from './target-states.js';

/** The last resort when neither CodeDeploy nor Spot put blue back: registers it in the target groups that it served in. */
export function restoreBlue(release: ElastigroupRelease): EffectStep {
  return {
    type: 'effect',
    id: 'restore-blue',
    version: 1,
    stage: 'CLEAN_UP',
    title: 'register blue again where it is missing',
    calls: ['elbv2 registerTargets'],
    run: async (context) => ({ registered: await registerMissingBlue(release, context, 'restore-blue') }),
  };
}

/** Registers captured blue that runs wherever it served and is missing; answers whom, by target group. */
export async function registerMissingBlue(
  release: ElastigroupRelease,
  context: StepContext,
  key: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { targetGroups } = release.clouds;
  const fleets = await observeFleets(release, context);
  const health = await observeHealth(release, context);
  const out = blueOut(context, fleets, health);
  const captured = capturedBlue(context);
  const registered: Record<string, readonly string[]> = {};
  for (const [arn, states] of statesIn(health)) {
    const ids = out.filter((id) => captured.health[arn]?.[id] !== undefined && !isRegistered(states.get(id)));
    if (ids.length === 0) continue;
    await context.effect({
      key: `${key}/${arn}`,
      call: 'elbv2 registerTargets',
      token: ids.join(','),
      settleMs: 10_000,
      find: async () => {
        const now = statesOf(await targetGroups.targetHealth(arn, { signal: context.signal }));
        return ids.every((id) => isRegistered(now.get(id))) ? { present: null } : 'absent';
      },
      send: async (call) => {
        await targetGroups.registerTargets(arn, ids, call);
        return null;
      },
    });
    registered[arn] = ids;
  }
  return registered;
}

/** Nothing of green is touched before blue is seen to serve as it did, or was never out of traffic. */
export function awaitBlueHealthy(release: ElastigroupRelease, id: string): WaitStep<Traffic> {
  return {
    type: 'wait',
    id,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until blue serves as it did',
    within: () => AWAIT_BLUE_HEALTHY_MS,
    observe: (context) => observeTraffic(release, context),
    judge: (traffic, look, context) => {
      const { fleets, health, greenIds } = traffic;
      if (blueIsLeaving(fleets.mode))
        return { pending: 'Spot is taking blue away', pivot: `Spot is taking blue away (${fleets.mode?.state})` };
      const neverOut = stoppedCodeDeploy(context).traffic === 'blue-only' && traffic.where === 'blue-only';
      const below = neverOut ? [] : blueBelowCapture(context, fleets, health);
      if (fleets.blueAlive.length > 0 && below.length === 0) return { ready: { alive: fleets.blueAlive } };
      const pending = `blue not serving yet: ${below.join(', ') || 'none is alive'}`;
      const facts = { mode: fleets.mode?.state, health: healthFacts(health, fleets.blueAlive, greenIds) };
      if (!look.last) return { pending, facts, urgent: true };
      const message = `${pending}; green was left where it is`;
      return { failed: new BlueGreenError('BLUE_NOT_SERVING', message, { details: { instanceIds: below } }) };
    },
  };
}

/** Whether green may go now: judged at this instant, right before anything is sent that makes it go. */
export async function greenMayGo(release: ElastigroupRelease, context: StepContext): Promise<void> {
  const traffic = await observeTraffic(release, context);
  const { fleets, health } = traffic;
  const no = (because: string): BlueGreenError =>
    new BlueGreenError('BLUE_NOT_SERVING', `green was left where it is: ${because}`);
  if (blueIsLeaving(fleets.mode)) throw no(`Spot is taking blue away (${fleets.mode?.state})`);
  const taken = await takenByAnother(release, context, fleets.mode);
  if (taken !== undefined) throw no(taken);
  if (fleets.blueAlive.length === 0) throw no('no captured blue instance is alive');
  const out = blueOut(context, fleets, health);
  if (out.length > 0) throw no(`blue is not registered: ${out.join(', ')}`);
  const from = capturedBlue(context).capacity;
  if (!blueCarriesAsMuch(traffic)) {
    throw no(
      `more of green than of blue is healthy in a production target group (${fleets.blueAlive.length} of ${from.target} blue are alive)`,
    );
  }
}
