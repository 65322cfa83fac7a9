import type { Approval } from './answer-gate.js';
import type { CallOptions, PlanOptions } from './options.js';
import type { Rollout } from './rollout.js';
import type { RolloutPlan } from './rollout-plan.js';
import type { RolloutResult, RolloutStatus } from './rollout-result.js';
import type { RolloutSpec } from './specs/parse-spec.js';
import type { SweepOptions, SweepReport } from './sweep-report.js';
import type { CloudTrace } from './trace/cloud-trace.js';

/** What `BlueGreen` does, as an interface: for fakes in the tests of whoever embeds the library. */
export interface RolloutEngine {
  /**
   * Releases, and resolves for success alone.
   *
   * @throws whatever ended the rollout otherwise, as a `BlueGreenError` with `.result`
   */
  deploy<S extends RolloutSpec>(
    spec: S,
    call?: CallOptions,
  ): Promise<RolloutResult<S['kind']> & { outcome: 'succeeded' }>;
  /**
   * Starts a release, and resolves once it stands in the journal.
   *
   * @throws SPEC_INVALID
   * @throws ROLLOUT_ID_TAKEN
   */
  start<S extends RolloutSpec>(spec: S, call?: CallOptions): Promise<Rollout<S['kind']>>;
  /**
   * Goes on with a rollout that nobody drives any more. One that has failed is tried again: what still differs. One that
   * ended otherwise is only told.
   *
   * @throws ROLLOUT_UNKNOWN
   * @throws ROLLOUT_SUPERSEDED
   */
  resume(id: string, call?: CallOptions): Promise<Rollout>;
  /** Follows a rollout that another process drives. @throws ROLLOUT_UNKNOWN */
  watch(id: string): Promise<Rollout>;
  /**
   * What `deploy` would do now: looks with the reads that a rollout begins with, sends nothing that changes anything, and
   * writes nothing to the store. A refusal of preflight stands in the plan; whatever else would end a release at its
   * start rejects.
   *
   * @throws SPEC_INVALID
   */
  plan<S extends RolloutSpec>(spec: S, call?: PlanOptions): Promise<RolloutPlan<S['kind']>>;
  /** @throws ROLLOUT_UNKNOWN */
  status(id: string): Promise<RolloutStatus>;
  /**
   * What the clouds did during a rollout, as far as its drivers have written it down: every few minutes, and when they stop.
   *
   * @throws ROLLOUT_UNKNOWN
   */
  trace(id: string): Promise<CloudTrace>;
  /**
   * Every rollout in the store, oldest first. One whose journal cannot be read is left out, and told by the event
   * `store:journal:unreadable`.
   */
  list(): Promise<RolloutStatus[]>;
  /**
   * Says yes at a gate. With `evidence`, the hash from the gate's entry in the status, the yes is for that alone.
   *
   * @throws GATE_UNKNOWN
   * @throws EVIDENCE_REQUIRED
   * @throws EVIDENCE_STALE
   */
  approve(id: string, gate: string, answer: Approval): Promise<void>;
  /** @throws GATE_UNKNOWN */
  reject(id: string, gate: string, answer: { readonly by: string; readonly reason: string }): Promise<void>;
  /** Takes a release back, unless blue can no longer carry the load. */
  abort(id: string, order: { readonly by: string; readonly reason: string }): Promise<'unwinding' | 'too-late'>;
  /**
   * Looks for what dead rollouts left: green, deployment modes, CodeDeploy deployments, suspensions, locks and leases. A
   * rollout is dead when its lease is not renewed for a whole term, which is waited for.
   *
   * A dry run unless told otherwise. With `dryRun: false` every unfinished dead rollout is aborted and driven to its end by
   * its own rules, or forward where the pivot is passed; what a failed one left is only told.
   */
  sweep(options?: SweepOptions): Promise<SweepReport>;
  close(): Promise<void>;
}
