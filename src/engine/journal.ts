import type { BlueGreenErrorJson } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';
import type { TimedOut, TimeoutAction } from '../policies/timeout.js';
import type { ReceiptLine } from './receipt.js';
import type { LifecycleStage } from './stages.js';

/** The shape of entries that this version writes. */
export const JOURNAL_VERSION = 1;

export type Outcome = 'succeeded' | 'rolled-back' | 'refused' | 'failed' | 'suspended';

/** Forward is the release; undo is the way back. */
export type Direction = 'forward' | 'undo';

/** What happened, without its time: the closed union that every reader of a journal folds over. */
export type JournalFact =
  | {
      readonly type: 'rollout-started';
      readonly rolloutId: string;
      readonly kind: string;
      readonly spec: Json;
      /** Of the whole spec: the same id with another spec is refused. */
      readonly specDigest: string;
      /** Ordered `[stepId, stepVersion]` of the plan. */
      readonly fingerprint: ReadonlyArray<readonly [string, number]>;
      /** Locks held until the rollout ends. */
      readonly targets: readonly string[];
      readonly durable: boolean;
      /** Names of the checks that guard the release. */
      readonly checks?: readonly string[];
      /** Policies that were given as functions with a name, as `<option>/<name>`. */
      readonly policies?: readonly string[];
    }
  | {
      readonly type: 'driver-started';
      readonly driver: string;
      readonly resumed: boolean;
      /** Of the plan from here on, where another version of it goes on. */
      readonly fingerprint?: ReadonlyArray<readonly [string, number]>;
      /** Names of the checks from here on, where they are others. */
      readonly checks?: readonly string[];
      /** Policies from here on, where they are others. */
      readonly policies?: readonly string[];
    }
  | { readonly type: 'driver-stopped'; readonly driver: string; readonly because: string }
  | {
      readonly type: 'step-started';
      readonly step: string;
      readonly direction: Direction;
      readonly title: string;
      readonly stage: LifecycleStage;
      /** Of a wait: engine time at which it gives up, unless the rollout is suspended meanwhile. */
      readonly untilAt?: number;
    }
  | {
      readonly type: 'step-observed';
      readonly step: string;
      readonly direction: Direction;
      readonly saw: string;
      readonly memo?: Json;
      /** What was seen, for machines. */
      readonly facts?: Json;
    }
  | { readonly type: 'step-done'; readonly step: string; readonly direction: Direction; readonly output: Json }
  | { readonly type: 'step-skipped'; readonly step: string; readonly direction: Direction }
  | {
      readonly type: 'step-failed';
      readonly step: string;
      readonly direction: Direction;
      readonly error: BlueGreenErrorJson;
    }
  | {
      readonly type: 'operation-intended';
      readonly step: string;
      readonly key: string;
      /** How what the call made is found again when its answer is lost. */
      readonly token: string;
      /** How long the service may go on saying *absent* after it acted, in milliseconds. */
      readonly settleMs: number;
      /** How long after its answer what it made may be missing from the lists by which it is taken back, in milliseconds. */
      readonly listedAfterMs?: number;
      /** The call in words, such as `codedeploy createDeployment`. */
      readonly call: string;
      readonly driver: string;
    }
  | {
      readonly type: 'operation-done';
      readonly key: string;
      /** `answered`: the service said so. `found`: its answer was lost, what it did was found. `presumed`: could not be told; taken as done on the way back. */
      readonly how: 'answered' | 'found' | 'presumed';
      readonly result: Json;
    }
  /** The service certainly did not act. */
  | { readonly type: 'operation-refused'; readonly key: string; readonly error: BlueGreenErrorJson }
  /** `retries`: the step that had failed when the pivot was found to be passed, and gets another chance: the only way is forward. */
  | { readonly type: 'pivot-passed'; readonly fact: string; readonly retries?: string }
  | { readonly type: 'abort-ordered'; readonly by: string; readonly reason: string }
  | {
      readonly type: 'gate-answered';
      readonly gate: string;
      readonly answer: 'approved' | 'rejected';
      readonly by: string;
      readonly reason?: string;
      /** The hash of what the yes was given for. */
      readonly evidence?: string;
    }
  /** An answer that was written down does not count after all: the gate is open again. */
  | { readonly type: 'gate-answer-refused'; readonly gate: string; readonly by: string; readonly because: string }
  | { readonly type: 'abort-refused'; readonly because: string }
  /** A time of ours was up, and what becomes of it: whoever drives obeys, a resume too. */
  | {
      readonly type: 'timeout-decided';
      readonly action: TimeoutAction;
      readonly scope: TimedOut['scope'];
      /** Of a stage whose time was up. */
      readonly stage?: LifecycleStage;
      readonly error: BlueGreenErrorJson;
      /** The policy that decided, by its name. */
      readonly by: string;
      /** Why it is not what the policy should have said. */
      readonly because?: string;
    }
  | { readonly type: 'unwinding-started'; readonly error: BlueGreenErrorJson }
  /** A rollout that had failed is tried again: what it had not reached, or not put back. */
  | { readonly type: 'taken-up-again' }
  | { readonly type: 'warned'; readonly code: string; readonly message: string }
  | {
      readonly type: 'finished';
      readonly outcome: Exclude<Outcome, 'suspended'>;
      readonly lines: readonly ReceiptLine[];
      readonly error?: BlueGreenErrorJson;
    };

export type JournalEntry = JournalFact & {
  readonly v: number;
  /** Engine time, epoch milliseconds: never earlier than the entry before. */
  readonly at: number;
};

const ORDERS: ReadonlySet<JournalFact['type']> = new Set(['abort-ordered', 'gate-answered']);

/** Whether a process other than the driver may write this. */
export function isOrder({ type }: JournalFact): boolean {
  return ORDERS.has(type);
}

const TYPES: ReadonlySet<string> = new Set(
  Object.keys({
    'rollout-started': true,
    'driver-started': true,
    'driver-stopped': true,
    'step-started': true,
    'step-observed': true,
    'step-done': true,
    'step-skipped': true,
    'step-failed': true,
    'operation-intended': true,
    'operation-done': true,
    'operation-refused': true,
    'pivot-passed': true,
    'abort-ordered': true,
    'gate-answered': true,
    'gate-answer-refused': true,
    'abort-refused': true,
    'timeout-decided': true,
    'unwinding-started': true,
    'taken-up-again': true,
    warned: true,
    finished: true,
  } satisfies Record<JournalFact['type'], true>),
);

/** Whether this version knows what the entry means. */
export const isKnownType = (type: unknown): boolean => typeof type === 'string' && TYPES.has(type);
