import type { Finding } from './steps/findings.js';
import type { Fleets } from './rollout-result.js';
import type { IamPolicy, SpotPolicy } from './engine/outlook.js';
import type { LifecycleStage } from './engine/stages.js';
import type { Json } from './internal/json.js';
import type { Kind } from './specs/parse-spec.js';

/** One step of a release, in the order in which a rollout comes to it. */
export interface RolloutPlanStep {
  /** As it stands in journals and events. */
  readonly id: string;
  readonly stage: LifecycleStage;
  /** `read` looks, `effect` changes something, `wait` looks until something has come about; a gate and a hook are asked. */
  readonly type: 'read' | 'effect' | 'wait' | 'gate' | 'hook';
  readonly title: string;
  /** The calls that it may make and that change something, such as `codedeploy createDeployment`. */
  readonly calls?: readonly string[];
  /**
   * How long it may take before the release is taken back, or fails past the pivot, in milliseconds; absent for what does
   * not wait, and where it is not known before the release runs.
   */
  readonly withinMs?: number;
  /** Present where it depends on what happens whether the step is needed. */
  readonly conditional?: true;
  /** Present where it is known already that it is not needed. */
  readonly skipped?: true;
}

/** A point at which somebody is asked. */
export interface RolloutPlanStop {
  readonly type: 'gate' | 'hook';
  readonly name: string;
  readonly stepId: string;
  readonly stage: LifecycleStage;
  /** Whether a no takes the release back there; false: a hook is only told. Absent where a refusal left that open. */
  readonly holds?: boolean;
  /** Why it does not hold. */
  readonly because?: string;
  /** How long an answer is waited for, in milliseconds. */
  readonly withinMs?: number;
}

/** How long and how much at most. */
export interface RolloutPlanBounds {
  /**
   * How long the whole may take before it is taken back, as long as the pivot is not passed; milliseconds. Absent where
   * there is no such limit: a gate stays open until somebody answers.
   */
  readonly rolloutTimeoutMs?: number;
  /** Spot's own limit for the deployment mode, in milliseconds; absent where a refusal left it open. */
  readonly modeTimeoutMs?: number;
  /**
   * Every wait, gate and hook at its longest, one after the other, in milliseconds; absent where one of them has no end, or
   * a refusal left it open.
   */
  readonly longestMs?: number;
  /** How many instances are to run beside blue, and for how long at most; absent where a refusal left it open. */
  readonly extraInstances?: { readonly count: number; readonly forAtMostMs: number };
}

/** A call that would change something, as it would go out. */
export interface RolloutPlanMutation {
  readonly stepId: string;
  /** As in the step's `calls`. */
  readonly call: string;
  readonly service: 'spot' | 'codedeploy' | 'ec2' | 'elbv2';
  /** For AWS the name of the API's operation. */
  readonly operation: string;
  /** Spot only: method and path; an id that is not known yet stands in braces. */
  readonly route?: string;
  /** For Spot the body of the request, for AWS the operation's input; null in the place of every field that is not known yet. */
  readonly body?: Json;
  /** What is known only later, and why: fields of the body, with dots between their names, and names in the route. */
  readonly notKnownYet?: ReadonlyArray<{ readonly field: string; readonly because: string }>;
  /** Present where it depends on what happens whether it is sent. */
  readonly ifNeeded?: true;
}

/**
 * How often an operation is called on the way forward. What is called again after a failed attempt, and pages of a list
 * after the first, come on top.
 */
export interface RolloutPlanCalls {
  readonly service: string;
  readonly operation: string;
  /** Where everything goes well, and each wait sees at its first look what it waits for. */
  readonly atLeast: number;
  /** With every wait at its longest, at the closest cadence of the polling policy; absent where a wait has no end. */
  readonly atMost?: number;
  /** The most that a minute of waiting takes, at the closest cadence; absent for what no wait asks. */
  readonly perMinuteOfWaiting?: number;
}

/** What the credentials must allow for this spec, on the way there and on the way back. */
export interface RolloutPlanPermissions {
  /** An IAM policy document, as narrow as AWS lets it be, and as the account is known. */
  readonly iam: IamPolicy;
  /**
   * The calls to Spot, and a policy in Spot's form that allows them. Spot does not publish which of its actions each call
   * asks for: the policy names this Elastigroup, and all that may be done to one.
   */
  readonly spot: {
    readonly calls: ReadonlyArray<{ readonly call: string; readonly route: string }>;
    readonly policy: SpotPolicy;
  };
}

/** What `deploy` would do with a spec now, as plain JSON. */
export interface RolloutPlan<K extends Kind = Kind> {
  /** The id that the plan was made with; `deploy(spec, { id })` with the same one makes the same green tags. */
  readonly rolloutId: string;
  readonly kind: K;
  /** What would be locked until the rollout ends. */
  readonly targets: readonly string[];
  /** False where `refusals` says why not. */
  readonly wouldStart: boolean;
  /** What would be captured as blue now; absent where a refusal came before that. */
  readonly blue?: Fleets[K];
  readonly greenTags: Readonly<Record<string, string>>;
  readonly steps: readonly RolloutPlanStep[];
  /** Where somebody can say no, or is told. */
  readonly stops: readonly RolloutPlanStop[];
  readonly bounds: RolloutPlanBounds;
  /** The calls that would change something, in their order, with their bodies. Empty where a refusal left them open. */
  readonly mutations: readonly RolloutPlanMutation[];
  /** The same for a way back: what may be sent only where the release is taken back. */
  readonly unwinding: readonly RolloutPlanMutation[];
  /** Empty where a refusal left them open. */
  readonly calls: readonly RolloutPlanCalls[];
  readonly permissions: RolloutPlanPermissions;
  readonly warnings: ReadonlyArray<{ readonly code: string; readonly message: string }>;
  readonly refusals: readonly Finding[];
}
