import type { Call } from '../ports/call.js';
import type { TargetGroup } from '../ports/target-groups.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import type { Finding } from './findings.js';

/**
 * What else serves: a release is out when everything healthy is proven green, which can never be said where somebody
 * else's instances serve too. Found afterwards, it would be too late to go back.
 */
export async function checkTargetGroups(
  { clouds }: ElastigroupRelease,
  targetGroups: readonly TargetGroup[],
  members: readonly string[],
  call: Call,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const isMember = new Set(members);
  for (const { arn, name } of targetGroups) {
    const others = (await clouds.targetGroups.targetHealth(arn, call))
      .filter(({ targetId, state }) => state === 'healthy' && !isMember.has(targetId))
      .map(({ targetId }) => targetId);
    if (others.length === 0) continue;
    findings.push({
      check: 'target group',
      found: `instances that are none of this Elastigroup’s are healthy in ${name} (${others.join(', ')})`,
      fix: 'Deregister them, or give the Elastigroup a target group of its own.',
    });
  }
  return findings;
}
