import type { RolloutPlan, RolloutPlanCalls, RolloutPlanMutation } from '../rollout-plan.js';
import { cleanLine, cleanText } from './clean-text.js';
import { rows, section } from './text-block.js';

/** What a plan would send, how often it would ask, and what it needs permission for. */
export function planCalls({ mutations, unwinding, calls, permissions }: RolloutPlan): readonly string[] {
  const { iam, spot } = permissions;
  return [
    ...section('What would be sent', rows(mutationRows(mutations))),
    ...section('On the way back', rows(mutationRows(unwinding))),
    ...section('How often the clouds are called', rows(calls.map(callRow))),
    ...section('IAM policy', jsonLines(iam)),
    ...section('Spot permissions', [
      ...rows(spot.calls.map(({ call, route }) => [cleanLine(call), cleanLine(route)])),
      ...jsonLines(spot.policy),
    ]),
  ];
}

/** Rounds of one step send the same but for their number: the first stands for all of them. */
function mutationRows(mutations: readonly RolloutPlanMutation[]): ReadonlyArray<readonly [string, string]> {
  const rounds = new Map<string, { readonly first: RolloutPlanMutation; times: number }>();
  for (const mutation of mutations) {
    const { stepId, call, body } = mutation;
    const { TargetGroupArn = '' } = (body ?? {}) as { readonly TargetGroupArn?: string };
    const key = `${stepId.replace(/\/\d+$/, '')} ${call} ${TargetGroupArn}`;
    const known = rounds.get(key);
    if (known === undefined) rounds.set(key, { first: mutation, times: 1 });
    else known.times += 1;
  }
  return [...rounds.values()].map(({ first, times }) => [mutationLabel(first), mutationText(first, times)]);
}

function mutationLabel({ stepId, ifNeeded }: RolloutPlanMutation): string {
  return `${cleanLine(stepId)}${ifNeeded === true ? ', if needed' : ''}`;
}

function mutationText(
  { service, operation, route, body, notKnownYet = [] }: RolloutPlanMutation,
  times: number,
): string {
  return [
    `${cleanLine(route === undefined ? `${service} ${operation}` : `${service} ${route}`)}${times > 1 ? `, up to ${times} times` : ''}`,
    ...(body === undefined ? [] : [cleanLine(JSON.stringify(body))]),
    ...notKnownYet.map(({ field, because }) => `${cleanLine(field)} is known later: ${cleanLine(because)}`),
  ].join('\n');
}

function callRow({
  service,
  operation,
  atLeast,
  atMost,
  perMinuteOfWaiting,
}: RolloutPlanCalls): readonly [string, string] {
  const label = cleanLine(`${service} ${operation}`);
  if (perMinuteOfWaiting !== undefined)
    return [label, `at least ${atLeast}, and up to ${perMinuteOfWaiting} a minute while something is waited for`];
  return [label, atMost === undefined || atMost === atLeast ? `${atLeast}` : `${atLeast} to ${atMost}`];
}

/** A line end within a string is escaped in JSON: none of it can look like a line of ours. */
const jsonLines = (value: unknown): readonly string[] => cleanText(JSON.stringify(value, null, 2)).split('\n');
