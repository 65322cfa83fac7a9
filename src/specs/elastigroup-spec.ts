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
   * How long the CodeDeploy agent of a green instance may leave a lifecycle event that is its turn Pending; more than none.
   * Beyond that the instance counts as failed. CodeDeploy itself waits for at least five minutes. Longer is right for images
   * on which the agent starts late.
   * @defaultValue '4m'
   */
  readonly agentTimeout?: Duration | undefined;
  /**
   * What becomes of the release when green is lost before traffic moves, reclaimed for one. `tolerate`: it goes on while
   * what is left meets `minimumHealthyPercent`, and unwinds otherwise. `unwind`: it unwinds, whatever is left. `replace`: as
   * long as CodeDeploy has not been asked, Spot's replacement is waited for, tagged green and released onto; later, what is
   * left must meet `minimumHealthyPercent`, and `strays` is `release` by default, which puts the revision onto the
   * replacement at the end. What Spot does not replace within ten minutes unwinds.
   * @defaultValue 'tolerate'
   */
  readonly onInterruption?: 'replace' | 'tolerate' | 'unwind' | undefined;
  /**
   * What becomes of instances that are neither captured blue nor proven green, such as replacements that Spot launched
   * during the release. `retire`: they are detached. `release`: a further CodeDeploy deployment puts the revision onto
   * exactly them, and they stay; those onto which that cannot be done safely, or on which it fails, are detached. `fail`:
   * the release fails.
   * @defaultValue 'retire', and 'release' with `onInterruption: 'replace'`
   */
  readonly strays?: 'retire' | 'release' | 'fail' | undefined;
  /**
   * Takes over a deployment mode that a person has started with these green tags, for this deployment group alone, and
   * that waits for a release or is on its way there. Any other mode that runs is refused; without one this changes nothing.
   * `green` must then say the value.
   * @defaultValue false
   */
  readonly adopt?: boolean | undefined;
  /**
   * What to do when exactly this revision is proven to serve already. `skip`: nothing is touched and the outcome is
   * `succeeded`, with the warning `RELEASE_SKIPPED`. An S3 object proves to be the same by `version` or `eTag`, never by its
   * key alone.
   * @defaultValue 'deploy'
   */
  readonly onSameRevision?: 'deploy' | 'skip' | undefined;
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
   * Processes of Spot's that are to stand still: throughout the release, each time for `ttl` (at least one minute, renewed
   * while the release goes on), or `'bake-only'`: AUTO_HEALING while CodeDeploy keeps blue after traffic, because blue that
   * is out of traffic looks ill; `false`: none. At the end exactly what was suspended before is suspended again.
   * @defaultValue 'bake-only'
   */
  readonly suspend?:
    | { readonly processes: readonly ElastigroupProcess[]; readonly ttl: Duration }
    | 'bake-only'
    | false
    | undefined;
  /**
   * How long green is watched carrying the load while blue still stands, once every gate and hook after traffic has said
   * yes. Needs a deployment group that keeps blue for longer than this (`terminationWaitTimeInMinutes`), whose wait is then
   * ended. Left out, the deployment group's own wait runs its length.
   */
  readonly bake?: Duration | undefined;
  /**
   * Names of CloudWatch alarms, metric or composite, at most ten. One that fires while
   * CodeDeploy releases takes the release back; CodeDeploy is told of them too, and watches when this process is dead.
   */
  readonly alarms?: readonly string[] | undefined;
  /** Points at which somebody must say yes. */
  readonly gates?: readonly GateSpec[] | undefined;
};

const PROCESSES = [
  'AUTO_SCALE',
  'AUTO_HEALING',
  'OUT_OF_STRATEGY',
  'PREVENTIVE_REPLACEMENT',
  'REVERT_PREFERRED',
  'SCHEDULING',
] as const;

/** What Spot does to an Elastigroup by itself, and can be told not to do for a while. */
export type ElastigroupProcess = (typeof PROCESSES)[number];

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
  agentTimeout: v.optional(
    v.pipe(
      durationSchema,
      v.check((value) => Number.parseFloat(String(value)) !== 0, "a duration longer than none, such as '4m'"),
    ),
  ),
  onInterruption: v.optional(v.picklist(['replace', 'tolerate', 'unwind'])),
  strays: v.optional(v.picklist(['retire', 'release', 'fail'])),
  adopt: v.optional(v.boolean()),
  onSameRevision: v.optional(v.picklist(['deploy', 'skip'])),
  detach: v.optional(
    v.strictObject({
      terminate: v.optional(v.boolean()),
      decrementTargetCapacity: v.optional(v.boolean()),
      drainingTimeout: v.optional(durationSchema),
    }),
  ),
  suspend: v.optional(
    v.union(
      [
        v.literal('bake-only'),
        v.literal(false),
        v.strictObject({ processes: v.array(v.picklist(PROCESSES)), ttl: durationSchema }),
      ],
      `'bake-only', false, or { processes, ttl } with processes among ${PROCESSES.join(', ')} and a duration such as '2h'`,
    ),
  ),
  bake: v.optional(durationSchema),
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
