import type { BlueGreenErrorJson } from './errors/blue-green-error.js';
import type { ShownEvidence } from './engine/gate-evidence.js';
import type { Outcome } from './engine/journal.js';
import type { Plan } from './engine/plan.js';
import type { Receipt } from './engine/receipt.js';
import type { RolloutState } from './engine/rollout-state.js';
import type { LifecycleStage } from './engine/stages.js';
import type { Json } from './internal/json.js';
import type { Kind, RolloutSpec } from './specs/parse-spec.js';

/** An instance that was in the Elastigroup at the end, and was neither blue nor proven green. */
export interface Stray {
  readonly instanceId: string;
  readonly elastigroupId: string;
}

/** The fleets of each kind. */
export interface Fleets {
  readonly elastigroup: {
    readonly elastigroupId: string;
    readonly instanceIds: readonly string[];
    /** The tags that made green green. */
    readonly tags?: Readonly<Record<string, string>>;
  };
}

/** How a rollout ended, or that this process stopped driving it. */
export interface RolloutResult<K extends Kind = Kind> {
  readonly id: string;
  readonly kind: K;
  /**
   * `succeeded`: everything healthy in a production target group is proven green. `rolled-back`: as before, verified.
   * `refused`: nothing was touched. `failed`: neither could be reached; the receipt says what differs. `suspended`: this
   * process stopped driving; `resume` continues.
   */
  readonly outcome: Outcome;
  /** ISO time. */
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly blue?: Fleets[K];
  readonly green?: Fleets[K];
  readonly strays: readonly Stray[];
  readonly codeDeployDeploymentIds: readonly string[];
  readonly receipt: Receipt;
  readonly error?: BlueGreenErrorJson;
}

/** A gate that waits for an answer now, with what whoever answers should look at. */
export interface OpenGate {
  readonly name: string;
  readonly stage: LifecycleStage;
  /** ISO time at which it was reached. */
  readonly since: string;
  /**
   * ISO time after which nobody's answer is waited for any more, as it was foreseen when the gate was reached: a pause of
   * the rollout may move it. Absent where the gate stays open without end.
   */
  readonly untilAt?: string;
  /**
   * What is there: target health of blue and green, CodeDeploy's targets, alarms, checks, the percent of traffic on green
   * and the revision, as far as the stage has them. Absent until the first look.
   */
  readonly evidence?: Json;
  /** Names this evidence: for `approve(id, gate, { by, evidence: hash })`. */
  readonly hash?: string;
}

/** Where a rollout stands, told from its journal. */
export interface RolloutStatus {
  readonly id: string;
  readonly kind: Kind;
  /** What was asked for. `start(spec)` releases the same again, as another rollout. */
  readonly spec: RolloutSpec;
  /**
   * `running`: it has not ended, whether or not a process drives it: one that died without a word could not say so. `lastEntryAt` tells
   * when anything was last written about it. `suspended`: its last process said that it stopped.
   */
  readonly outcome: Outcome | 'running';
  readonly direction: 'forward' | 'undo';
  /** The step that runs, or ran last. */
  readonly step?: string;
  /** What that step last saw. */
  readonly saw?: string;
  readonly startedAt: string;
  readonly lastEntryAt: string;
  readonly finishedAt?: string;
  /** Once it has ended, as in its result. */
  readonly receipt?: Receipt;
  readonly pivotPassedAt?: string;
  /**
   * Who gave the order to abort, and why; absent once it was refused as too late. Whoever drives the rollout, or resumes it, obeys:
   * it goes back once `direction` is `undo`.
   */
  readonly abortOrdered?: { readonly by: string; readonly reason: string };
  /** When Spot ends the deployment mode by itself; ISO time. */
  readonly spotExpiresAt?: string;
  /** Gates that wait for an answer now. */
  readonly openGates: readonly string[];
  /** The same gates, with what is needed to answer them. */
  readonly gates: readonly OpenGate[];
  readonly warnings: ReadonlyArray<{ readonly code: string; readonly message: string }>;
  readonly error?: BlueGreenErrorJson;
}

const iso = (at: number): string => new Date(at).toISOString();

export function resultOf(plan: Plan, state: RolloutState, stoppedBy?: BlueGreenErrorJson): RolloutResult {
  const { finished } = state;
  const { blue, green, strays, codeDeployDeploymentIds } = plan.fleets(state);
  // A rollout that had failed, and could not be taken up again, is told by why that could not be; one that another process
  // has brought to its end meanwhile, by that end.
  const overtaken = finished !== undefined && stoppedBy?.code === 'LEASE_LOST';
  const error = (overtaken ? undefined : stoppedBy) ?? finished?.error;
  return {
    id: state.rolloutId,
    kind: state.kind as Kind,
    outcome: finished?.outcome ?? 'suspended',
    startedAt: iso(state.startedAt),
    ...(finished === undefined ? {} : { finishedAt: iso(finished.at) }),
    ...(blue === undefined ? {} : { blue: blue as unknown as Fleets[Kind] }),
    ...(green === undefined ? {} : { green: green as unknown as Fleets[Kind] }),
    strays: strays as unknown as readonly Stray[],
    codeDeployDeploymentIds,
    receipt: receiptOf(state),
    ...(error === undefined ? {} : { error }),
  };
}

function receiptOf({ pivot, finished }: RolloutState): Receipt {
  return { ...(pivot === undefined ? {} : { pivotPassedAt: iso(pivot.at) }), lines: finished?.lines ?? [] };
}

export function statusOf(state: RolloutState): RolloutStatus {
  const { finished, pivot, unwinding, abort } = state;
  const direction = unwinding === undefined ? 'forward' : 'undo';
  const steps = direction === 'forward' ? state.steps : state.undone;
  const [step, seen] = [...steps].filter(([, { status }]) => status !== 'skipped').at(-1) ?? [];
  const expiresAt = (state.steps.get('enter-deployment-mode')?.output as { spotExpiresAt?: number } | undefined)
    ?.spotExpiresAt;
  const gates = finished === undefined && unwinding === undefined ? openGates(state) : [];
  const held = state.timedOut?.action === 'hold' ? state.timedOut.error : undefined;
  const error = finished?.error ?? unwinding ?? held;
  return {
    id: state.rolloutId,
    kind: state.kind as Kind,
    spec: state.spec as unknown as RolloutSpec,
    outcome: finished?.outcome ?? (state.driver === undefined ? 'suspended' : 'running'),
    direction,
    ...(step === undefined ? {} : { step }),
    ...(seen?.saw === undefined ? {} : { saw: seen.saw }),
    startedAt: iso(state.startedAt),
    lastEntryAt: iso(state.lastEntryAt),
    ...(finished === undefined ? {} : { finishedAt: iso(finished.at), receipt: receiptOf(state) }),
    ...(pivot === undefined ? {} : { pivotPassedAt: iso(pivot.at) }),
    ...(abort === undefined ? {} : { abortOrdered: abort }),
    ...(expiresAt === undefined ? {} : { spotExpiresAt: iso(expiresAt) }),
    openGates: gates.map(({ name }) => name),
    gates,
    warnings: state.warnings,
    ...(error === undefined ? {} : { error }),
  };
}

const GATE = 'gate/';

function openGates({ steps }: RolloutState): readonly OpenGate[] {
  return [...steps].flatMap(([id, { status, stage, startedAt, untilAt, facts }]): OpenGate[] => {
    if (!id.startsWith(GATE) || status !== 'running' || stage === undefined) return [];
    const { evidence, hash } = (facts ?? {}) as Partial<ShownEvidence>;
    return [
      {
        name: id.slice(GATE.length),
        stage,
        since: iso(startedAt),
        ...(untilAt === undefined ? {} : { untilAt: iso(untilAt) }),
        ...(evidence === undefined ? {} : { evidence }),
        ...(hash === undefined ? {} : { hash }),
      },
    ];
  });
}
