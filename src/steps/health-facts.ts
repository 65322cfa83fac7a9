import type { Json } from '../internal/json.js';
import { stateIn, type Health } from './observe-fleets.js';

/** Target health for machines: of each colour how many are in which state, in every production target group. */
export function healthFacts(health: Health, blueIds: readonly string[], greenIds: readonly string[]): Json {
  return [...health].map(([arn, targets]) => {
    const count = (ids: readonly string[]): { readonly [state: string]: number } => {
      const states: Record<string, number> = {};
      for (const id of ids) {
        const state = stateIn(targets, id);
        if (state !== undefined) states[state] = (states[state] ?? 0) + 1;
      }
      return states;
    };
    return { arn, blue: count(blueIds), green: count(greenIds) };
  });
}
