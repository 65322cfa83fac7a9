import type { TargetHealth } from '../ports/target-groups.js';

/** The state of each target by its id, where many are asked for; of one with several ports the first that is told. */
export function statesOf(targets: readonly TargetHealth[]): ReadonlyMap<string, string> {
  const states = new Map<string, string>();
  for (const { targetId, state } of targets) if (!states.has(targetId)) states.set(targetId, state);
  return states;
}

/** The same in every target group, with its ARN. */
export function statesIn(
  health: ReadonlyMap<string, readonly TargetHealth[]>,
): ReadonlyArray<readonly [arn: string, states: ReadonlyMap<string, string>]> {
  return [...health].map(([arn, targets]) => [arn, statesOf(targets)]);
}
