import type { BlueGreenError } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';
import type { PollingProgress } from '../policies/polling.js';
import type { Operation } from './effect.js';
import type { Direction } from './journal.js';
import type { RolloutState } from './rollout-state.js';
import type { LifecycleStage } from './stages.js';

/** What a step is given when it runs. */
export interface StepContext {
  readonly rolloutId: string;
  readonly direction: Direction;
  /** Ends when this process stops driving, and on the way forward when an order to abort arrives. */
  readonly signal: AbortSignal;
  /** Ends when the step is left for good; goes on while the engine turns to something else in between. */
  readonly lasting: AbortSignal;
  /** Engine time, epoch milliseconds. */
  now(): number;
  readonly state: RolloutState;
  /** What an earlier step of the same rollout answered; undefined if it has not run. */
  output<T>(stepId: string, direction?: Direction): T | undefined;
  /** Makes one mutating call, once. The only way to change anything in a cloud. */
  effect<T>(operation: Operation<T>): Promise<T>;
  warn(code: string, message: string): Promise<void>;
}

interface StepBasics {
  /** Permanent: it stands in journals. The file's name, or `<file>/<key>` for repeated ones. */
  readonly id: string;
  /** Goes up when what the step means to a journal changes. */
  readonly version: number;
  readonly stage: LifecycleStage;
  /** What it is doing, for a person who watches. */
  readonly title: string;
  /** False: skipped. Decided from the journal alone. */
  readonly when?: (state: RolloutState) => boolean;
}

/** Looks, answers JSON, changes nothing. */
export interface ReadStep extends StepBasics {
  readonly type: 'read';
  read(context: StepContext): Promise<unknown>;
}

/** Changes something, through `context.effect` alone, and does not wait for what follows from it. */
export interface EffectStep extends StepBasics {
  readonly type: 'effect';
  run(context: StepContext): Promise<unknown>;
  /** The mutating calls that it may make, in words, such as `codedeploy createDeployment`: for showing what a plan would do. */
  readonly calls?: readonly string[];
  /** What takes it back, in this order; runs whenever the step has begun. */
  readonly undo?: readonly Step[];
}

/** What one look told. A `pivot` names the fact after which blue can no longer carry the load. */
export type Verdict = { readonly pivot?: string | undefined } & (
  | {
      readonly pending: string;
      readonly memo?: unknown;
      /** What was seen, for machines: journalled with what is pending, and no more often. */
      readonly facts?: Json | undefined;
      readonly urgent?: boolean;
      /** Nothing is under way: an answer, or time itself, is waited for. */
      readonly holding?: boolean;
      readonly lookAgainInMs?: number | undefined;
      /** How far what is waited for has come, where that can be seen. */
      readonly progress?: PollingProgress | undefined;
      /** An answer that does not count after all: another one is waited for. */
      readonly refusesAnswer?: { readonly gate: string; readonly by: string; readonly because: string } | undefined;
    }
  | { readonly ready: unknown }
  | { readonly failed: BlueGreenError }
);

export interface Look {
  /** Engine time of the look. */
  readonly at: number;
  /** Since the step began, less the time that the rollout was suspended. */
  readonly elapsedMs: number;
  /** What the verdict before asked to be remembered. */
  readonly memo: unknown;
  /** The time is up: what is not ready now fails. */
  readonly last: boolean;
}

/** Looks again and again until something has come about. The engine owns the cadence. */
export interface WaitStep<O = unknown> extends StepBasics {
  readonly type: 'wait';
  observe(context: StepContext): Promise<O>;
  /** Method syntax: a plan holds waits of any observation. */
  judge(observation: O, look: Look, context: StepContext): Verdict;
  /** How long it may take, in milliseconds: a budget of ours, which pauses while the rollout is suspended. */
  within(context: StepContext): number;
  /** Engine time at which a cloud's own limit would end what is waited for: that one does not pause. */
  until?(context: StepContext): number | undefined;
  /** Where somebody's answer is waited for: what the answer names, and whether a yes has to say for which evidence. */
  readonly gate?: { readonly name: string; readonly evidence: 'required' | 'optional' };
}

export type Step = ReadStep | EffectStep | WaitStep;
