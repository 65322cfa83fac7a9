import type { Finding } from './steps/findings.js';
import type { Fleets } from './rollout-result.js';
import type { LifecycleStage } from './engine/stages.js';
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
  readonly warnings: ReadonlyArray<{ readonly code: string; readonly message: string }>;
  readonly refusals: readonly Finding[];
}
