import type { BlueGreenErrorJson } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';
import { isOrder, type Direction, type JournalEntry, type Outcome } from './journal.js';
import type { ReceiptLine } from './receipt.js';
import type { LifecycleStage } from './stages.js';
import { takenUpAgain } from './taken-up-again.js';
import { goneOnWith, remembered, type DecidedTimeout, type RenewedClocks } from './timed-out.js';

export interface StepState {
  readonly status: 'running' | 'done' | 'skipped' | 'failed';
  readonly startedAt: number;
  /** Time that had been lost to suspension, over the whole rollout, when the step began. */
  readonly suspendedMsAtStart: number;
  readonly endedAt?: number;
  readonly output?: Json;
  readonly saw?: string;
  readonly sawAt?: number;
  readonly memo?: Json;
  /** The latest that was written down of what was seen, for machines. */
  readonly facts?: Json;
  readonly stage?: LifecycleStage;
  /** Of a wait: when it gives up, as it was told when it began. */
  readonly untilAt?: number;
  readonly error?: BlueGreenErrorJson;
  /** Its time was up, and it may go on: it has not begun anew yet. */
  readonly again?: true;
}

export interface OperationState {
  readonly status: 'intended' | 'done' | 'refused';
  readonly step: string;
  readonly token: string;
  readonly call: string;
  readonly driver: string;
  readonly intendedAt: number;
  readonly settleMs: number;
  readonly listedAfterMs: number;
  /** When its service answered; absent where what it did was looked for and found. */
  readonly answeredAt?: number;
  readonly result?: Json;
}

export interface GateAnswer {
  readonly answer: 'approved' | 'rejected';
  readonly by: string;
  readonly reason: string | undefined;
  /** The hash of what it was given for. */
  readonly evidence: string | undefined;
  readonly at: number;
}

/** Everything that a journal says, folded. */
export interface RolloutState {
  readonly rolloutId: string;
  readonly kind: string;
  readonly spec: Json;
  readonly specDigest: string;
  readonly fingerprint: ReadonlyArray<readonly [string, number]>;
  readonly targets: readonly string[];
  /** Names of the checks that guard the release. */
  readonly checks: readonly string[];
  /** Policies that are functions with a name, as `<option>/<name>`. */
  readonly policies: readonly string[];
  readonly startedAt: number;
  readonly lastEntryAt: number;
  readonly entries: number;
  /** Undefined while nobody drives. */
  readonly driver: string | undefined;
  /** Of the last entry that was not an order from outside: until then somebody drove. */
  readonly lastDrivenAt: number;
  readonly suspendedMs: number;
  readonly suspendedBecause: string | undefined;
  readonly steps: ReadonlyMap<string, StepState>;
  readonly undone: ReadonlyMap<string, StepState>;
  readonly operations: ReadonlyMap<string, OperationState>;
  readonly pivot: { readonly fact: string; readonly at: number } | undefined;
  /** An order that has not been answered yet. */
  readonly abort: { readonly by: string; readonly reason: string } | undefined;
  readonly abortRefused: string | undefined;
  /** A time that was up, with what was decided; until the rollout goes on. */
  readonly timedOut: DecidedTimeout | undefined;
  readonly timesHeld: number;
  readonly clocks: RenewedClocks;
  readonly gates: ReadonlyMap<string, GateAnswer>;
  /** Why it is going back; set once it is. */
  readonly unwinding: BlueGreenErrorJson | undefined;
  readonly warnings: ReadonlyArray<{ readonly code: string; readonly message: string }>;
  readonly finished:
    | {
        readonly outcome: Exclude<Outcome, 'suspended'>;
        readonly at: number;
        readonly lines: readonly ReceiptLine[];
        readonly error?: BlueGreenErrorJson;
      }
    | undefined;
}

export const EMPTY_ROLLOUT: RolloutState = Object.freeze({
  rolloutId: '',
  kind: '',
  spec: null,
  specDigest: '',
  fingerprint: [],
  targets: [],
  checks: [],
  policies: [],
  startedAt: 0,
  lastEntryAt: 0,
  entries: 0,
  driver: undefined,
  lastDrivenAt: 0,
  suspendedMs: 0,
  suspendedBecause: undefined,
  steps: new Map(),
  undone: new Map(),
  operations: new Map(),
  pivot: undefined,
  abort: undefined,
  abortRefused: undefined,
  timedOut: undefined,
  timesHeld: 0,
  clocks: { stages: new Map() },
  gates: new Map(),
  unwinding: undefined,
  warnings: [],
  finished: undefined,
});

export function foldJournal(entries: readonly JournalEntry[]): RolloutState {
  return entries.reduce(applyEntry, EMPTY_ROLLOUT);
}

export function applyEntry(before: RolloutState, entry: JournalEntry): RolloutState {
  return {
    ...before,
    ...change(before, entry),
    lastEntryAt: Math.max(before.lastEntryAt, entry.at),
    lastDrivenAt: isOrder(entry) ? before.lastDrivenAt : Math.max(before.lastDrivenAt, entry.at),
    entries: before.entries + 1,
  };
}

function change(state: RolloutState, entry: JournalEntry): Partial<RolloutState> {
  switch (entry.type) {
    case 'rollout-started': {
      const { rolloutId, kind, spec, specDigest, fingerprint, targets, checks = [], policies = [] } = entry;
      return { rolloutId, kind, spec, specDigest, fingerprint, targets, checks, policies, startedAt: entry.at };
    }
    case 'driver-started': {
      // Whether the driver before stopped in order or died, and whatever orders came in since: nobody drove.
      const suspendedMs = state.suspendedMs + Math.max(0, entry.at - state.lastDrivenAt);
      const { timedOut } = state;
      return {
        driver: entry.driver,
        suspendedBecause: undefined,
        fingerprint: entry.fingerprint ?? state.fingerprint,
        checks: entry.checks ?? state.checks,
        policies: entry.policies ?? state.policies,
        suspendedMs,
        ...(timedOut?.action === 'hold' ? goneOnWith(state, timedOut, { at: entry.at, suspendedMs }) : {}),
      };
    }
    case 'driver-stopped':
      return { driver: undefined, suspendedBecause: entry.because };
    case 'step-started':
      return withStep(state, entry.direction, entry.step, (before) => ({
        ...remembered(before),
        status: 'running',
        startedAt: entry.at,
        suspendedMsAtStart: state.suspendedMs,
        stage: entry.stage,
        ...(entry.untilAt === undefined ? {} : { untilAt: entry.untilAt }),
      }));
    case 'step-observed':
      return withStep(state, entry.direction, entry.step, (step) => ({
        ...step,
        saw: entry.saw,
        sawAt: entry.at,
        ...(entry.memo === undefined ? {} : { memo: entry.memo }),
        ...(entry.facts === undefined ? {} : { facts: entry.facts }),
      }));
    case 'step-done':
      return withStep(state, entry.direction, entry.step, (step) => ({
        ...step,
        status: 'done',
        endedAt: entry.at,
        output: entry.output,
      }));
    case 'step-skipped':
      return withStep(state, entry.direction, entry.step, (step) => ({
        ...step,
        status: 'skipped',
        endedAt: entry.at,
      }));
    case 'step-failed':
      return withStep(state, entry.direction, entry.step, (step) => ({
        ...step,
        status: 'failed',
        endedAt: entry.at,
        error: entry.error,
      }));
    case 'operation-intended': {
      const { step, token, call, driver, settleMs, listedAfterMs = 0 } = entry;
      return {
        operations: new Map(state.operations).set(entry.key, {
          status: 'intended',
          step,
          token,
          call,
          driver,
          settleMs,
          listedAfterMs,
          intendedAt: entry.at,
        }),
      };
    }
    case 'operation-done':
      return withOperation(state, entry.key, {
        status: 'done',
        result: entry.result,
        ...(entry.how === 'answered' ? { answeredAt: entry.at } : {}),
      });
    case 'operation-refused':
      return withOperation(state, entry.key, { status: 'refused' });
    case 'pivot-passed': {
      if (state.pivot !== undefined) return {};
      const pivot = { fact: entry.fact, at: entry.at };
      // From here on the only way is forward, whatever was under way.
      const forward = { pivot, unwinding: undefined, timedOut: undefined };
      if (entry.retries === undefined) return forward;
      const again = { status: 'running', startedAt: entry.at, suspendedMsAtStart: state.suspendedMs } as const;
      return { ...forward, ...withStep(state, 'forward', entry.retries, () => again) };
    }
    case 'abort-ordered':
      return { abort: { by: entry.by, reason: entry.reason } };
    case 'gate-answered': {
      const { gate, answer, by, reason, evidence } = entry;
      // The first answer stands.
      return state.gates.has(gate)
        ? {}
        : { gates: new Map(state.gates).set(gate, { answer, by, reason, evidence, at: entry.at }) };
    }
    case 'gate-answer-refused': {
      const gates = new Map(state.gates);
      gates.delete(entry.gate);
      return { gates };
    }
    case 'abort-refused':
      return { abort: undefined, abortRefused: entry.because };
    case 'timeout-decided': {
      const { action, scope, stage, error } = entry;
      return { timedOut: { action, scope, stage, error }, timesHeld: state.timesHeld + (action === 'hold' ? 1 : 0) };
    }
    case 'unwinding-started':
      return { unwinding: entry.error };
    case 'taken-up-again':
      return takenUpAgain(state, entry.at);
    case 'warned':
      return { warnings: [...state.warnings, { code: entry.code, message: entry.message }] };
    case 'finished': {
      const { outcome, lines, error } = entry;
      return {
        driver: undefined,
        finished: { outcome, lines, at: entry.at, ...(error === undefined ? {} : { error }) },
      };
    }
    default:
      return entry satisfies never;
  }
}

function withStep(
  state: RolloutState,
  direction: Direction,
  id: string,
  next: (step: StepState) => StepState,
): Partial<RolloutState> {
  const steps = direction === 'forward' ? state.steps : state.undone;
  const before = steps.get(id) ?? {
    status: 'running',
    startedAt: state.lastEntryAt,
    suspendedMsAtStart: state.suspendedMs,
  };
  const after = new Map(steps).set(id, next(before));
  return direction === 'forward' ? { steps: after } : { undone: after };
}

function withOperation(state: RolloutState, key: string, change: Partial<OperationState>): Partial<RolloutState> {
  const before = state.operations.get(key);
  return before === undefined ? {} : { operations: new Map(state.operations).set(key, { ...before, ...change }) };
}
