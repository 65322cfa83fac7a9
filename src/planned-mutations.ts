import type { Outlook } from './engine/outlook.js';
import type { Plan } from './engine/plan.js';
import type { Step } from './engine/step.js';
import { toJson } from './internal/json.js';
import type { RolloutPlanMutation } from './rollout-plan.js';

/** What the steps that are not skipped would send. */
export function mutationsOf(
  steps: readonly Step[],
  skipped: ReadonlySet<string>,
  { sendings }: Pick<Outlook, 'sendings'>,
): readonly RolloutPlanMutation[] {
  return steps.flatMap((step) => {
    if (step.type !== 'effect' || skipped.has(step.id)) return [];
    return (step.calls ?? []).flatMap((call) =>
      sendings(step.id, call).map(({ request, notKnownYet, ifNeeded }): RolloutPlanMutation => {
        const { service, operation, route, body } = request;
        return {
          stepId: step.id,
          call,
          service,
          operation,
          ...(route === undefined ? {} : { route }),
          ...(body === undefined ? {} : { body: toJson(body) }),
          ...(notKnownYet.length === 0 ? {} : { notKnownYet }),
          ...(ifNeeded ? { ifNeeded: true } : {}),
        };
      }),
    );
  });
}

/** The steps of the way back, in the order in which they would be taken once every step had begun. */
export function wayBackOf({ steps }: Plan): readonly Step[] {
  return [...steps].reverse().flatMap((step) => (step.type === 'effect' ? (step.undo ?? []) : []));
}
