import { BlueGreenError } from '../errors/blue-green-error.js';
import type { EffectStep, StepContext, WaitStep } from '../engine/step.js';
import { AWAIT_DRAINED_MS } from './budgets.js';
import { deregisterOperation } from './deregister-operation.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { healthFacts } from './health-facts.js';
import type { Health } from './observe-fleets.js';
import { isRegistered, observeTraffic, type Traffic } from './observe-traffic.js';
import { preflightFacts } from './preflight.js';
import { greenMayGo } from './restore-blue.js';
import { statesIn } from './target-states.js';

const DRAIN_GREEN = 'drain-green';

/**
 * Takes green out of traffic before anything takes it away: Spot knows the Elastigroup's own target groups, not those that
 * CodeDeploy registered green in, and would end instances to which users are still sent.
 */
export function drainGreen(release: ElastigroupRelease): EffectStep {
  return {
    type: 'effect',
    id: DRAIN_GREEN,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'take green out of traffic',
    calls: ['elbv2 deregisterTargets'],
    run: async (context) => {
      const { health, greenIds } = await observeTraffic(release, context);
      const deregistered: Record<string, readonly string[]> = {};
      try {
        await outOfTraffic(release, context, { key: DRAIN_GREEN, health, instanceIds: greenIds, deregistered });
      } catch (error) {
        // Green stays in traffic then: whoever would take it away asks the same again, and Spot may be at it already.
        if (BlueGreenError.is(error) && error.code === 'BLUE_NOT_SERVING') return { deregistered, left: error.message };
        throw error;
      }
      return { deregistered };
    },
  };
}

/** What had to stay in traffic, because blue carried less, may go later: not while users are still sent to it. */
export async function drainWhatWasLeft(release: ElastigroupRelease, context: StepContext, key: string): Promise<void> {
  if (context.output<{ readonly left?: string }>(DRAIN_GREEN, 'undo')?.left === undefined) return;
  const { health, greenIds } = await observeTraffic(release, context);
  await outOfTraffic(release, context, { key, health, instanceIds: greenIds });
}

/** Takes instances out of every target group in which they are registered, if green may go. */
async function outOfTraffic(
  release: ElastigroupRelease,
  context: StepContext,
  {
    key,
    health,
    instanceIds,
    deregistered = {},
  }: {
    readonly key: string;
    readonly health: Health;
    readonly instanceIds: readonly string[];
    /** Told what was taken out, group by group. */
    readonly deregistered?: Record<string, readonly string[]>;
  },
): Promise<void> {
  const guard = (): Promise<void> => greenMayGo(release, context);
  for (const [arn, states] of statesIn(health)) {
    const ids = instanceIds.filter((id) => isRegistered(states.get(id)));
    if (ids.length === 0) continue;
    await context.effect(deregisterOperation(release, context, { key: `${key}/${arn}`, arn, instanceIds: ids, guard }));
    deregistered[arn] = ids;
  }
}

export function awaitGreenDrained(release: ElastigroupRelease): WaitStep<Traffic> {
  return {
    type: 'wait',
    id: 'await-green-drained',
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until green has answered its last requests',
    within: (context) => AWAIT_DRAINED_MS + longestDrainingMs(context),
    observe: (context) => observeTraffic(release, context),
    // Whoever is still connected after the draining time is cut off by the load balancer itself.
    judge: ({ fleets, health, greenIds }, look) => {
      const left = stillListed(health, greenIds);
      if (left.length === 0 || look.last) return { ready: { left } };
      const facts = { mode: fleets.mode?.state, health: healthFacts(health, fleets.blueAlive, greenIds) };
      return { pending: `draining ${left.length}`, facts };
    },
  };
}

function stillListed(health: Health, greenIds: readonly string[]): readonly string[] {
  const listed = (state: string | undefined): boolean =>
    isRegistered(state) || state === 'draining' || state === 'unhealthy.draining';
  const groups = statesIn(health);
  return greenIds.filter((id) => groups.some(([, states]) => listed(states.get(id))));
}

function longestDrainingMs(context: StepContext): number {
  return Math.max(0, ...preflightFacts(context).targetGroups.map(({ deregistrationDelayMs }) => deregistrationDelayMs));
}
