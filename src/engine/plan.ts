import type { Json } from '../internal/json.js';
import type { Leftover, Outlook } from './outlook.js';
import type { ReceiptLine } from './receipt.js';
import type { RolloutState } from './rollout-state.js';
import type { EffectStep, ReadStep, Step, StepContext, WaitStep } from './step.js';
import type { WhenBusy } from './turns.js';

/** The ordered steps for one kind, with what the engine must know about going back. */
export interface Plan {
  readonly kind: string;
  readonly spec: Json;
  readonly steps: readonly Step[];
  /**
   * What has to be done again and again while the steps before the way back go on, such as renewing what would lapse:
   * the next such step, and when it is due. It interrupts waits, and is no part of the fingerprint.
   */
  readonly upkeep?: (state: RolloutState) => { readonly step: EffectStep; readonly dueAt: number } | undefined;
  /** Names of the checks that guard it. */
  readonly checks?: readonly string[];
  /** Policies that are functions with a name, as `<option>/<name>`. */
  readonly policies?: readonly string[];
  /** What it works on: locked for as long as the rollout lasts. */
  readonly targets: readonly string[];
  /** What it does where another rollout is at work on one of them: `fail` unless it says otherwise. */
  readonly whenBusy?: WhenBusy;
  /** How long the whole may take before it is taken back, in milliseconds. */
  readonly withinMs: number;
  /** Refuses a resume that cannot read what the start captured. */
  readonly readAnchors: (context: StepContext) => Promise<void>;
  /** Looks at the cloud for the first fact after which blue can no longer carry the load; undefined: not yet. */
  readonly observePivot: (context: StepContext) => Promise<string | undefined>;
  /** Ends every way back: compares with the snapshot. Answers receipt lines. */
  readonly verifyRestored: WaitStep | ReadStep;
  /** Ends a rollout that failed past the pivot: says what is not as it should be, touches nothing. */
  readonly takeStock: ReadStep;
  readonly fleets: (state: RolloutState) => PlanFleets;
  /** What can be foreseen from what the first looks answered; asked before they are done too. */
  readonly foresee: (context: StepContext) => Outlook;
  /** What the rollout may have left in the clouds and what stands there now. Looks only. */
  readonly findLeftovers: (context: StepContext) => Promise<readonly Leftover[]>;
}

export interface PlanFleets {
  readonly blue?: Json;
  readonly green?: Json;
  readonly strays: readonly Json[];
  readonly codeDeployDeploymentIds: readonly string[];
  /** Lines that a success proves. */
  readonly lines: readonly ReceiptLine[];
}

/** The undo steps that are due, in their order: of the last effect that began, first. */
export function undoStepsOf(plan: Plan, state: RolloutState): readonly Step[] {
  return plan.steps
    .filter((step): step is EffectStep => step.type === 'effect' && hasBegun(state, step.id))
    .reverse()
    .flatMap((step) => step.undo ?? []);
}

function hasBegun(state: RolloutState, stepId: string): boolean {
  const step = state.steps.get(stepId);
  return step !== undefined && step.status !== 'skipped';
}

/** True when a mutating call may have gone out. */
export function anythingIntended(state: RolloutState): boolean {
  return state.operations.size > 0;
}
