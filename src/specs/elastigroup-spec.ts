import * as v from 'valibot';
import { durationSchema, gateSchema, percent, type GateSpec } from './common-schemas.js';
import { codeDeployReleaseSchema, type CodeDeployRelease } from './code-deploy-release.js';
import type { Duration } from '../policies/duration.js';

/**
 * A release onto one Elastigroup: Spot launches green beside blue, CodeDeploy releases onto it and moves the traffic,
 * Spot takes blue away.
 */
export type ElastigroupSpec = {
  readonly kind: 'elastigroup';
  /** The Elastigroup, `sig-…`. */
  readonly elastigroupId: string;
  /**
   * What tells green from blue: every blue instance must carry each of these keys with another value, and the deployment
   * group's own filter must not match them. Without a value the rollout's id is used, which differs from everything alive.
   */
  readonly green:
    | { readonly tagKey: string; readonly value?: string | undefined }
    | { readonly tagKey: string; readonly alternate: readonly [string, string] }
    | { readonly tags: Readonly<Record<string, string>> };
  /** What CodeDeploy is to release, and through which deployment group. */
  readonly codeDeploy: CodeDeployRelease;
  /**
   * Refuses a deployment group that does not wait in Ready before traffic moves.
   * @defaultValue false
   */
  readonly requireReadyWait?: boolean | undefined;
  /**
   * Of green that must carry the revision, in percent.
   * @defaultValue 100
   */
  readonly minimumHealthyPercent?: number | undefined;
  /**
   * Spot's own limit for the deployment mode. One that is shorter than what the waits inside it may take is refused.
   * @defaultValue 'derived'
   */
  readonly modeTimeout?: Duration | 'derived' | undefined;
  /**
   * How long the same green must be seen by its tags before CodeDeploy is asked to release onto it.
   * @defaultValue '60s'
   */
  readonly tagSettle?: Duration | undefined;
  /**
   * What becomes of instances that are neither captured blue nor proven green.
   * @defaultValue 'retire'
   */
  readonly strays?: 'retire' | 'fail' | undefined;
  /** How the library detaches instances when it has to do so itself. */
  readonly detach?:
    | {
        /** Whether detached instances are terminated. @defaultValue true */
        readonly terminate?: boolean | undefined;
        /**
         * Left out, the library arranges the target so that Spot launches nothing in their place and takes nothing else away.
         */
        readonly decrementTargetCapacity?: boolean | undefined;
        /** Spot's own draining, in whole seconds. */
        readonly drainingTimeout?: Duration | undefined;
      }
    | undefined;
  /**
   * Names of CloudWatch alarms, metric or composite, at most ten. One that fires while
   * CodeDeploy releases takes the release back; CodeDeploy is told of them too, and watches when this process is dead.
   */
  readonly alarms?: readonly string[] | undefined;
  /** Points at which somebody must say yes. */
  readonly gates?: readonly GateSpec[] | undefined;
};

const tag = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const tagKey = v.pipe(v.string(), v.minLength(1), v.maxLength(128));

export const elastigroupSpecSchema = v.strictObject({
  kind: v.literal('elastigroup'),
  elastigroupId: v.pipe(v.string(), v.regex(/^sig-[0-9a-zA-Z]+$/, 'an Elastigroup id such as sig-1a2b3c4d')),
  green: v.union(
    [
      v.strictObject({ tagKey, value: v.optional(tag) }),
      v.strictObject({
        tagKey,
        alternate: v.pipe(
          v.strictTuple([tag, tag]),
          v.check(([a, b]) => a !== b, 'two different values'),
        ),
      }),
      v.strictObject({
        tags: v.pipe(v.record(tagKey, tag), v.minEntries(1, 'one to three tags'), v.maxEntries(3, 'one to three tags')),
      }),
    ],
    '{ tagKey, value? }, { tagKey, alternate: [value, other value] } or { tags: { key: value } } with one to three tags',
  ),
  codeDeploy: codeDeployReleaseSchema,
  requireReadyWait: v.optional(v.boolean()),
  minimumHealthyPercent: v.optional(percent),
  modeTimeout: v.optional(v.union([v.literal('derived'), durationSchema], "'derived', or a duration such as '2h'")),
  tagSettle: v.optional(durationSchema),
  strays: v.optional(v.picklist(['retire', 'fail'])),
  detach: v.optional(
    v.strictObject({
      terminate: v.optional(v.boolean()),
      decrementTargetCapacity: v.optional(v.boolean()),
      drainingTimeout: v.optional(durationSchema),
    }),
  ),
  alarms: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(255))),
      v.check((names) => names.length <= 10 && new Set(names).size === names.length, 'at most ten names that differ'),
    ),
  ),
  gates: v.optional(
    v.pipe(
      v.array(gateSchema),
      v.check((gates) => new Set(gates.map((gate) => gate.name)).size === gates.length, 'gates whose names differ'),
    ),
  ),
});
