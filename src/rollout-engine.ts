import type { CallOptions } from './options.js';
import type { Rollout } from './rollout.js';
import type { RolloutResult, RolloutStatus } from './rollout-result.js';
import type { RolloutSpec } from './specs/parse-spec.js';

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
   * Goes on with a rollout that nobody drives any more.
   *
   * @throws ROLLOUT_UNKNOWN
   */
  resume(id: string, call?: CallOptions): Promise<Rollout>;
  /** Follows a rollout that another process drives. @throws ROLLOUT_UNKNOWN */
  watch(id: string): Promise<Rollout>;
  /** @throws ROLLOUT_UNKNOWN */
  status(id: string): Promise<RolloutStatus>;
  /** Every rollout in the store, oldest first. */
  list(): Promise<RolloutStatus[]>;
  /** @throws GATE_UNKNOWN */
  approve(id: string, gate: string, answer: { readonly by: string; readonly reason?: string }): Promise<void>;
  /** @throws GATE_UNKNOWN */
  reject(id: string, gate: string, answer: { readonly by: string; readonly reason: string }): Promise<void>;
  /** Takes a release back, unless blue can no longer carry the load. */
  abort(id: string, order: { readonly by: string; readonly reason: string }): Promise<'unwinding' | 'too-late'>;
  close(): Promise<void>;
}
