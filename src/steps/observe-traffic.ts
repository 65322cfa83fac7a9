import type { StepContext } from '../engine/step.js';
import { foundGreen } from './await-green.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { observeFleets, observeHealth, type Fleets, type Health } from './observe-fleets.js';
import { preflightFacts } from './preflight.js';
import { statesIn } from './target-states.js';

/** Where users are served from, told by target health alone. */
export interface Traffic {
  readonly where: 'blue-only' | 'mixed-or-green';
  readonly fleets: Fleets;
  readonly health: Health;
  /** Every instance that is, or was, green in this rollout and may still stand. */
  readonly greenIds: readonly string[];
}

/** States in which a target is in a target group and not on its way out of it. */
const REGISTERED: ReadonlySet<string> = new Set(['initial', 'healthy', 'unhealthy', 'unavailable', 'unused']);

export const isRegistered = (state: string | undefined): boolean => state !== undefined && REGISTERED.has(state);

export async function observeTraffic(release: ElastigroupRelease, context: StepContext): Promise<Traffic> {
  const fleets = await observeFleets(release, context);
  const health = await observeHealth(release, context);
  const greenIds = greenIdsOf(context, fleets);
  const out = blueOut(context, fleets, health);
  const taking = greenTaking(context, health, greenIds);
  return { where: out.length === 0 && taking.length === 0 ? 'blue-only' : 'mixed-or-green', fleets, health, greenIds };
}

/** Captured blue that still runs and is no longer registered in a target group that it served in. */
export function blueOut(context: StepContext, { blueAlive }: Fleets, health: Health): readonly string[] {
  const captured = capturedBlue(context);
  const groups = statesIn(health);
  return blueAlive.filter((id) =>
    groups.some(([arn, states]) => captured.health[arn]?.[id] !== undefined && !isRegistered(states.get(id))),
  );
}

/**
 * Captured blue that still runs and does not serve as it did: not healthy in a target group in which it was healthy, or
 * not registered in one in which it was.
 */
export function blueBelowCapture(context: StepContext, { blueAlive }: Fleets, health: Health): readonly string[] {
  const captured = capturedBlue(context);
  const groups = statesIn(health);
  return blueAlive.filter((id) =>
    groups.some(([arn, states]) => {
      const was = captured.health[arn]?.[id];
      const is = states.get(id);
      return was === 'healthy' ? is !== 'healthy' : was !== undefined && !isRegistered(is);
    }),
  );
}

/** In every production target group, at least as many of blue as of green are healthy: without green nothing gets smaller. */
export function blueCarriesAsMuch({
  fleets,
  health,
  greenIds,
}: Pick<Traffic, 'fleets' | 'health' | 'greenIds'>): boolean {
  const blue = new Set(fleets.blueAlive);
  const green = new Set(greenIds);
  return [...health.values()].every((targets) => {
    const healthy = targets.filter(({ state }) => state === 'healthy').map(({ targetId }) => targetId);
    return healthy.filter((id) => blue.has(id)).length >= healthy.filter((id) => green.has(id)).length;
  });
}

export function greenIdsOf(context: StepContext, fleets: Fleets): readonly string[] {
  const known = foundGreen(context)?.instanceIds ?? [];
  const seen = [...fleets.green, ...fleets.taggedElsewhere].map(({ instanceId }) => instanceId);
  return [...new Set([...known, ...seen])];
}

/** Green that users may reach. Where Spot registers at launch, only a healthy target says that traffic has moved. */
function greenTaking(context: StepContext, health: Health, greenIds: readonly string[]): readonly string[] {
  const { registeredAtLaunch } = preflightFacts(context);
  const groups = statesIn(health);
  return greenIds.filter((id) =>
    groups.some(([arn, states]) => {
      const state = states.get(id);
      return registeredAtLaunch.includes(arn) ? state === 'healthy' : isRegistered(state);
    }),
  );
}
