import * as v from 'valibot';
import { STAGES, type LifecycleStage } from '../engine/stages.js';
import type { Duration } from '../policies/duration.js';

/** A point at which the rollout stands still until somebody answers. Silence never passes. */
export type GateSpec = {
  /** What the answer names. */
  readonly name: string;
  /** It stands before the first step of this stage, or of a later one. */
  readonly before: LifecycleStage;
  /**
   * How long an answer is waited for.
   * @defaultValue '24h', shortened so that the rollout is taken back before any cloud's own limit ends it
   */
  readonly expiresIn?: Duration | undefined;
  /**
   * What happens when nobody has answered by then. `unwind`: the release is taken back. `hold`: a warning, and the gate
   * stays open until somebody answers, or until a cloud's own limit comes near: then the release is taken back all the same.
   * @defaultValue 'unwind'
   */
  readonly onExpiry?: 'unwind' | 'hold' | undefined;
  /**
   * Whether a yes has to name the hash of what it is given for: see `gates` of the status. `required`: one without it, or
   * with another than the latest, is refused. With `optional` only a hash that is given must be the latest. A no never
   * needs one.
   * @defaultValue 'optional'
   */
  readonly evidence?: 'required' | 'optional' | undefined;
};

const DURATION = "a number of milliseconds, or a duration such as '90s', '15m' or '2h'";

export const durationSchema = v.union(
  [
    v.pipe(v.number(), v.finite(DURATION), v.minValue(0, DURATION)),
    v.pipe(v.string(), v.regex(/^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/, DURATION)),
  ],
  DURATION,
);

export const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100, 'a number from 0 to 100'));

export const gateSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/, 'up to 64 letters, digits, dots, dashes and underscores')),
  before: v.picklist(STAGES),
  expiresIn: v.optional(durationSchema),
  onExpiry: v.optional(v.picklist(['unwind', 'hold'])),
  evidence: v.optional(v.picklist(['required', 'optional'])),
});
