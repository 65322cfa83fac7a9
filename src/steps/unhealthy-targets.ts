import type { StepContext } from '../engine/step.js';
import type { CodeDeployTarget } from '../ports/code-deploy.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { preflightFacts } from './preflight.js';

/** A green instance that the load balancer does not take for healthy although CodeDeploy has registered it. */
export type UnhealthyTarget = {
  readonly instanceId: string;
  readonly targetGroup: string;
  readonly state: string;
  readonly reason: string | null;
  readonly description: string | null;
};

const UNDER_WAY: ReadonlySet<string> = new Set(['InProgress', 'Failed']);

/**
 * What the load balancer says of green that CodeDeploy is putting into traffic, or could not: CodeDeploy gives a target an
 * hour to get healthy, and does not tell why it does not. The load balancer is only asked while that is so.
 */
export async function observeUnhealthy(
  { clouds }: ElastigroupRelease,
  context: StepContext,
  targets: readonly CodeDeployTarget[],
): Promise<readonly UnhealthyTarget[]> {
  const entering = targets.filter(
    ({ colour, events }) =>
      colour !== 'Blue' && events.some(({ name, status }) => name === 'AllowTraffic' && UNDER_WAY.has(status)),
  );
  if (entering.length === 0) return [];
  const ids = new Set(entering.map(({ instanceId }) => instanceId));
  const found: UnhealthyTarget[] = [];
  for (const { arn, name } of preflightFacts(context).targetGroups) {
    const health = await clouds.targetGroups.targetHealth(arn, { signal: context.signal });
    for (const { targetId, state, reason = null, description = null } of health)
      if (ids.has(targetId) && state !== 'healthy')
        found.push({ instanceId: targetId, targetGroup: name, state, reason, description });
  }
  for (const target of found.filter(({ state }) => state === 'unhealthy'))
    await context.warn('GREEN_UNHEALTHY', `${targetTold(target)}; CodeDeploy waits for up to an hour`);
  return found;
}

export function targetTold({ instanceId, targetGroup, state, reason, description }: UnhealthyTarget): string {
  const why = [reason, description].filter((part) => part !== null).join(': ');
  return `${instanceId} is ${state} in ${targetGroup}${why === '' ? '' : ` (${why})`}`;
}
