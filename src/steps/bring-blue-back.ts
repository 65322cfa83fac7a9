import type { EffectStep, WaitStep } from '../engine/step.js';
import { CloudError } from '../errors/cloud-error.js';
import { blueIsKept } from './await-codedeploy.js';
import { BLUE_BACK_MS } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { healthFacts } from './health-facts.js';
import { blueIsLeaving } from './mode-states.js';
import { blueBelowCapture, observeTraffic, type Traffic } from './observe-traffic.js';
import { registerMissingBlue } from './restore-blue.js';

/**
 * While CodeDeploy keeps blue, puts it back into traffic beside green before anything is stopped: Spot may take green away as
 * soon as it sees the release stopped, and does not wait for blue. It is worth a try, and nothing depends on it.
 */
export function bringBlueBack(release: ElastigroupRelease): EffectStep {
  return {
    type: 'effect',
    id: 'bring-blue-back',
    version: 1,
    stage: 'CLEAN_UP',
    title: 'put blue back into traffic beside green',
    calls: ['elbv2 registerTargets'],
    when: blueIsKept,
    run: async (context) => {
      try {
        return { registered: await registerMissingBlue(release, context, 'bring-blue-back') };
      } catch (error) {
        // What follows registers it again, and must not be kept from stopping what will terminate blue.
        if (!CloudError.is(error)) throw error;
        return { registered: {}, because: error.message };
      }
    },
  };
}

export function awaitBlueBack(release: ElastigroupRelease): WaitStep<Traffic> {
  return {
    type: 'wait',
    id: 'await-blue-back',
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until blue serves beside green',
    when: blueIsKept,
    within: () => BLUE_BACK_MS,
    observe: (context) => observeTraffic(release, context),
    judge: ({ fleets, health, greenIds }, look, context) => {
      if (blueIsLeaving(fleets.mode))
        return { pending: 'Spot is taking blue away', pivot: `Spot is taking blue away (${fleets.mode?.state})` };
      const below = blueBelowCapture(context, fleets, health);
      if (below.length === 0 || look.last) return { ready: { below } };
      const facts = { health: healthFacts(health, fleets.blueAlive, greenIds) };
      return { pending: `blue not serving yet: ${below.join(', ')}`, facts, urgent: true };
    },
  };
}
