import type { BlueGreenError } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';
import type { StepContext } from './step.js';

/** A point at which the rollout stands still until somebody says yes. */
export interface Hold {
  /** Engine time at which a cloud's own limit would end the standstill: the way back begins before that. */
  readonly until: (context: StepContext) => number | undefined;
  /** Looks at what stands still: whether something else has ended it meanwhile. */
  readonly look: (context: StepContext) => Promise<HeldView>;
  /** The same look, with what whoever has to answer is shown. */
  readonly inspect: (context: StepContext) => Promise<InspectedView>;
}

export interface HeldView {
  readonly failed?: BlueGreenError | undefined;
  /** The fact after which blue can no longer carry the load, if it has come about. */
  readonly pivot?: string | undefined;
  /** When something that guards the standstill is to be asked again, in milliseconds from the look on. */
  readonly lookAgainInMs?: number | undefined;
}

export interface InspectedView extends HeldView {
  /** What is there now, without any time in it; undefined where it could not be looked at this time. */
  readonly evidence?: Json | undefined;
}

/** Where nothing is under way that could end. */
export const NOTHING_HELD: HeldView = Object.freeze({});
