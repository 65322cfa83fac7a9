import type { Plan } from '../engine/plan.js';
import type { RolloutSpec } from '../specs/parse-spec.js';
import type { Clouds, Surroundings } from '../steps/elastigroup-release.js';
import { elastigroupPlan } from './elastigroup-plan.js';

/** The only place that asks for the kind. */
export function choosePlan(rolloutId: string, spec: RolloutSpec, clouds: Clouds, surroundings: Surroundings): Plan {
  switch (spec.kind) {
    case 'elastigroup':
      return elastigroupPlan(rolloutId, spec, clouds, surroundings);
  }
}
