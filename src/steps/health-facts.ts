import type { Json } from '../internal/json.js';
import type { Health } from './observe-fleets.js';
import { statesIn } from './target-states.js';

/** Target health for machines: of each colour how many are in which state, in every production target group. */
export function healthFacts(health: Health, blueIds: readonly string[], greenIds: readonly string[]): Json {
  return statesIn(health).map(([arn, stateOf]) => {
    const count = (ids: readonly string[]): { readonly [state: string]: number } => {
      const states: Record<string, number> = {};
      for (const id of ids) {
        const state = stateOf.get(id);
        if (state !== undefined) states[state] = (states[state] ?? 0) + 1;
      }
      return states;
    };
    return { arn, blue: count(blueIds), green: count(greenIds) };
  });
}
